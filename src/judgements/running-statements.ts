import { accountOf, type Session } from '../probes/processlist.ts';
import type { FindingDraft } from '../report/finding.ts';
import { counted } from '../report/units.ts';
import { endSession, isDdl, isIdle, type SessionView, transactionOf, waitsForServerLock } from './sessions.ts';
import { inWords, shortStatement } from './statement.ts';
import { tablesIn } from './statement-tables.ts';

export interface ListFilter {
  readonly minTimeSeconds: number;
  readonly includeSleeping: boolean;
  readonly maxQueries: number;
  readonly user: string | undefined;
  readonly table: string | undefined;
}

/** Statements that have run for long, and changes of table definitions with their progress. Waiting sessions are judged as locks. */
export function judgeStatements(view: SessionView): FindingDraft[] {
  const waitingForRows = new Set(view.lockWaits.map(({ waiting_thread }) => waiting_thread));
  return view.sessions.flatMap((session) => {
    if (isIdle(session) || waitsForServerLock(session) || waitingForRows.has(session.id) || session.info === null)
      return [];
    if (isDdl(session.info))
      return session.seconds >= view.thresholds.longDdlSeconds ? [ddlFinding(session, view)] : [];
    return session.seconds >= view.thresholds.longQuerySeconds ? [longFinding(session, view)] : [];
  });
}

function ddlFinding(session: Session, view: SessionView): FindingDraft {
  const table = tablesIn(session.info, session.db)[0] ?? `thread ${session.id}`;
  const copies = /copy to tmp table/i.test(session.state ?? '');
  const staged = session.max_stage > 0;
  const progress = staged
    ? `stage ${session.stage} of ${session.max_stage}, ${session.progress} % of it`
    : 'no progress is reported';
  const total = staged
    ? Math.round(((session.stage - 1 + session.progress / 100) / session.max_stage) * 100)
    : undefined;
  const remainingSeconds =
    total !== undefined && total >= 5 ? Math.round((session.seconds * (100 - total)) / total) : undefined;
  const left = remainingSeconds === undefined ? '' : `; at this pace about ${inWords(remainingSeconds)} remain`;
  return {
    code: 'ddl.long_alter',
    severity: copies || session.seconds >= view.thresholds.longDdlWarningSeconds ? 'warning' : 'info',
    subject: table,
    title: `${copies ? 'A copying ALTER blocks writes' : 'A table definition is being changed'} for ${inWords(session.seconds)}`,
    summary: `Thread ${session.id} (${accountOf(session)}): ${shortStatement(session.info, 100)}; ${session.state ?? 'no state'}, ${progress}${left}.${copies ? ' The table is copied row by row; writes to it wait.' : ''}`,
    confidence: 'certain',
    facts: {
      thread: session.id,
      runningSeconds: Math.round(session.seconds),
      stage: session.stage,
      stages: session.max_stage,
      progressPercent: session.progress,
      totalPercent: total ?? null,
      remainingSeconds: remainingSeconds ?? null,
      state: session.state,
      queryId: session.query_id,
    },
    evidence: view.evidence,
    impact: session.seconds / 1_000,
    thresholds: ['longDdlSeconds', 'longDdlWarningSeconds'],
    recommendations: [
      {
        action: `Let it finish: ending it now undoes ${inWords(session.seconds)} of copying and frees the table only after the rollback. Watch its progress`,
        sql: `SELECT stage, max_stage, progress, time_ms / 1000 AS seconds FROM information_schema.PROCESSLIST WHERE id = ${session.id};`,
        risk: 'safe',
        rollback: 'nothing changes',
      },
      {
        action: 'Next time ask for an online change, which fails at once where it is not possible',
        sql: 'ALTER TABLE … , ALGORITHM = INPLACE, LOCK = NONE;',
        risk: 'needs_staging',
        rollback: 'nothing changes where it is refused',
      },
    ],
  };
}

function longFinding(session: Session, view: SessionView): FindingDraft {
  const warn = session.seconds >= view.thresholds.longQueryWarningSeconds;
  return {
    code: 'query.long_running',
    severity: warn ? 'warning' : 'info',
    subject: `thread ${session.id}`,
    title: `A statement has run for ${inWords(session.seconds)}`,
    summary: `Thread ${session.id} (${accountOf(session)}) has run for ${inWords(session.seconds)}, examined ${session.examined_rows} rows: ${shortStatement(session.info, 120)}${insideProgram(session.info)}`,
    confidence: 'certain',
    facts: {
      thread: session.id,
      user: session.user,
      host: session.host,
      runningSeconds: Math.round(session.seconds),
      examinedRows: session.examined_rows,
      rowsModified: transactionOf(view, session.id)?.rows_modified ?? 0,
      queryId: session.query_id,
    },
    evidence: view.evidence,
    impact: session.seconds / 1_000,
    thresholds: ['longQuerySeconds', 'longQueryWarningSeconds'],
    recommendations: warn ? endSession(view, session.id) : [],
  };
}

