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
  longTransactionSeconds: {
    value: 600,
    unit: 's',
    meaning: 'a transaction open for this long is reported though it works',
    source: 'undo is kept for the oldest view; ten minutes of writes is where purge lag starts to hurt',
  },
  longQuerySeconds: {
    value: 60,
    unit: 's',
    meaning: 'a statement running for this long is reported as a fact; it is a warning only where it hurts others',
    source: 'a report query of 20 s is normal work; a minute is what people ask about',
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
} as const satisfies Readonly<Record<string, Threshold>>;

export type ThresholdName = keyof typeof thresholdTable;
export type Thresholds = Readonly<Record<ThresholdName, number>>;

/** The table with a target's overrides applied. */
export function thresholdsFor(overrides: Readonly<Record<string, number>>): Thresholds {
  const values = Object.entries(thresholdTable).map(([name, { value }]) => [name, overrides[name] ?? value]);
  return Object.fromEntries(values);
}
