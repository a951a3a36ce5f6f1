import { z } from 'zod';
import { durationInWords } from '../report/units.ts';
import type { Kind, Store } from '../store/store.ts';

/** What somebody usually means and wants to read; nothing of it is guessed, all of it was asked for. */
export type Preferences = Readonly<z.infer<typeof preferences>>;
const preferences = z.object({
  /** The target that a question without one is about. */
  target: z.string().exactOptional(),
  /** How far back a question without a window looks. */
  hours: z.number().positive().exactOptional(),
  verbosity: z.enum(['brief', 'normal', 'full']).exactOptional(),
});

/** Under `person TEAM:USER CHANNEL` and `channel TEAM:CHANNEL`. */
const preferencesKind: Kind<Preferences> = { name: 'preferences', schema: preferences };

export interface Asker {
  readonly team: string;
  readonly channel: string;
  /** Undefined where nobody in person asks: only the channel's preferences hold then. */
  readonly user: string | undefined;
}

/** Whose preferences are meant: one's own in this channel, or those of everybody in it. */
export type Scope = 'person' | 'channel';

export interface PreferenceBook {
  /** What holds for this person here: their own before the channel's. */
  of(asker: Asker): Promise<Preferences>;
  /** Each by itself. */
  apart(asker: Asker): Promise<Readonly<Record<Scope, Preferences>>>;
  /** One's own of every channel. */
  everywhere(asker: Asker): Promise<readonly Preferences[]>;
  set(asker: Asker, scope: Scope, change: Preferences): Promise<void>;
  /** Forgets one's own in every channel, or the channel's; only `field` where one is given. */
  forget(asker: Asker, scope: Scope, field?: keyof Preferences): Promise<void>;
}

export function createPreferenceBook(store: Store): PreferenceBook {
  async function apart(asker: Asker): Promise<Readonly<Record<Scope, Preferences>>> {
    const person = asker.user === undefined ? undefined : await store.get(preferencesKind, keyOf(asker, 'person'));
    return { person: person ?? {}, channel: (await store.get(preferencesKind, keyOf(asker, 'channel'))) ?? {} };
  }

  return {
    apart,
    async of(asker) {
      const { person, channel } = await apart(asker);
      return { ...channel, ...person };
    },
    async everywhere(asker) {
      const stored = await store.list(preferencesKind, { prefix: personPrefix(asker) });
      return stored.map(({ value }) => value).filter((value) => preferencesInWords(value) !== '');
    },
    async set(asker, scope, change) {
      await store.update(preferencesKind, keyOf(asker, scope), (now) => ({ ...now, ...change }));
    },
    async forget(asker, scope, field) {
      const keys =
        scope === 'channel'
          ? [keyOf(asker, scope)]
          : (await store.list(preferencesKind, { prefix: personPrefix(asker) })).map(({ key }) => key);
      for (const key of keys) {
        if (field === undefined) await store.remove(preferencesKind, key);
        else
          await store.update(preferencesKind, key, (now) => {
            const { [field]: _, ...rest } = now ?? {};
            return rest;
          });
      }
    },
  };
}

function personPrefix({ team, user }: Asker): string {
  return `person ${team}:${user} `;
}

function keyOf(asker: Asker, scope: Scope): string {
  return scope === 'person' ? `${personPrefix(asker)}${asker.channel}` : `channel ${asker.team}:${asker.channel}`;
}

/** "target orders-prod, window 6 h, brief reports" */
export function preferencesInWords({ target, hours, verbosity }: Preferences): string {
  return [
    ...(target === undefined ? [] : [`target ${target}`]),
    ...(hours === undefined ? [] : [`window ${durationInWords(hours * 3_600)}`]),
    ...(verbosity === undefined ? [] : [`${verbosity} reports`]),
  ].join(', ');
}
