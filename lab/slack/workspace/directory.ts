import type { Lab } from '../lab.ts';
import type { Channel, User } from '../nouns.ts';

/** Finds by id or name and throws when there is none: a misspelt name in a test must not pass for an empty channel. */
export interface Directory {
  channel(idOrName: string): Channel;
  user(idOrName: string): User;
}

export function createDirectory({ state }: Pick<Lab, 'state'>): Directory {
  return {
    channel(name) {
      const wanted = name.replace(/^#/, '');
      const channel = state.channels.get(wanted) ?? [...state.channels.values()].find((other) => other.name === wanted);
      if (channel === undefined) throw new Error(`the workspace has no channel "${name}"`);
      return channel;
    },
    user(name) {
      const user = state.users.get(name) ?? [...state.users.values()].find((other) => other.name === name);
      if (user === undefined) throw new Error(`the workspace has no user "${name}"`);
      return user;
    },
  };
}
