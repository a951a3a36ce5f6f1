import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import type { Log } from '../log.ts';
import { slackErrorOf } from './posting/posting.ts';

/** Which channels are shared with another organisation (Slack Connect): facts about databases must not be posted there. */
export interface SharedChannels {
  /** What an event's envelope said of its channel. */
  note(channel: string, isShared: boolean): void;
  /** Whether questions are refused there, as far as envelopes have told. */
  isKnownRefused(channel: string): Promise<boolean>;
  /** The same; asks Slack where no envelope has told. A missing scope counts as not shared until an envelope tells. */
  isRefused(channel: string): Promise<boolean>;
}

const rememberMs = 10 * 60_000;

export const sharedRefusal =
  'Facts about databases are not posted in channels that are shared with other organisations. Ask in an internal channel or directly.';

/** `isAllowed`: the configuration names the channel as one that is answered all the same. */
export function createSharedChannels(
  client: WebClient,
  isAllowed: (channel: string) => Promise<boolean>,
  log: Log,
): SharedChannels {
  const known = new LRUCache<string, boolean>({ max: 5_000, ttl: rememberMs });

  async function isShared(channel: string): Promise<boolean> {
    const told = known.get(channel);
    if (told !== undefined || channel.startsWith('D')) return told ?? false;
    try {
      const { channel: info } = await client.conversations.info({ channel });
      const isStrange = info?.is_ext_shared === true || info?.is_pending_ext_shared === true;
      known.set(channel, isStrange);
      return isStrange;
    } catch (error) {
      log.debug({ error: slackErrorOf(error) }, 'a channel could not be looked at');
      return false;
    }
  }

  return {
    note: (channel, isStrange) => void known.set(channel, isStrange),
    isKnownRefused: async (channel) => known.get(channel) === true && !(await isAllowed(channel)),
    isRefused: async (channel) => (await isShared(channel)) && !(await isAllowed(channel)),
  };
}
