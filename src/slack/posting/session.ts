import type { WebClient } from '@slack/web-api';
import type { Log } from '../../log.ts';
import { type Place, slackErrorOf } from './posting.ts';

export interface SessionParts {
  readonly eagerClient: WebClient;
  readonly log: Log;
  background(work: Promise<unknown>): void;
}

const maxTitleCharacters = 200;

/**
 * Tells Slack that an agent works in a thread, or no longer: it shows a line that moves, and its own Stop button.
 * Nice to have: nothing waits for it, and a workspace in which we are no agent goes without.
 */
export function markSession(
  { channel, threadTs }: Place,
  status: 'processing' | 'active' | 'suspended',
  asked: { readonly user: string | undefined; readonly text: string },
  { eagerClient: client, log, background }: SessionParts,
): void {
  if (threadTs === undefined) return;
  const where = { channel_id: channel, thread_ts: threadTs };
  const title = asked.text.slice(0, maxTitleCharacters);
  const initiator = asked.user === undefined ? {} : { initiator_user_id: asked.user };
  const calls = [
    client.agents.sessions.setStatus({ ...where, status, ...(title ? { title } : {}), ...initiator }),
    ...(status === 'processing'
      ? [client.assistant.threads.setStatus({ ...where, status: 'is choosing what to check…' })]
      : []),
  ];
  for (const call of calls) {
    background(
      call.catch((error: unknown) => log.debug({ error: slackErrorOf(error) }, 'a session status was not taken')),
    );
  }
}
