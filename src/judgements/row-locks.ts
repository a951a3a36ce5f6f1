import type { LockWait } from '../probes/innodb-lock-waits.ts';
import { accountOf } from '../probes/processlist.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { describeSession, endSession, isIdle, type SessionView, sessionOf, transactionOf } from './sessions.ts';
import { inWords, shortStatement } from './statement.ts';

/** A blocker that itself waits for no row lock, with everybody who waits for it, directly or behind others. */
interface Chain {
  /** Thread id, or 0 for a prepared XA transaction that no session holds. */
  readonly root: number;
  readonly trxId: string;
  readonly victims: readonly number[];
  readonly waits: readonly LockWait[];
}

/** Row-lock chains, one finding per root blocker: who holds everybody up, how many wait, for how long, and how to end it. */
export function judgeRowLocks(view: SessionView): FindingDraft[] {
  return chainsOf(view.lockWaits).flatMap((chain) => {
    const waitedSeconds = Math.max(...chain.waits.map(({ waited_seconds }) => waited_seconds));
    return waitedSeconds < view.thresholds.lockWaitWarningSeconds ? [] : [chainFinding(chain, waitedSeconds, view)];
  });
}

function chainFinding(chain: Chain, waitedSeconds: number, view: SessionView): FindingDraft {
  const { root } = chain;
  const session = sessionOf(view, root);
  const trx = transactionOf(view, root);
  const prepared = root === 0;
  const tables = [...new Set(chain.waits.map(({ lock_table }) => plainTable(lock_table)))];
  const waiters = chain.victims.length;
  const critical =
    waitedSeconds >= view.thresholds.lockWaitCriticalSeconds || waiters >= view.thresholds.lockCriticalWaiters;
  const idle = session !== undefined && isIdle(session);
  const wait = `${waiters} ${waiters === 1 ? 'session waits' : 'sessions wait'}`;
  const holder = prepared
    ? `A prepared XA transaction without a session holds row locks on ${tables.join(', ')}`
    : `Thread ${root}${session ? ` (${accountOf(session)})` : ''} ${idle ? `has been idle in a transaction for ${inWords(session.seconds)} and` : ''} holds row locks on ${tables.join(', ')}`;
  return {
    code: 'lock.row_chain',
    severity: critical ? 'critical' : 'warning',
    subject: prepared ? `trx ${chain.trxId}` : `thread ${root}`,
    title: `${wait} behind ${prepared ? 'a prepared XA transaction' : idle ? 'one idle transaction' : 'one transaction'}`,
    summary: `${holder.replaceAll('  ', ' ')}; ${wait}, the longest for ${inWords(waitedSeconds)}.`,
    confidence: 'certain',
    facts: {
      waiters,
      waitedSeconds: Math.round(waitedSeconds),
      table: tables[0] ?? null,
      tables: tables.join(', '),
      user: session?.user ?? null,
      host: session?.host ?? null,
      command: session?.command ?? null,
      idleSeconds: idle ? Math.round(session.seconds) : 0,
      transactionSeconds: trx ? Math.round(trx.age_seconds) : null,
      rowsModified: trx?.rows_modified ?? null,
      queryId: session?.query_id ?? null,
      thread: prepared ? null : root,
    },
    evidence: view.evidence,
    impact: waiters + waitedSeconds / 1_000,
    thresholds: ['lockWaitWarningSeconds', 'lockWaitCriticalSeconds', 'lockCriticalWaiters'],
    picture: pictureOf(chain, view),
    recommendations: prepared ? endPrepared : [...endSession(view, root), ...(idle ? idleTimeout : [])],
  };
}

const endPrepared: readonly Recommendation[] = [
  {
    action:
      'No thread can be killed. List prepared transactions, ask the transaction manager what became of each, then commit or roll back the one that hangs',
    sql: "XA RECOVER FORMAT = 'SQL';",
    risk: 'safe',
    rollback: 'nothing changes; XA COMMIT and XA ROLLBACK are final',
  },
];

const idleTimeout: readonly Recommendation[] = [
  {
    action: 'Let the server end idle transactions by itself, for new connections',
    sql: 'SET GLOBAL idle_transaction_timeout = 60;',
    risk: 'needs_staging',
    rollback: 'SET GLOBAL idle_transaction_timeout = 0;',
  },
  {
    action: 'In the application: commit before waiting for anything else',
    risk: 'safe',
    rollback: 'nothing changes on the server',
  },
];

