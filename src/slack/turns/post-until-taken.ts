import type { WebClient } from '@slack/web-api';
import type { Log } from '../../log.ts';
import { isClosed, type Place, postedKeys, readMessages, slackErrorOf } from '../posting/posting.ts';
import type { DeliveryKey } from '../report/deliver.ts';

/** Between attempts, besides those of the client; about ten minutes in all. */
const pausesMs = [2_000, 5_000, 15_000, 30_000, 60_000, 60_000, 120_000, 150_000, 150_000];

/** Slack's own troubles; any other error that has a name stays as it is. */
const passing = ['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout', 'ratelimited'];

/** A process that ends stopped trying; what is not posted is left for the next one. */
export class NotTaken extends Error {
  constructor(cause: unknown) {
    super('Slack did not take a report before the process ended', { cause });
  }
}

interface Parts {
  readonly client: WebClient;
  readonly log: Log;
  /** Aborted when the process ends. */
  readonly closing: AbortSignal;
}

/**
 * Posts what was found out although Slack takes nothing for a while: it pauses, looks for what arrived after all, and posts
 * the rest. Rejects where the place is closed or Slack refuses for good, with NotTaken when the process ends.
 */
export async function postUntilTaken(
  post: (as: DeliveryKey) => Promise<void>,
  place: Place,
  key: string,
  { client, log, closing }: Parts,
): Promise<void> {
  const beganMs = Date.now();
  let as: DeliveryKey = { key };
  for (const pauseMs of [...pausesMs, undefined]) {
    try {
      return await post(as);
    } catch (error) {
      const name = slackErrorOf(error);
      if (isClosed(error) || pauseMs === undefined) throw error;
      if (name !== undefined && !passing.includes(name)) throw error;
      log.warn({ err: error, pauseMs }, 'Slack did not take a report; it is tried again');
      if (!closing.aborted) await pause(pauseMs, closing);
      if (closing.aborted) throw new NotTaken(error);
    }
    const said = await readMessages(client, place, beganMs).catch(() => undefined);
    if (said) as = { key, posted: postedKeys(said) };
  }
}

async function pause(ms: number, over: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  const end = () => resolve();
  over.addEventListener('abort', end, { once: true });
  await promise;
  clearTimeout(timer);
  over.removeEventListener('abort', end);
}
