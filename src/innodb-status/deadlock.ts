/** One side of a deadlock as InnoDB printed it. */
export interface DeadlockSide {
  readonly thread: number | undefined;
  /** Raw text of the statement that waited: it holds literals. */
  readonly statement: string;
  readonly activeSeconds: number;
  /** Rows changed so far, in undo records. */
  readonly undoEntries: number;
  /** What it waited for: `shop.orders`, `PRIMARY`, `X locks rec but not gap`. */
  readonly table: string | undefined;
  readonly index: string | undefined;
  readonly lockMode: string | undefined;
  readonly rolledBack: boolean;
}

export interface Deadlock {
  /** The ids of its transactions: another deadlock has others. */
  readonly transactions: string;
  /** Before the moment of the status; both times come from the server's own clock. */
  readonly ageSeconds: number | undefined;
  readonly sides: readonly DeadlockSide[];
  readonly tables: readonly string[];
}

const lockLine =
  /^(?:RECORD LOCKS .*?(?:index `?([^`]+?)`? of )?table|TABLE LOCK table) `(.+?)`\.`(.+?)`(?: .*?)? trx id \S+ lock[_ ]mode (.+?)(?: waiting.*)?$/;

/** Reads the section between `*** (1) TRANSACTION:` and `*** WE ROLL BACK TRANSACTION (n)`. */
export function parseDeadlock(lines: readonly string[], ageSeconds: number | undefined): Deadlock | undefined {
  const victim = Number(find(lines, /^\*\*\* WE ROLL BACK TRANSACTION \((\d+)\)/) ?? 0);
  const starts = lines.flatMap((line, at) => (/^\*\*\* \(\d+\) TRANSACTION:/.test(line) ? [at] : []));
  if (starts.length === 0) return undefined;
  const sides = starts.map((start, number) =>
    parseSide(lines.slice(start + 1, starts[number + 1] ?? lines.length), number + 1 === victim),
  );
  const tables = new Set(lines.flatMap((line) => tableOf(line) ?? []));
  const transactions = lines.flatMap((line) => /^TRANSACTION (\d+), /.exec(line)?.[1] ?? []);
  return { transactions: transactions.join(' '), ageSeconds, sides, tables: [...tables] };
}

function parseSide(lines: readonly string[], rolledBack: boolean): DeadlockSide {
  const threadAt = lines.findIndex((line) => /^(?:MariaDB|MySQL) thread id \d+/.test(line));
  const locksAt = lines.findIndex((line) => line.startsWith('*** '));
  const statement = threadAt < 0 ? [] : lines.slice(threadAt + 1, locksAt < 0 ? undefined : locksAt);
  const waitingAt = lines.findIndex((line) => /WAITING FOR THIS LOCK TO BE GRANTED/.test(line));
  const wanted = waitingAt < 0 ? undefined : lines.slice(waitingAt + 1).find((line) => lockLine.test(line));
  const [, index, schema, table, lockMode] = lockLine.exec(wanted ?? '') ?? [];
  const head = lines.slice(0, threadAt < 0 ? undefined : threadAt);
  const thread = find(lines, /^(?:MariaDB|MySQL) thread id (\d+)/);
  return {
    thread: thread === undefined ? undefined : Number(thread),
    statement: statement.join('\n').trim(),
    activeSeconds: Number(find(head, /^TRANSACTION \d+, ACTIVE (\d+) sec/) ?? 0),
    undoEntries: Number(find(head, /undo log entries (\d+)/) ?? 0),
    table: schema === undefined ? undefined : `${schema}.${table}`,
    index,
    lockMode,
    rolledBack,
  };
}

function tableOf(line: string): string | undefined {
  const [, , schema, table] = lockLine.exec(line) ?? [];
  return schema === undefined ? undefined : `${schema}.${table}`;
}

function find(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const [, value] = pattern.exec(line) ?? [];
    if (value !== undefined) return value;
  }
  return undefined;
}