/** Follows each waiter to the end of its queue. A cycle, which is a deadlock that InnoDB is about to resolve, has no root and is left out. */
function chainsOf(waits: readonly LockWait[]): Chain[] {
  const blockersOf = new Map<number, LockWait[]>();
  for (const wait of waits) blockersOf.set(wait.waiting_thread, [...(blockersOf.get(wait.waiting_thread) ?? []), wait]);
  const chains = new Map<string, { root: number; trxId: string; victims: Set<number>; waits: Set<LockWait> }>();
  for (const victim of blockersOf.keys()) {
    for (const end of rootsOf(victim, blockersOf)) {
      const key = end.blocking_thread === 0 ? `trx ${end.blocking_trx}` : `thread ${end.blocking_thread}`;
      const chain = chains.get(key) ?? {
        root: end.blocking_thread,
        trxId: end.blocking_trx,
        victims: new Set(),
        waits: new Set(),
      };
      chain.victims.add(victim);
      for (const wait of blockersOf.get(victim) ?? []) chain.waits.add(wait);
      chains.set(key, chain);
    }
  }
  return [...chains.values()]
    .map(({ root, trxId, victims, waits: all }) => ({ root, trxId, victims: [...victims], waits: [...all] }))
    .toSorted((a, b) => b.victims.length - a.victims.length);
}

function rootsOf(victim: number, blockersOf: ReadonlyMap<number, readonly LockWait[]>): LockWait[] {
  const roots = new Map<string, LockWait>();
  const seen = new Set<number>([victim]);
  const open = [...(blockersOf.get(victim) ?? [])];
  for (let wait = open.pop(); wait; wait = open.pop()) {
    const blocker = wait.blocking_thread;
    if (blocker === 0 || !blockersOf.has(blocker)) roots.set(`${blocker} ${wait.blocking_trx}`, wait);
    else if (!seen.has(blocker)) open.push(...(blockersOf.get(blocker) ?? []));
    seen.add(blocker);
  }
  return [...roots.values()];
}

const maxPictureLines = 12;

/** Who waits for whom as a tree; sessions that run the same statement at the same place share a line. */
function pictureOf(chain: Chain, view: SessionView): string[] {
  const lines = [
    chain.root === 0 ? `prepared XA transaction ${chain.trxId}` : `${chain.root}  ${describeSession(view, chain.root)}`,
  ];
  const drawn = new Set<number>([chain.root]);
  const draw = (blocker: number, depth: number): void => {
    const direct = chain.waits.filter(
      ({ blocking_thread, waiting_thread }) => blocking_thread === blocker && !drawn.has(waiting_thread),
    );
    const groups = Map.groupBy(direct, ({ waiting_thread }) =>
      shortStatement(sessionOf(view, waiting_thread)?.info ?? null, 70),
    );
    for (const [statement, members] of groups) {
      const threads = [...new Set(members.map(({ waiting_thread }) => waiting_thread))].filter(
        (thread) => !drawn.has(thread),
      );
      if (threads.length === 0 || lines.length >= maxPictureLines) continue;
      for (const thread of threads) drawn.add(thread);
      const longest = Math.max(...members.map(({ waited_seconds }) => waited_seconds));
      const names =
        threads.length > 3 ? `${threads.slice(0, 2).join(', ')} and ${threads.length - 2} more` : threads.join(', ');
      lines.push(
        `${'  '.repeat(depth)}└ ${names}  ${statement}   waits ${threads.length > 1 ? 'up to ' : ''}${inWords(longest)}`,
      );
      for (const thread of threads) draw(thread, depth + 1);
    }
  };
  draw(chain.root, 0);
  const missing = chain.victims.filter((victim) => !drawn.has(victim)).length;
  return missing > 0 ? [...lines, `and ${missing} more`] : lines;
}

/** InnoDB writes `` `shop`.`orders` `` and adds a partition as a comment. */
export function plainTable(lockTable: string): string {
  return lockTable
    .replace(/ ?\/\*.*\*\/\s*$/, '')
    .replace(/^`(.*)`\.`(.*)`$/, '$1.$2')
    .replaceAll('``', '`')
    .replace(/#p#.*$/i, '');
}
