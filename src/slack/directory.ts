import type { WebClient } from '@slack/web-api';
import { LRUCache } from 'lru-cache';
import type { Directory } from '../actions/access.ts';

/** usergroups.users.list may be called about 20 times a minute. */
const rememberMs = 60_000;

/** The workspace as access rules ask for it, remembered for a minute. Needs usergroups:read, channels:read, groups:read, users:read. */
export function createDirectory(client: WebClient): Directory {
  const members = new LRUCache<string, Promise<ReadonlySet<string>>>({ max: 500, ttl: rememberMs });
  const names = new LRUCache<string, Promise<string | undefined>>({ max: 5_000, ttl: rememberMs });
  const handles = new LRUCache<'all', Promise<ReadonlyMap<string, string>>>({ max: 1, ttl: rememberMs });
  const administrators = new LRUCache<string, Promise<boolean>>({ max: 5_000, ttl: rememberMs });

  async function groupIds(): Promise<ReadonlyMap<string, string>> {
    const { usergroups = [] } = await client.usergroups.list();
    return new Map(usergroups.map(({ handle, id }) => [String(handle), String(id)]));
  }

  async function askMembers(group: string): Promise<ReadonlySet<string>> {
    const id = /^S[A-Z0-9]+$/.test(group)
      ? group
      : (await remembered(handles, 'all', groupIds)).get(group.replace(/^@/, ''));
    if (id === undefined) return new Set();
    const { users = [] } = await client.usergroups.users.list({ usergroup: id });
    return new Set(users);
  }

  return {
    membersOf(group, { fresh = false } = {}) {
      if (fresh) members.delete(group);
      return remembered(members, group, () => askMembers(group));
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

/** Asks once for all who want to know at the same time; a failure is not remembered. */
function remembered<K extends string, V>(cache: LRUCache<K, Promise<V>>, key: K, ask: () => Promise<V>): Promise<V> {
  const known = cache.get(key);
  if (known) return known;
  const asked = ask();
  cache.set(key, asked);
  asked.catch(() => cache.delete(key));
  return asked;
}
