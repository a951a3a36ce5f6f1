import { accountOf } from '../probes/processlist.ts';
import type { Confidence, FindingDraft } from '../report/finding.ts';
import { inferWaits, unknownHolder } from './inferred-waits.ts';
import { releaseActions } from './lock-actions.ts';
import { drawWaits, threadOf } from './lock-picture.ts';
import { watchedWaits } from './metadata-lock-waits.ts';
import { rowWaits } from './row-lock-waits.ts';
import { isDdl, isIdle, isRollingBack, type SessionView, sessionOf, transactionOf } from './sessions.ts';
import { inWords, shortStatement } from './statement.ts';
import { type Blocker, findBlockers, type Victim, type Wait, type WaitKind } from './wait-graph.ts';

type LockCode = 'lock.row_chain' | 'lock.mdl' | 'lock.table' | 'lock.user';

/**
 * One finding per root blocker and kind of lock: who holds everybody up, who waits behind, and how to end it.
 * Waits of all kinds are one graph: a holder of rows that itself waits for a table is a victim, and so is a waiting ALTER.
 */
export function judgeLocks(view: SessionView): FindingDraft[] {
  const watched = [...rowWaits(view), ...watchedWaits(view)];
  return findBlockers([...watched, ...inferWaits(view, watched)]).flatMap((blocker) => {
    const groups = Map.groupBy(blocker.victims, ({ rootKind }) => codeOf(rootKind, blocker.subject, view));
    if (blocker.circle.length > 1 && groups.size === 0) groups.set('lock.row_chain', []);
    return [...groups].flatMap(([code, victims]) => judgeGroup(code, blocker, victims, view));
  });
}

function codeOf(kind: WaitKind, subject: string, view: SessionView): LockCode {
  if (kind === 'row') return 'lock.row_chain';
  if (kind === 'user') return 'lock.user';
  if (kind === 'table' || kind === 'global') return 'lock.table';
  // A metadata lock that outlives its statement without a transaction is one of LOCK TABLES.
  const session = sessionOf(view, threadOf(subject) ?? 0);
  const locksTables = session && isIdle(session) && transactionOf(view, session.id) === undefined;
  return kind === 'metadata' && locksTables ? 'lock.table' : 'lock.mdl';
}

const lockNames: Readonly<Record<LockCode, string>> = {
  'lock.row_chain': 'row locks',
  'lock.mdl': 'a metadata lock',
  'lock.table': 'a table lock',
  'lock.user': 'a user lock',
};

const backupLock = 'the lock of FLUSH TABLES WITH READ LOCK or BACKUP STAGE';

function nameOf(code: LockCode, victims: readonly Victim[]): string {
  const globals = victims.filter(({ rootKind }) => rootKind === 'global').length;
  if (code !== 'lock.table' || globals === 0) return lockNames[code];
  return globals === victims.length ? backupLock : `${lockNames[code]} and ${backupLock}`;
}

