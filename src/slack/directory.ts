import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import type { Directory } from '../actions/access.ts';
import type { Log } from '../log.ts';
import { slackErrorOf } from './posting/posting.ts';

/** usergroups.users.list may be called about 20 times a minute. */
const rememberMs = 60_000;
/** While Slack does not answer, a group that was known this long ago still counts, but not to change a server. */
const staleMs = 10 * 60_000;

/**
 * The workspace as access rules ask for it, remembered for a minute. The client does not wait where Slack asks for a pause.
 * Needs the scopes usergroups:read, channels:read, groups:read and users:read, each for the rules that rest on it.
 */
export function createDirectory(client: WebClient, log: Log): Directory {
  const members = cache<ReadonlySet<string>>();
  const formerMembers = new LRUCache<string, ReadonlySet<string>>({ max: 5_000, ttl: staleMs });
  const names = cache<string | undefined>();
  const handles = cache<ReadonlyMap<string, string>>();
  const administrators = cache<boolean>();

  /** Asks once for all who want to know at the same time; a failure is not remembered. */
  function remembered<V>(known: LRUCache<string, Promise<V>>, key: string, ask: () => Promise<V>): Promise<V> {
    const found = known.get(key);
    if (found) return found;
    const asked = ask();
    known.set(key, asked);
    asked.catch((error: unknown) => {
      known.delete(key);
      log.warn({ error: slackErrorOf(error), about: key }, 'an access rule could not be looked up; it does not allow');
    });
    return asked;
  }

  async function askHandles(): Promise<ReadonlyMap<string, string>> {
    const { usergroups = [] } = await client.usergroups.list();
    return new Map(usergroups.map(({ handle, id }) => [String(handle), String(id)]));
  }

  async function askMembers(group: string): Promise<ReadonlySet<string>> {
    const isId = /^S[A-Z0-9]+$/.test(group);
    const id = isId ? group : (await remembered(handles, 'handles', askHandles)).get(group.replace(/^@/, ''));
    if (id === undefined) return new Set();
    const { users = [] } = await client.usergroups.users.list({ usergroup: id });
    formerMembers.set(group, new Set(users));
    return new Set(users);
  }

  return {
    async membersOf(group, { fresh = false } = {}) {
      if (fresh) members.delete(group);
      try {
        return await remembered(members, group, () => askMembers(group));
      } catch (error) {
        const former = fresh ? undefined : formerMembers.get(group);
        if (former) return former;
        throw error;
      }
    },
    nameOf: (channel) =>
      remembered(names, channel, async () => (await client.conversations.info({ channel })).channel?.name),
    isWorkspaceAdministrator: (user) =>
      remembered(administrators, user, async () => {
        const { user: person } = await client.users.info({ user });
        return person?.is_admin === true || person?.is_owner === true;
      }),
  };
}

function cache<V>(): LRUCache<string, Promise<V>> {
  return new LRUCache<string, Promise<V>>({ max: 5_000, ttl: rememberMs });
}
