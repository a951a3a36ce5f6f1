import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import type { Log } from '../log.ts';
import { slackErrorOf } from './posting.ts';

/** Which channels are shared with another organisation (Slack Connect): facts about databases must not be posted there. */
export interface SharedChannels {
  /** What an event's envelope said of its channel. */
  note(channel: string, isShared: boolean): void;
  /** Whether an envelope has said so already. */
  isKnownShared(channel: string): boolean;
  /** Asks Slack where no envelope has told; a missing scope counts as not shared until an envelope tells. */
  isShared(channel: string): Promise<boolean>;
}

const rememberMs = 10 * 60_000;

export const sharedRefusal =
  'Facts about databases are not posted in channels that are shared with other organisations. Ask in an internal channel or directly.';

export function createSharedChannels(client: WebClient, log: Log): SharedChannels {
  const known = new LRUCache<string, boolean>({ max: 5_000, ttl: rememberMs });
  return {
    note: (channel, isShared) => void known.set(channel, isShared),
    isKnownShared: (channel) => known.get(channel) ?? false,
    async isShared(channel) {
      const told = known.get(channel);
      if (told !== undefined || channel.startsWith('D')) return told ?? false;
      try {
        const { channel: info } = await client.conversations.info({ channel });
        const isShared = info?.is_ext_shared === true || info?.is_pending_ext_shared === true;
        known.set(channel, isShared);
        return isShared;
      } catch (error) {
        log.debug({ error: slackErrorOf(error) }, 'a channel could not be looked at');
        return false;
      }
    },
  };
}
