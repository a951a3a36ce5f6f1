import { serverThresholds } from './server-thresholds.ts';

interface Threshold {
  readonly value: number;
  readonly unit: string;
  readonly meaning: string;
  /** Where the figure comes from. */
  readonly source: string;
}

/**
 * Every limit that a judgement compares with, in one place. A target overrides any of them by name
 * under `thresholds:` in dbcheck.yml; the report names those that decided a finding.
 */
export const thresholdTable = {
  lockWaitWarningSeconds: {
    value: 1,
    unit: 's',
    meaning: 'a row or metadata lock wait of this length is reported',
    source: 'shorter waits are normal between concurrent writers; InnoDB gives up at innodb_lock_wait_timeout, 50 s',
  },
  lockWaitCriticalSeconds: {
    value: 10,
    unit: 's',
    meaning: 'a wait of this length, or lockCriticalWaiters sessions waiting, is critical',
    source: 'web front ends usually give up after 10 to 30 s',
  },
  lockCriticalWaiters: {
    value: 5,
    unit: 'sessions',
    meaning: 'this many sessions behind one blocker are critical',
    source: 'our judgement: a blocker that stops five workers stops a service',
  },
  idleTransactionSeconds: {
    value: 10,
    unit: 's',
    meaning: 'an open transaction whose session does nothing for this long is reported',
    source: 'an application has no reason to keep a transaction open while it waits for something else',
  },
  idleReadTransactionSeconds: {
    value: 60,
    unit: 's',
    meaning: 'the same for a transaction that has only read',
    source:
      'it holds no row lock, but pins old row versions and metadata locks; a minute is longer than any page takes',
  },
  preparedTransactionSeconds: {
    value: 60,
    unit: 's',
    meaning: 'a prepared XA transaction without a session is reported from this age on',
    source: 'a transaction manager decides within seconds; after a minute it has forgotten',
  },
  historyListLength: {
    value: 100_000,
    unit: 'undo records',
    meaning: 'length of the history list that is reported with the transaction that holds the purge back',
    source: 'a purge that keeps up stays in the thousands; reads slow down noticeably from about a hundred thousand',
  },
  rollbackHeavyRows: {
    value: 100_000,
    unit: 'rows',
    meaning: 'rows changed by a session from which on ending it is called costly',
    source: 'a rollback works row by row and cannot be stopped',
  },
  longDdlSeconds: {
    value: 2,
    unit: 's',
    meaning: 'a running change of a table definition is mentioned from this age on',
    source: 'instant changes take milliseconds; what takes seconds copies or builds',
  },
  longDdlWarningSeconds: {
    value: 600,
    unit: 's',
    meaning:
      'an online change of a table definition is a warning from this age on; a copying one always, for it blocks writes',
    source: 'it holds undo and log for as long, and a replica repeats it for the same time',
  },
  longQueryWarningSeconds: {
    value: 300,
    unit: 's',
    meaning: 'a statement running for this long is a warning',
    source: 'longer than any interactive use; it pins the purge and its rows for as long',
  },
  longTransactionSeconds: {
    value: 600,
    unit: 's',
    meaning: 'a transaction open for this long is reported though it works',
    source: 'undo is kept for the oldest view; ten minutes of writes is where purge lag starts to hurt',
  },
  longQuerySeconds: {
    value: 60,
    unit: 's',
    meaning: 'a statement running for this long is mentioned',
    source: 'a report query of 20 s is normal work; a minute is what people ask about',
  },
  pileUpSessions: {
    value: 8,
    unit: 'sessions',
    meaning: 'sessions that work on the same statement at once, without a lock between them, that are a warning',
    source: 'our judgement: jobs run with a few workers; eight at once are users who repeat what does not answer',
  },
  pileUpSeconds: {
    value: 5,
    unit: 's',
    meaning: 'and each of them has run for this long',
    source: 'a busy site has many sessions in one short statement; none of them lasts for seconds',
  },
  connectionsNearLimitPercent: {
    value: 85,
    unit: '%',
    meaning: 'share of max_connections in use that is reported',
    source: 'max_connections is a hard wall (error 1040); 70 % and stable is normal use',
  },
  connectionsCriticalPercent: {
    value: 95,
    unit: '%',
    meaning: 'share of max_connections in use that is critical',
    source: 'at most one in twenty slots is left for a burst',
  },
  scanRows: {
    value: 5_000,
    unit: 'rows',
    meaning: 'rows read per execution from which on a statement counts as scanning',
    source: 'below that a scan is as fast as an index',
  },
  scanRatio: {
    value: 100,
    unit: 'rows',
    meaning: 'rows read for each row returned from which on an index is worth while',
    source: 'an index lookup reads about one row for each that it returns',
  },
  scanExecutions: {
    value: 5,
    unit: 'executions',
    meaning: 'executions in the window below which a statement is left alone',
    source: 'a report that runs once may read a table',
  },
  slowMeanSeconds: {
    value: 0.1,
    unit: 's',
    meaning: 'mean time from which on a statement of the digests is named without a slow log',
    source: 'a person notices a tenth of a second',
  },
  slowSharePercent: {
    value: 5,
    unit: '%',
    meaning: 'share of the window that a pattern keeps busy, from which on it is a warning',
    source: 'one session busy for three minutes of an hour; a single report of 20 s is 0.6 %',
  },
  regressionFactor: {
    value: 2,
    unit: 'times',
    meaning: 'growth of the mean time against the window before that is reported',
    source: 'half of it is noise on shared machines',
  },
  nPlusOneExecutions: {
    value: 1_000,
    unit: 'executions',
    meaning: 'single-row lookups from which on a matching list is looked for',
    source: 'our judgement: fewer cost less than a second',
  },
  numbersUsedPercent: {
    value: 80,
    unit: '%',
    meaning: "share of an auto-increment column's or a sequence's numbers that is reported",
    source: 'widening a large table takes weeks of planning; a fifth of the range leaves that time',
  },
  numbersCriticalPercent: {
    value: 99,
    unit: '%',
    meaning: 'the same, critical',
    source: 'from here inserts may fail within days',
  },
  smallAccountLimit: {
    value: 5,
    unit: 'connections',
    meaning: 'an account whose own limit is below this may use it up; it is reported only while connects fail',
    source: 'limits of one or two keep a job from running twice',
  },
  leakIdleSeconds: {
    value: 60,
    unit: 's',
    meaning: 'a session asleep for this long counts as forgotten, where it is one of many',
    source: 'pools use their connections in turn; a minute of rest for most of them means nobody uses them',
  },
  leakSessions: {
    value: 25,
    unit: 'sessions',
    meaning: 'forgotten sessions of one account and client from which on a leak is reported',
    source: 'usual pools hold 10 to 20 connections; that many asleep is a quiet application, not a leak',
  },
  leakSharePercent: {
    value: 60,
    unit: '%',
    meaning: 'share of forgotten sessions among those of the account and client',
    source: 'our judgement: less than that and the pool is merely generous',
  },
  stormPerSecond: {
    value: 50,
    unit: '1/s',
    meaning: 'new connections a second that are reported',
    source: 'each costs a thread, a login and TLS; pooled applications open a few a minute',
  },
  refusedLogins: {
    value: 20,
    unit: 'per hour',
    meaning: 'refused logins in the last hour that are reported',
    source: 'a person mistypes a few times; a job with an old password does not stop',
  },
  abortedPerSecond: {
    value: 2,
    unit: '1/s',
    meaning: 'connections that end badly a second that are reported',
    source: 'a deployment ends some; several a second over a whole window is a fault',
  },
  replicationCauseSeconds: {
    value: 2,
    unit: 's',
    meaning: 'lag from which the applier is asked what holds it up',
    source: 'Seconds_Behind_Master has a resolution of 1 s; 2 s is the first value that is no rounding',
  },
  replicationLagSeconds: {
    value: 10,
    unit: 's',
    meaning: 'lag beyond an intended delay that is reported',
    source: 'our judgement: readers of a replica notice stale data after some seconds; short bursts catch up before',
  },
  replicationLagCriticalSeconds: {
    value: 300,
    unit: 's',
    meaning: 'lag beyond an intended delay that is critical',
    source: 'a failover would lose or wait for five minutes of work',
  },
  replicationRetentionPercent: {
    value: 50,
    unit: '%',
    meaning: 'share of the binary log retention of the primary that a replica has used up',
    source: 'half of it is left to react; at 100 % the replica must be rebuilt',
  },
  bigTransactionRows: {
    value: 100_000,
    unit: 'rows',
    meaning: 'rows changed by one transaction of the applier while the replica lags',
    source: 'ten times a usual batch of 10,000 rows',
  },
  bigTransactionSeconds: {
    value: 10,
    unit: 's',
    meaning: 'age of one transaction of the applier while the replica lags',
    source: 'an applied transaction normally takes milliseconds',
  },
  backupCriticalAgeFactor: {
    value: 4,
    unit: 'times',
    meaning: 'a backup older than this many times the allowed age is critical',
    source: 'one missed run is a warning; several in a row mean that nobody looks',
  },
  binlogFilesMany: {
    value: 100,
    unit: 'files',
    meaning: 'binary logs that are never removed are a warning from this number on',
    source: 'at the default max_binlog_size of 1 GB that is 100 GB',
  },
  binlogBytesMany: {
    value: 50e9,
    unit: 'bytes',
    meaning: 'binary logs that are never removed are a warning from this total size on',
    source: 'our judgement: a volume of a few hundred GB fills within weeks from there',
  },
  restoreMegabytesPerSecond: {
    value: 100,
    unit: 'MB/s',
    meaning: 'assumed speed of copying a backup back',
    source: 'a SATA disk or 1 Gbit/s network; a measured restore is better',
  },
  replayMegabytesPerSecond: {
    value: 10,
    unit: 'MB/s',
    meaning: 'assumed speed of replaying binary logs with one thread',
    source: 'order of magnitude of row events applied by a single thread; a measured replay is better',
  },
  ...serverThresholds,
} as const satisfies Readonly<Record<string, Threshold>>;

export type ThresholdName = keyof typeof thresholdTable;
export type Thresholds = Readonly<Record<ThresholdName, number>>;

/** The table with a target's overrides applied. */
export function thresholdsFor(overrides: Readonly<Record<string, number>>): Thresholds {
  const values = Object.entries(thresholdTable).map(([name, { value }]) => [name, overrides[name] ?? value]);
  return Object.fromEntries(values);
}