function judgeGroup(code: LockCode, blocker: Blocker, victims: readonly Victim[], view: SessionView): FindingDraft[] {
  const { subject, circle } = blocker;
  const inCircle = circle.length > 1 ? circle : [];
  const waiters = victims.length + inCircle.length;
  const waitedSeconds = Math.max(
    ...victims.map(({ wait }) => wait.waitedSeconds),
    ...inCircle.map((one) => sessionOf(view, threadOf(one) ?? 0)?.seconds ?? 0),
  );
  const { lockWaitWarningSeconds, lockWaitCriticalSeconds, lockCriticalWaiters } = view.thresholds;
  if (waitedSeconds < lockWaitWarningSeconds) return [];
  const critical = waitedSeconds >= lockWaitCriticalSeconds || waiters >= lockCriticalWaiters;
  const direct = victims.map(({ wait }) => wait).filter(({ blocker: behind }) => circle.includes(behind));
  const tables = tablesOf(direct);
  const known = !subject.startsWith(unknownHolder);
  const confidence = surest(direct);
  const suspects = [...new Set(direct.flatMap((wait) => wait.suspects ?? []))];
  const lockName = nameOf(code, victims);
  const wait = `${waiters} ${waiters === 1 ? 'session waits' : 'sessions wait'}`;
  const where = tables.length > 0 ? ` on ${tables.join(', ')}` : '';
  const ddl = victims
    .map((victim) => sessionOf(view, threadOf(victim.subject) ?? 0))
    .find((one) => isDdl(one?.info ?? null));
  const session = sessionOf(view, threadOf(subject) ?? 0);
  const trx = view.transactions.find(({ thread, trx_id }) =>
    thread === 0 ? subject === `trx ${trx_id}` : subject === `thread ${thread}`,
  );
  return [
    {
      code,
      severity: critical ? 'critical' : 'warning',
      subject: known ? subject : (tables[0] ?? view.target),
      title: titleOf(code, lockName, wait, where, blocker, view),
      summary: [
        `${holderInWords(blocker, view)}${known ? `${confidence === 'certain' ? ' holds' : ' most likely holds'} ${lockName}${where}` : ''}; ${wait}, the longest for ${inWords(waitedSeconds)}.`,
        ddl
          ? `The waiting ${shortStatement(ddl.info, 40)} of thread ${ddl.id} is a victim; those behind it queue for it.`
          : '',
        lockName.endsWith(backupLock) ? 'Usually a backup holds it; ending its session makes that backup useless.' : '',
        suspects.length > 0 ? `It is inferred: ${suspects.slice(0, 5).join(', ')} could be the holder as well.` : '',
      ]
        .filter(Boolean)
        .join(' '),
      confidence,
      facts: {
        waiters,
        waitedSeconds: Math.round(waitedSeconds),
        table: tables[0] ?? null,
        tables: tables.join(', '),
        thread: session?.id ?? null,
        user: session?.user ?? null,
        host: session?.host ?? null,
        command: session?.command ?? null,
        idleSeconds: session && isIdle(session) ? Math.round(session.seconds) : 0,
        transactionSeconds: trx ? Math.round(trx.age_seconds) : null,
        rowsModified: trx?.rows_modified ?? null,
        queryId: session?.query_id ?? null,
        waitingDdlThread: ddl?.id ?? null,
        ...(suspects.length > 0 ? { couldAlsoBe: suspects.join(', ') } : {}),
        ...(inCircle.length > 0 ? { circle: inCircle.join(', ') } : {}),
      },
      evidence: view.evidence,
      // Who waits here waits now: before what is broken elsewhere, such as a replica that gets nothing.
      impact: (critical ? 100 : 0) + waiters + waitedSeconds / 1_000,
      thresholds: ['lockWaitWarningSeconds', 'lockWaitCriticalSeconds', 'lockCriticalWaiters'],
      picture: drawWaits(blocker, victims, view),
      recommendations: releaseActions(
        blocker,
        suspects,
        confidence !== 'certain' && code !== 'lock.row_chain',
        code === 'lock.row_chain',
        view,
      ),
    },
  ];
}

function titleOf(
  code: LockCode,
  lockName: string,
  wait: string,
  where: string,
  { subject, circle }: Blocker,
  view: SessionView,
): string {
  if (circle.length > 1) return `${wait} in a circle`;
  if (code !== 'lock.row_chain') return `${wait} for ${lockName}${where}`;
  const session = sessionOf(view, threadOf(subject) ?? 0);
  const one = subject.startsWith('trx ') ? 'a prepared XA' : session && isIdle(session) ? 'one idle' : 'one';
  return `${wait} behind ${one} transaction`;
}

function holderInWords({ subject, circle }: Blocker, view: SessionView): string {
  if (circle.length > 1) return `${circle.join(', ')} wait for each other; each`;
  const thread = threadOf(subject);
  if (thread === undefined)
    return subject.startsWith('trx ')
      ? 'A prepared XA transaction without a session'
      : 'No session could be named as the holder';
  const session = sessionOf(view, thread);
  if (!session) return `Thread ${thread}`;
  const state = isRollingBack(view, thread)
    ? 'rolling back'
    : isIdle(session)
      ? transactionOf(view, thread)
        ? 'idle in a transaction'
        : 'idle'
      : 'running';
  return `Thread ${thread} (${accountOf(session)}), ${state} for ${inWords(session.seconds)},`;
}

/** What is waited for from the root itself, most often first. */
function tablesOf(direct: readonly Wait[]): string[] {
  const named = Map.groupBy(direct, ({ object }) => object);
  return [...named]
    .flatMap(([object, waits]) => (object === undefined ? [] : [{ object, waits: waits.length }]))
    .toSorted((a, b) => b.waits - a.waits)
    .map(({ object }) => object);
}

/** The chain is as sure as the surest wait for its root. */
function surest(direct: readonly Wait[]): Confidence {
  const all = direct.map(({ confidence }) => confidence);
  if (all.length === 0 || all.includes('certain')) return 'certain';
  return all.includes('likely') ? 'likely' : 'possible';
}
