import type { Confidence } from '../report/finding.ts';

/** What a session waits for. A `flush` is a FLUSH TABLES that waits until a table is out of use. */
export type WaitKind = 'row' | 'metadata' | 'table' | 'global' | 'user' | 'flush';

/** One session waits for another; both are subjects: `thread 8412`, or the name of a prepared transaction. */
export interface Wait {
  readonly waiter: string;
  readonly blocker: string;
  readonly kind: WaitKind;
  /** `schema.table`, the name of a user lock, or undefined for a lock on everything. */
  readonly object: string | undefined;
  readonly waitedSeconds: number;
  /** Less than certain where the blocker is inferred. */
  readonly confidence: Confidence;
  /** Subjects of other sessions that the inference could not exclude. */
  readonly suspects?: readonly string[];
}

export interface Victim {
  readonly subject: string;
  /** Its wait for a session that is nearer to the root. */
  readonly wait: Wait;
  /** What the first victim on the way from the root to this one waits for. */
  readonly rootKind: WaitKind;
}

/** A session that waits for nobody, or one of a circle of sessions, with everybody who waits for it. */
export interface Blocker {
  readonly subject: string;
  /** More than one where sessions wait for each other in a circle; the subject is the first. */
  readonly circle: readonly string[];
  /** Transitively, nearest first; each once. */
  readonly victims: readonly Victim[];
}

/** Finds who is at the root of all waiting. Independent chains come apart; a victim of two roots is listed under both. */
export function findBlockers(waits: readonly Wait[]): Blocker[] {
  const byBlocker = Map.groupBy(
    waits.filter(({ waiter, blocker }) => waiter !== blocker),
    ({ blocker }) => blocker,
  );
  const byWaiter = Map.groupBy([...byBlocker.values()].flat(), ({ waiter }) => waiter);
  const blockers: Blocker[] = [];
  const reached = new Set<string>();
  const add = (circle: readonly string[]) => {
    const blocker = followVictims(circle, byBlocker);
    for (const { subject } of blocker.victims) reached.add(subject);
    for (const subject of circle) reached.add(subject);
    blockers.push(blocker);
  };
  for (const subject of byBlocker.keys()) if (!byWaiter.has(subject)) add([subject]);
  // Whoever is left waits, in the end, for a circle.
  for (const subject of byWaiter.keys()) if (!reached.has(subject)) add(findCircle(subject, byWaiter, reached));
  return blockers;
}

function followVictims(circle: readonly string[], byBlocker: ReadonlyMap<string, readonly Wait[]>): Blocker {
  const seen = new Set(circle);
  const victims: Victim[] = [];
  const queue: { readonly subject: string; readonly rootKind: WaitKind | undefined }[] = circle.map((subject) => ({
    subject,
    rootKind: undefined,
  }));
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const wait of byBlocker.get(next.subject) ?? []) {
      if (seen.has(wait.waiter)) continue;
      seen.add(wait.waiter);
      const rootKind = next.rootKind ?? wait.kind;
      victims.push({ subject: wait.waiter, wait, rootKind });
      queue.push({ subject: wait.waiter, rootKind });
    }
  }
  return { subject: circle[0] as string, circle, victims };
}

/** Walks from waiter to blocker until somebody comes again. The circle begins with whoever has waited the longest. */
function findCircle(
  from: string,
  byWaiter: ReadonlyMap<string, readonly Wait[]>,
  reached: ReadonlySet<string>,
): readonly string[] {
  const path: string[] = [];
  let at = from;
  while (!path.includes(at)) {
    path.push(at);
    at = byWaiter.get(at)?.find(({ blocker }) => !reached.has(blocker))?.blocker ?? at;
  }
  const circle = path.slice(path.indexOf(at));
  const waited = (subject: string) => Math.max(...(byWaiter.get(subject) ?? []).map((wait) => wait.waitedSeconds));
  const oldest = circle.reduce((a, b) => (waited(b) > waited(a) ? b : a));
  const start = circle.indexOf(oldest);
  return [...circle.slice(start), ...circle.slice(0, start)];
}