/** What runs now, longest first, as a table; information, whatever stands in it. */
export function listStatements(view: SessionView, filter: ListFilter): FindingDraft[] {
  const listed = view.sessions
    .filter((session) => (filter.includeSleeping || !isIdle(session)) && session.seconds >= filter.minTimeSeconds)
    .filter((session) => filter.user === undefined || session.user === filter.user)
    .filter(
      (session) =>
        filter.table === undefined ||
        tablesIn(session.info, session.db).some((table) => isSame(table, filter.table as string)),
    )
    .toSorted((a, b) => b.seconds - a.seconds);
  if (listed.length === 0) return [];
  const [longest] = listed as [Session];
  return [
    {
      code: 'query.running',
      severity: 'info',
      subject: view.target,
      title: `${listed.length} running for at least ${filter.minTimeSeconds} s`,
      summary: `The longest is thread ${longest.id} (${accountOf(longest)}), ${inWords(longest.seconds)}: ${shortStatement(longest.info, 100) || longest.command}${insideProgram(longest.info)}`,
      confidence: 'certain',
      facts: {
        listed: listed.length,
        longestSeconds: Math.round(longest.seconds),
        minTimeSeconds: filter.minTimeSeconds,
      },
      evidence: view.evidence,
      recommendations: [],
      table: {
        caption: `Running on ${view.target}, longest first`,
        columns: ['thread', 'account', 'for', 'state', 'statement'],
        rows: listed
          .slice(0, filter.maxQueries)
          .map((session) => [
            session.id,
            accountOf(session),
            inWords(session.seconds),
            session.state || session.command,
            shortStatement(session.info, 100),
          ]),
      },
    },
  ];
}

/** Local variables of a stored program stand as NAME_CONST in its statements; the clock of the session is that of the CALL. */
function insideProgram(info: string | null): string {
  return /\bNAME_CONST\s*\(/i.test(info ?? '') ? ' (inside a stored program; the time is that of its whole call)' : '';
}

function isSame(table: string, wanted: string): boolean {
  return table.toLowerCase() === wanted.toLowerCase() || table.toLowerCase().endsWith(`.${wanted.toLowerCase()}`);
}

/** Everything about one thread that a question names, or that it is not there. */
export function describeThread(view: SessionView, id: number): FindingDraft {
  const session = view.sessions.find((one) => one.id === id);
  const common = { severity: 'info', subject: `thread ${id}`, confidence: 'certain', evidence: view.evidence } as const;
  if (!session) {
    return {
      ...common,
      code: 'query.thread',
      title: `Thread ${id} is not connected`,
      summary: `No session has the id ${id}; it has ended, or the id belongs to another server or to a thread of the server itself.`,
      facts: { thread: id, connected: false },
      recommendations: [],
    };
  }
  const trx = transactionOf(view, id);
  const blocker = view.lockWaits.find(({ waiting_thread }) => waiting_thread === id)?.blocking_thread;
  const open = trx
    ? ` A transaction is open for ${inWords(trx.age_seconds)}: ${counted(trx.rows_modified, 'row')} changed, ${trx.rows_locked} locked.`
    : ' No transaction is open.';
  const waits = blocker === undefined ? '' : ` It waits for thread ${blocker}.`;
  const doing = isIdle(session)
    ? `idle for ${inWords(session.seconds)}`
    : `${session.state || session.command}, ${inWords(session.seconds)}: ${shortStatement(session.info, 200)}`;
  return {
    ...common,
    code: 'query.thread',
    title: `Thread ${id}: ${isIdle(session) ? 'idle' : session.command.toLowerCase()}`,
    summary: `${accountOf(session)}, schema ${session.db ?? 'none'}, ${doing}.${open}${waits}`,
    facts: {
      thread: id,
      connected: true,
      user: session.user,
      host: session.host,
      command: session.command,
      seconds: Math.round(session.seconds),
      rowsModified: trx?.rows_modified ?? 0,
      blockedBy: blocker ?? null,
      queryId: session.query_id,
    },
    recommendations: [],
  };
}
