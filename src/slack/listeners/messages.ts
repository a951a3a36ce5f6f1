import type { App } from '@slack/bolt';
import type { Desk } from '../desk.ts';
import { readText } from '../escape.ts';
import { sharedRefusal } from '../shared-channels.ts';

/** What of an event decides whether and where it is answered. */
interface Said {
  readonly text?: string;
  readonly user?: string;
  readonly ts?: string;
  readonly thread_ts?: string;
  readonly channel?: string;
  readonly channel_type?: string;
  readonly subtype?: string;
  readonly bot_id?: string;
  readonly edited?: unknown;
}

interface Envelope {
  readonly event_id?: string;
  readonly team_id?: string;
  readonly context_team_id?: string;
  readonly is_ext_shared_channel?: boolean;
}

/**
 * Mentions, thread replies without a mention in threads that we own, and direct messages. Bolt has acknowledged before a
 * listener runs; the work is done at the desk. A mention inside an owned thread arrives twice and is answered once.
 */
export function registerMessages(app: App, desk: Desk): void {
  app.event('app_mention', async ({ event, body }) => {
    const said = event as Said;
    if (!isPerson(said)) return;
    take(said, body as Envelope, desk);
  });
  app.event('message', async ({ event, body }) => {
    const said = event as Said;
    if (!isPerson(said)) return;
    const envelope = body as Envelope;
    if (said.channel_type === 'im') return take(said, envelope, desk);
    // A mention arrives as app_mention too, which answers it; a reply without one is ours only in our own threads.
    if (said.thread_ts === undefined || said.text?.includes(`<@${desk.parts.botUserId}`)) return;
    if (await desk.owns(envelope.team_id ?? '', String(said.channel), said.thread_ts)) take(said, envelope, desk);
  });
}

/** Every envelope tells whether its channel is shared with another organisation; commands do not. */
export function noteSharedChannels(app: App, desk: Desk): void {
  app.use(async ({ body, next }) => {
    const { event, is_ext_shared_channel: isShared } = body as Envelope & { readonly event?: Said };
    if (typeof event?.channel === 'string' && typeof isShared === 'boolean') desk.shared.note(event.channel, isShared);
    await next();
  });
}

/** A message that a person has just written; what Slack sends is checked, not trusted. */
function isPerson(said: Said): boolean {
  const isPlain = said.subtype === undefined || said.subtype === 'file_share' || said.subtype === 'thread_broadcast';
  const isWhole = [said.user, said.ts, said.channel].every((part) => typeof part === 'string' && part !== '');
  const isReadable =
    ['string', 'undefined'].includes(typeof said.text) && ['string', 'undefined'].includes(typeof said.thread_ts);
  return isPlain && isWhole && isReadable && said.bot_id === undefined && said.edited === undefined;
}

function take(said: Said, envelope: Envelope, desk: Desk): void {
  const { channel, ts, user } = said as Required<Said>;
  if (!desk.seen.first(envelope.event_id && `${envelope.team_id} ${envelope.event_id}`, `${channel} ${ts}`)) return;
  if (envelope.is_ext_shared_channel === true) {
    const thread = said.thread_ts === undefined ? {} : { thread_ts: said.thread_ts };
    desk.parts.client.chat
      .postEphemeral({ channel, user, text: sharedRefusal, ...thread })
      .catch((error: unknown) => desk.parts.log.warn({ err: error }, 'a refusal could not be shown'));
    return;
  }
  desk.ask({
    team: envelope.team_id ?? '',
    channel,
    threadTs: said.thread_ts ?? ts,
    text: readText(said.text ?? '', desk.parts.botUserId),
    user,
  });
}
