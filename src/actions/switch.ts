import { z } from 'zod';
import type { Kind, Store } from '../store/store.ts';

/** Who last turned the switch, when, and how it stands since. */
export type SwitchState = Readonly<z.infer<typeof switchState>>;
const switchState = z.object({ isStopped: z.boolean(), by: z.string(), atMs: z.number() });

/** One for everything, under the key `all`. */
const switchKind: Kind<SwitchState> = { name: 'action-switch', schema: switchState };
const key = 'all';

/** The administrators' switch: while it stands on stop, nothing that changes a server is offered or done. */
export interface ActionSwitch {
  /** Undefined where nobody ever turned it: actions go. */
  state(): Promise<SwitchState | undefined>;
  turn(isStopped: boolean, by: string): Promise<void>;
}

export function createActionSwitch(store: Store, now: () => number = Date.now): ActionSwitch {
  return {
    state: () => store.get(switchKind, key),
    turn: (isStopped, by) => store.put(switchKind, key, { isStopped, by, atMs: now() }),
  };
}
