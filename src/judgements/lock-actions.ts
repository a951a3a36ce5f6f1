import { metadataLockFix } from '../probes/metadata-locks.ts';
import { accountOf, type Session } from '../probes/processlist.ts';
import type { Recommendation } from '../report/finding.ts';
import { threadOf } from './lock-picture.ts';
import {
  costInWords,
  endConnection,
  endSession,
  isDdl,
  isIdle,
  isPlainRead,
  isRollingBack,
  type SessionView,
  sessionOf,
  transactionOf,
} from './sessions.ts';
import type { Blocker } from './wait-graph.ts';

const endPrepared: Recommendation = {
  action:
    'No thread can be killed. List prepared transactions, ask the transaction manager what became of each, then commit or roll back the one that hangs',
  sql: "XA RECOVER FORMAT = 'SQL';",
  risk: 'safe',
  rollback: 'nothing changes; XA COMMIT and XA ROLLBACK are final',
};

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

/** How to be sure of a holder that is only inferred. */
export const showHolders: Recommendation = {
  action:
    'See for certain who holds metadata locks, without a restart: SELECT * FROM information_schema.METADATA_LOCK_INFO after',
  sql: "INSTALL SONAME 'metadata_lock_info';",
  risk: 'safe',
  rollback: "UNINSTALL SONAME 'metadata_lock_info';",
};

const nextTime: Recommendation = {
  action: 'To know holders for certain next time, turn the instrument on (performance_schema must be on)',
  sql: metadataLockFix,
  risk: 'safe',
  rollback: "the same with enabled = 'NO'",
};

/** INNODB_TRX has whole seconds. */
const timeError = 1;

/** What ends the waiting; where the holder is inferred among several, first how to be sure. */
export function releaseActions(
  { subject, circle }: Blocker,
  suspects: readonly string[],
  isInferred: boolean,
  holdsRows: boolean,
  view: SessionView,
): Recommendation[] {
  if (subject.startsWith('trx ')) return [endPrepared];
  const thread = threadOf(subject);
  if (thread === undefined) return [showHolders, nextTime];
  const session = sessionOf(view, thread);
  const end =
    circle.length > 1
      ? endLightest(circle, view)
      : holdsRows && session && isPlainRead(session.info) && !isRollingBack(view, thread)
        ? [endReader(view, session)]
        : endSession(view, thread);
  const prevent = session && isIdle(session) && transactionOf(view, thread) ? idleTimeout : [];
  const doubt = suspects.length > 0 ? [showHolders] : [];
  const last = circle.length > 1 || end.some(({ kill }) => kill?.kind !== 'query') ? [] : endEarlierLocks(view, thread);
  return [...doubt, ...end, ...last, ...(isInferred ? [nextTime] : []), ...prevent];
}

/** What a reader holds is left from before: only the end of its transaction frees it, so KILL QUERY would free nobody. */
function endReader(view: SessionView, session: Session): Recommendation {
  const rows = transactionOf(view, session.id)?.rows_modified ?? 0;
  const why = 'its locks are of earlier statements, so stopping the one that runs frees nobody';
  return endConnection(
    view,
    session.id,
    `End thread ${session.id} (${accountOf(session)}): ${why}; ${costInWords(rows, view)}`,
  );
}

/** A transaction keeps the locks of its earlier statements when the present one is stopped: then only its end frees them. */
function endEarlierLocks(view: SessionView, thread: number): Recommendation[] {
  const session = sessionOf(view, thread);
  const trx = transactionOf(view, thread);
  if (!session || !trx || isIdle(session) || isDdl(session.info)) return [];
  if (trx.age_seconds <= session.seconds + timeError) return [];
  const action = `Where they still wait then, end thread ${thread}: its transaction is older than its statement and keeps the locks of earlier ones`;
  return [endConnection(view, thread, action)];
}

/** One session less breaks a circle: the one whose rollback costs least. */
function endLightest(circle: readonly string[], view: SessionView): Recommendation[] {
  const cost = (thread: number) => transactionOf(view, thread)?.rows_modified ?? 0;
  const [lightest] = circle.flatMap((subject) => threadOf(subject) ?? []).toSorted((a, b) => cost(a) - cost(b));
  return lightest === undefined ? [] : endSession(view, lightest);
}
