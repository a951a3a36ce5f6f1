import type { Finding } from './finding.ts';

/** What is compared when a rule looks at two findings of one run. */
type Judged = Pick<Finding, 'code' | 'subject' | 'target' | 'facts'>;

interface Cause {
  /** Code of the cause, or its first part followed by a dot and a star: `lock.*`. */
  readonly cause: string;
  readonly effects: readonly string[];
  /** Why the one explains the other; a reader's sentence. */
  readonly because: string;
  /** Further conditions; without one, both being seen on the same target in the same run is enough. */
  readonly when?: (cause: Judged, effect: Judged) => boolean;
  /** True where cause and effect are on different servers: the primary and its replica. */
  readonly acrossTargets?: true;
}

const sameSubject = (cause: Judged, effect: Judged) => cause.subject === effect.subject;
const sameTable = (cause: Judged, effect: Judged) =>
  cause.subject === effect.subject ||
  cause.subject === effect.facts['table'] ||
  cause.facts['table'] === effect.subject;
const sameThread = (cause: Judged, effect: Judged) =>
  cause.facts['thread'] != null && cause.facts['thread'] === effect.facts['thread'];
/** Warnings of the error log stand together in one finding, whatever they are about: nothing explains them as a whole. */
const notWarnings = (_: Judged, effect: Judged) => effect.subject !== 'warnings';
/** Words of the applier's error that the server also writes without naming replication. */
const applierWords = /can't find record|duplicate entry|doesn't exist|error running query/i;
/** A few mistyped passwords explain nothing else. */
const manyRefused = (cause: Judged) => Number(cause.facts['refusedLastHour'] ?? 0) >= 20;
/** A blocker explains used-up connections only when its victims are a real share of them. */
const manyWaiters = (cause: Judged) => Number(cause.facts['waiters'] ?? 0) >= 3;

/**
 * What can be the cause of what. Order matters only for readers; a finding may have several causes.
 * Anything that no line connects stays apart: two unrelated faults are two root causes.
 */
