import type { Lab } from '../lab.ts';
import type { Channel, User } from '../nouns.ts';
import type { ViewStates } from './modal.ts';

/** What a person's client knows: who they are and what they have typed into modals so far. */
export interface Client {
  readonly lab: Lab;
  readonly user: User;
  /** By id or name; throws when there is none. */
  channel(idOrName: string): Channel;
  readonly viewStates: ViewStates;
}

/** A thread by any of its messages, or by its root's ts. */
export interface ThreadReference {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string | undefined;
}
