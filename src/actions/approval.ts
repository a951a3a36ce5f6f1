import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Kind, Store } from '../store/store.ts';

const person = z.object({ id: z.string(), name: z.string() });
export type Approver = Readonly<z.infer<typeof person>>;

/**
 * One kill on its way: offered ▸ (waiting for a second person) ▸ executing ▸ done. Buttons hold its key and nothing else.
 * `refused` and `failed` are ends too; nothing ever leaves an end.
 */
export type Approval = Readonly<z.infer<typeof approval>>;
const approval = z.object({
  state: z.enum(['offered', 'waiting', 'executing', 'done', 'failed', 'refused']),
  target: z.string(),
  kill: z.object({
    kind: z.enum(['query', 'connection']),
    thread: z.number(),
    queryId: z.number(),
    user: z.string(),
    host: z.string(),
    seconds: z.number(),
  }),
  /** The finding that justifies it. */
  finding: z.object({
    code: z.string(),
    subject: z.string(),
    title: z.string(),
    waiters: z.number(),
    isSure: z.boolean(),
  }),
  team: z.string(),
  channel: z.string(),
  threadTs: z.string(),
  /** The messages whose buttons belong to it. */
  messages: z.array(z.string()),
  expiresAtMs: z.number(),
  first: person.exactOptional(),
  second: person.exactOptional(),
  /** The process that executes it. */
  owner: z.string().exactOptional(),
});

export type ApprovalState = Approval['state'];

const approvalKind: Kind<Approval> = { name: 'approval', schema: approval, keepDays: 90 };

export interface Approvals {
  /** Stores a new offer and gives its key, which nobody can guess. */
  offer(offer: Omit<Approval, 'state' | 'messages'>): Promise<string>;
  get(id: string): Promise<Approval | undefined>;
  /**
   * Goes from one state to the next: for exactly one of several callers, in whatever process. Undefined for all others,
   * and for everybody where its time is over.
   */
  advance(
    id: string,
    from: ApprovalState,
    change: Partial<Approval> & { readonly state: ApprovalState },
  ): Promise<Approval | undefined>;
  /** Remembers a message with a button of it. */
  addMessage(id: string, ts: string): Promise<void>;
  /** Those that a process was executing when it ended. */
  interrupted(isAlive: (owner: string) => Promise<boolean>): Promise<readonly { id: string; approval: Approval }[]>;
}

/** 144 bits. */
const keyBytes = 18;
const keyForm = /^[\w-]{24}$/;
/** Those last written: what is being executed was written a moment ago. */
const searched = 50;
/** States in which time matters: what is being done is finished, whenever that is. */
const perishable: readonly ApprovalState[] = ['offered', 'waiting'];

export function createApprovals(store: Store, now: () => number = Date.now): Approvals {
  return {
    async offer(offer) {
      const id = randomBytes(keyBytes).toString('base64url');
      await store.put(approvalKind, id, { ...offer, state: 'offered', messages: [] });
      return id;
    },
    get: (id) => (keyForm.test(id) ? store.get(approvalKind, id) : Promise.resolve(undefined)),
    async advance(id, from, change) {
      let isMine = false;
      const after = await store.update(approvalKind, id, (current) => {
        isMine = current?.state === from && (!perishable.includes(from) || now() <= current.expiresAtMs);
        return isMine && current ? { ...current, ...change } : undefined;
      });
      return isMine ? after : undefined;
    },
    async addMessage(id, ts) {
      await store.update(approvalKind, id, (current) => current && { ...current, messages: [...current.messages, ts] });
    },
    async interrupted(isAlive) {
      const found: { id: string; approval: Approval }[] = [];
      for (const { key: id, value } of await store.list(approvalKind, { limit: searched })) {
        if (value.state === 'executing' && !(value.owner !== undefined && (await isAlive(value.owner))))
          found.push({ id, approval: value });
      }
      return found;
    },
  };
}