export const causes: readonly Cause[] = [
  {
    cause: 'lock.row_chain',
    effects: ['conn.near_limit', 'conn.exhausted', 'conn.storm', 'conn.leak'],
    because: 'sessions that wait for a row lock keep their connections, and the application opens more',
    when: manyWaiters,
  },
  {
    cause: 'lock.mdl',
    effects: ['conn.near_limit', 'conn.exhausted', 'conn.storm', 'conn.leak'],
    because: 'sessions that wait for a metadata lock keep their connections, and the application opens more',
    when: manyWaiters,
  },
  {
    cause: 'lock.table',
    effects: ['conn.near_limit', 'conn.exhausted', 'conn.storm', 'conn.leak'],
    because: 'sessions that wait for a table lock keep their connections, and the application opens more',
    when: manyWaiters,
  },
  {
    cause: 'lock.row_chain',
    effects: ['lock.mdl', 'lock.table', 'lock.user'],
    because: 'the same session holds both',
    when: sameSubject,
  },
  {
    cause: 'ddl.long_alter',
    effects: ['lock.mdl'],
    because: 'the change of the definition holds the table while it runs',
    when: sameThread,
  },
  {
    cause: 'lock.*',
    effects: ['tx.idle_in_transaction', 'tx.long_running', 'query.long_running'],
    because: 'it is the same session, seen twice',
    when: sameSubject,
  },
  {
    cause: 'lock.*',
    effects: ['query.slow_pattern', 'query.regression'],
    because: 'a statement that waits for a lock is a slow statement',
    when: (cause, effect) => Number(effect.facts['lockSharePercent'] ?? 0) >= 50 && manyWaiters(cause),
  },
  {
    cause: 'lock.*',
    effects: ['query.pattern_now'],
    because: 'the sessions that run the pattern wait for it',
    when: (cause, effect) => cause.subject === effect.facts['blockedBy'],
  },
  {
    cause: 'tx.*',
    effects: ['tx.purge_blocked'],
    because: 'the oldest open transaction holds back the purge',
    when: sameSubject,
  },
  {
    cause: 'query.pile_up',
    effects: ['conn.near_limit', 'conn.exhausted', 'query.slow_pattern', 'query.full_scan', 'query.long_running'],
    because: 'sessions that work on it keep their connections and the processors',
    when: (cause, effect) =>
      !effect.code.startsWith('query.') || sameSubject(cause, effect) || sameThread(cause, effect),
  },
  {
    cause: 'conn.leak',
    effects: ['conn.near_limit', 'conn.exhausted'],
    because: 'sessions that are never closed use up the limit',
  },
  {
    cause: 'conn.storm',
    effects: ['conn.near_limit', 'conn.exhausted', 'conn.aborted'],
    because: 'connections are opened faster than they end',
  },
  {
    cause: 'conn.exhausted',
    effects: ['conn.near_limit', 'conn.aborted', 'incident.error_log'],
    because: 'a server at its limit refuses everybody',
    when: notWarnings,
  },
  {
    cause: 'conn.auth_failures',
    effects: ['conn.aborted', 'incident.error_log'],
    because: 'a refused login is counted as an aborted connect',
    when: (cause, effect) => manyRefused(cause) && notWarnings(cause, effect),
  },
  {
    cause: 'query.missing_index',
    effects: [
      'query.full_scan',
      'query.slow_pattern',
      'query.long_running',
      'query.pile_up',
      'query.regression',
      'config.buffer_pool_small',
    ],
    because: 'without the index every execution reads the table',
    when: sameTable,
  },
  {
    cause: 'query.full_scan',
    effects: ['query.slow_pattern', 'query.regression'],
    because: 'it is the same statement',
    when: sameSubject,
  },
  {
    cause: 'repl.io_auth',
    effects: ['repl.io_error', 'repl.stopped', 'repl.lag'],
    because: 'the replica cannot log in at the primary',
  },
  {
    cause: 'repl.gtid_diverged',
    effects: ['repl.io_error', 'repl.stopped', 'repl.lag'],
    because: 'the primary refuses a position that it does not have',
  },
  {
    cause: 'repl.errant_writes',
    effects: ['repl.gtid_diverged', 'repl.sql_error'],
    because: 'what was written on the replica alone collides with the primary',
  },
  { cause: 'repl.io_error', effects: ['repl.stopped', 'repl.lag'], because: 'nothing arrives from the primary' },
  { cause: 'repl.sql_error', effects: ['repl.stopped', 'repl.lag'], because: 'the applier has stopped' },
  {
    cause: 'repl.sql_error',
    effects: ['incident.error_log'],
    because: 'the server logs the same error once more',
    when: (_, effect) => applierWords.test(effect.subject),
  },
  { cause: 'repl.stopped', effects: ['repl.lag'], because: 'a stopped thread makes no progress' },
  {
    cause: 'repl.replica_writable',
    effects: ['repl.errant_writes'],
    because: 'a writable replica takes writes of its own',
  },
  { cause: 'repl.lag_no_pk', effects: ['repl.lag'], because: 'the applier scans the table for every row' },
  { cause: 'repl.lag_big_transaction', effects: ['repl.lag'], because: 'one transaction is applied in one piece' },
  { cause: 'repl.lag_local_lock', effects: ['repl.lag'], because: 'a session on the replica blocks the applier' },
  {
    cause: 'query.*',
    effects: ['repl.lag_big_transaction', 'repl.lag_no_pk'],
    because: 'what was one large write on the primary is one large transaction on the replica',
    when: (cause, effect) =>
      cause.facts['writes'] === true &&
      cause.facts['mainTable'] != null &&
      cause.facts['mainTable'] === effect.facts['table'],
    acrossTargets: true,
  },
  {
    cause: 'schema.no_primary_key',
    effects: ['repl.lag_no_pk'],
    because: 'the table has had no key since it was made on the primary',
    when: (cause, effect) => sameTable(cause, effect) && cause.target !== effect.target,
    acrossTargets: true,
  },
  {
    cause: 'repl.lag_local_lock',
    effects: ['lock.mdl', 'lock.row_chain', 'lock.table', 'tx.idle_in_transaction'],
    because: 'it is the same session on the replica',
    when: sameSubject,
  },
  {
    cause: 'incident.crash_restart',
    effects: ['incident.recent_restart', 'incident.error_log', 'repl.io_error'],
    because: 'the server crashed and came back',
    when: notWarnings,
  },
  {
    cause: 'incident.crash_restart',
    effects: ['incident.unreachable'],
    because: 'it crashed and did not come back',
    when: ({ facts }) => facts['cameBack'] === false,
  },
  {
    cause: 'incident.start_failed',
    effects: ['incident.unreachable', 'incident.error_log'],
    because: 'it gave up while it started',
    when: notWarnings,
  },
  { cause: 'incident.shut_down', effects: ['incident.unreachable'], because: 'somebody shut it down' },
  {
    cause: 'incident.disk_error',
    effects: ['incident.crash_restart', 'incident.start_failed'],
    because: 'what it must write could not be written',
  },
  {
    cause: 'incident.out_of_memory',
    effects: ['incident.crash_restart', 'incident.start_failed', 'incident.error_log'],
    because: 'memory ran out',
    when: notWarnings,
  },
  {
    cause: 'incident.corruption',
    effects: ['incident.crash_restart', 'incident.start_failed', 'incident.error_log'],
    because: 'a page is damaged',
    when: notWarnings,
  },
  {
    cause: 'capacity.disk_near_full',
    effects: ['incident.disk_error', 'capacity.disk_full_forecast', 'incident.crash_restart'],
    because: 'the volume has no room',
  },
  {
    cause: 'backup.binlog_unbounded',
    effects: ['capacity.disk_near_full', 'capacity.disk_full_forecast'],
    because: 'binary logs are never removed',
  },
  { cause: 'config.buffer_pool_small', effects: ['capacity.memory'], because: 'the working set does not fit' },
  {
    cause: 'incident.unreachable',
    effects: ['repl.io_error', 'repl.stopped', 'repl.lag'],
    because: 'the primary does not answer',
    acrossTargets: true,
  },
];

/** Findings that say nothing new beside another about the same subject; they stay in the report as information. */
export const shadows: readonly { readonly shadow: string; readonly of: string }[] = [
  { shadow: 'tx.idle_in_transaction', of: 'lock.*' },
  { shadow: 'tx.long_running', of: 'lock.*' },
  { shadow: 'query.long_running', of: 'lock.*' },
  { shadow: 'tx.long_running', of: 'tx.idle_in_transaction' },
  { shadow: 'schema.no_primary_key', of: 'repl.lag_no_pk' },
];

export function matchesCode(pattern: string, code: string): boolean {
  return pattern.endsWith('.*') ? code.startsWith(pattern.slice(0, -1)) : pattern === code;
}
