import { describeSession, type SessionView, sessionOf } from './sessions.ts';
import { inWords, shortStatement } from './statement.ts';
import type { Blocker, Victim } from './wait-graph.ts';

const maxLines = 12;

/** Who waits for whom as a tree; sessions that run the same statement behind the same one share a line. */
export function drawWaits(blocker: Blocker, victims: readonly Victim[], view: SessionView): string[] {
  const behind = Map.groupBy(victims, ({ wait }) => wait.blocker);
  const lines = blocker.circle.map((subject) => describeRoot(subject, view));
  let drawn = 0;
  const draw = (subject: string, depth: number): void => {
    const groups = Map.groupBy(behind.get(subject) ?? [], (victim) =>
      behind.has(victim.subject) ? victim.subject : `like ${statementOf(victim, view)}`,
    );
    for (const group of [...groups.values()].toSorted((a, b) => longest(b) - longest(a))) {
      if (lines.length >= maxLines) return;
      drawn += group.length;
      const [first] = group as [Victim, ...Victim[]];
      const upTo = group.length > 1 ? 'up to ' : '';
      lines.push(
        `${'  '.repeat(depth)}└ ${names(group)}  ${statementOf(first, view)}   waits ${upTo}${inWords(longest(group))}`,
      );
      if (group.length === 1) draw(first.subject, depth + 1);
    }
  };
  for (const subject of blocker.circle) draw(subject, 0);
  return drawn < victims.length ? [...lines, `and ${victims.length - drawn} more`] : lines;
}

function describeRoot(subject: string, view: SessionView): string {
  const thread = threadOf(subject);
  if (thread !== undefined) return `${thread}  ${describeSession(view, thread)}`;
  return subject.startsWith('trx ') ? `prepared XA transaction ${subject.slice(4)}` : subject;
}

function statementOf({ subject }: Victim, view: SessionView): string {
  const session = sessionOf(view, threadOf(subject) ?? 0);
  if (!session && threadOf(subject) !== undefined) return 'no client: the applier of replication, for example';
  return shortStatement(session?.info ?? null, 70);
}

function names(group: readonly Victim[]): string {
  const all = group.map(({ subject }) => threadOf(subject) ?? subject);
  return all.length > 3 ? `${all.slice(0, 2).join(', ')} and ${all.length - 2} more` : all.join(', ');
}

function longest(group: readonly Victim[]): number {
  return Math.max(...group.map(({ wait }) => wait.waitedSeconds));
}

/** The number in `thread 8412`. */
export function threadOf(subject: string): number | undefined {
  const [, id] = /^thread (\d+)$/.exec(subject) ?? [];
  return id === undefined ? undefined : Number(id);
}
