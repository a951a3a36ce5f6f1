import { accountOf } from '../probes/processlist.ts';
import type { FindingDraft } from '../report/finding.ts';
import { counted } from '../report/units.ts';
import { endSession, isDdl, isIdle, type SessionView, sessionOf } from './sessions.ts';
import { inWords } from './statement.ts';

/** Open transactions that nobody works on, that are very old, or that no session owns any more. */
export function judgeTransactions(view: SessionView): FindingDraft[] {
  return view.transactions.flatMap((trx) => {
    const session = sessionOf(view, trx.thread);
    if (trx.thread === 0)
      return trx.age_seconds >= view.thresholds.preparedTransactionSeconds ? [prepared(trx, view)] : [];
    if (!session || isDdl(session.info)) return [];
    const works = trx.rows_modified > 0 || trx.rows_locked > 0;
    const idleLimit = works ? view.thresholds.idleTransactionSeconds : view.thresholds.idleReadTransactionSeconds;
    if (isIdle(session) && session.seconds >= idleLimit) return [idleFinding(trx, session, works, view)];
    if (trx.age_seconds >= view.thresholds.longTransactionSeconds) return [longFinding(trx, session, view)];
    return [];
  });
}

type Trx = SessionView['transactions'][number];
type One = SessionView['sessions'][number];

function factsOf(trx: Trx, session: One) {
  return {
    thread: session.id,
    user: session.user,
    host: session.host,
    transactionSeconds: Math.round(trx.age_seconds),
    rowsModified: trx.rows_modified,
    rowsLocked: trx.rows_locked,
    queryId: session.query_id,
  };
}

function idleFinding(trx: Trx, session: One, works: boolean, view: SessionView): FindingDraft {
  const holds = works
    ? `${counted(trx.rows_modified, 'row')} changed, ${counted(trx.rows_locked, 'row lock')} held`
    : 'it has only read, but pins old row versions and metadata locks';
  return {
    code: 'tx.idle_in_transaction',
    severity: 'warning',
    subject: `thread ${session.id}`,
    title: `Idle in an open transaction for ${inWords(session.seconds)}`,
    summary: `Thread ${session.id} (${accountOf(session)}) began a transaction ${inWords(trx.age_seconds)} ago and has been idle for ${inWords(session.seconds)}: ${holds}.`,
    confidence: 'certain',
    facts: { ...factsOf(trx, session), idleSeconds: Math.round(session.seconds) },
    evidence: view.evidence,
    impact: session.seconds / 1_000,
    thresholds: [works ? 'idleTransactionSeconds' : 'idleReadTransactionSeconds'],
    recommendations: [
      ...endSession(view, session.id),
      {
        action: 'In the application: commit before waiting for anything else',
        risk: 'safe',
        rollback: 'nothing changes on the server',
      },
    ],
  };
}

function longFinding(trx: Trx, session: One, view: SessionView): FindingDraft {
  return {
    code: 'tx.long_running',
    severity: 'warning',
    subject: `thread ${session.id}`,
    title: `Transaction open for ${inWords(trx.age_seconds)}`,
    summary: `Thread ${session.id} (${accountOf(session)}) works in a transaction that began ${inWords(trx.age_seconds)} ago: ${counted(trx.rows_modified, 'row')} changed, ${counted(trx.rows_locked, 'row lock')} held.`,
    confidence: 'certain',
    facts: factsOf(trx, session),
    evidence: view.evidence,
    impact: trx.age_seconds / 1_000,
    thresholds: ['longTransactionSeconds'],
    recommendations: endSession(view, session.id),
  };
}

function prepared(trx: Trx, view: SessionView): FindingDraft {
  return {
    code: 'tx.xa_prepared',
    severity: 'warning',
    subject: `trx ${trx.trx_id}`,
    title: 'A prepared XA transaction waits for its end',
    summary: `XA transaction ${trx.trx_id} was begun ${inWords(trx.age_seconds)} ago, is prepared and belongs to no session; it keeps ${trx.rows_locked} row locks until somebody commits or rolls it back.`,
    confidence: 'certain',
    facts: {
      transactionSeconds: Math.round(trx.age_seconds),
      rowsLocked: trx.rows_locked,
      rowsModified: trx.rows_modified,
    },
    evidence: view.evidence,
    thresholds: ['preparedTransactionSeconds'],
    recommendations: [
      {
        action:
          'List prepared transactions, ask the transaction manager what became of each, then XA COMMIT or XA ROLLBACK the one that hangs',
        sql: "XA RECOVER FORMAT = 'SQL';",
        risk: 'safe',
        rollback: 'nothing changes; XA COMMIT and XA ROLLBACK are final',
      },
    ],
  };
}

/** Old row versions that pile up because the purge may not pass the oldest open view. */
export function judgePurge(view: SessionView): FindingDraft[] {
  const { historyLength } = view;
  if (historyLength === undefined || historyLength < view.thresholds.historyListLength) return [];
  const oldest = pinningTransaction(view);
  const session = oldest && sessionOf(view, oldest.thread);
  if (!oldest || !session) return [];
  return [
    {
      code: 'tx.purge_blocked',
      severity: 'warning',
      subject: `thread ${session.id}`,
      title: 'Old row versions pile up behind an open transaction',
      summary: `The history list holds ${historyLength} undo records; the purge may not pass the read view of thread ${session.id} (${accountOf(session)}), open for ${inWords(oldest.age_seconds)}.`,
      confidence: view.readViews ? 'certain' : 'likely',
      facts: { ...factsOf(oldest, session), historyListLength: historyLength },
      evidence: view.evidence,
      impact: historyLength / 1_000_000,
      thresholds: ['historyListLength'],
      recommendations: endSession(view, session.id),
    },
  ];
}

/**
 * Whose read view is the oldest. A transaction at READ COMMITTED has none between its statements, however old it is;
 * where the views could not be read, the oldest transaction has to do.
 */
function pinningTransaction({ transactions, readViews, thresholds }: SessionView): Trx | undefined {
  const [first] = readViews ?? [];
  const candidates = transactions
    .filter(({ thread }) => (readViews ? thread === first?.thread : thread !== 0))
    .toSorted((a, b) => b.age_seconds - a.age_seconds);
  return candidates.find(({ age_seconds }) => age_seconds >= thresholds.lockWaitWarningSeconds);
}
