import type { Client } from './client.ts';
import { createPresence, type Presence } from './presence.ts';
import { createUsing, type Using } from './using.ts';
import { createWriting, type Writing } from './writing.ts';

/** A person at their Slack client. What they do goes to the app at once. Channels are named by id or name. */
export interface Person extends Writing, Using, Presence {
  readonly id: string;
}

export function createPerson(client: Client): Person {
  return { id: client.user.id, ...createWriting(client), ...createUsing(client), ...createPresence(client) };
}
