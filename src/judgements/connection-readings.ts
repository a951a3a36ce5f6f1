import type { Thresholds } from '../agents/thresholds.ts';
import { abortedByCause } from '../error-log/aborted.ts';
import { accountLimits } from '../probes/account-limits.ts';
import { accountSessions } from '../probes/account-sessions.ts';
import type { Collector } from '../probes/collector.ts';
import { counters } from '../probes/counters.ts';
import { errorLog } from '../probes/error-log.ts';
import { dataOf, evidenceOf } from '../probes/probe.ts';
import { numericVariable } from '../targets/server-facts.ts';
import type { ConnectionView } from './connection-view.ts';

export type ConnectionReadings = Awaited<ReturnType<typeof readConnections>>;

/** The error log is read for refused logins of the last hour; where it cannot be read the counters have to do. */
const logWindow = { lines: 5_000, hours: 1 } as const;

export async function readConnections(collector: Collector, idleSeconds: number) {
  const [sample, sessions, limits, log] = await Promise.all([
    collector.read(counters, undefined, { essential: true }),
    collector.read(accountSessions, { idleSeconds }, { essential: true }),
    collector.read(accountLimits, undefined, { optional: true }),
    collector.read(errorLog, logWindow, { optional: true }),
  ]);
  return { sample, sessions, limits, log, facts: collector.facts };
}

/** undefined where the counters could not be read: then nothing can be said. */
export function connectionView(
  readings: ConnectionReadings,
  target: string,
  thresholds: Thresholds,
): ConnectionView | undefined {
  const { sample, sessions, limits, log, facts } = readings;
  if (sample.status !== 'read') return undefined;
  return {
    target,
    counters: sample.data,
    maxConnections: numericVariable(facts, 'max_connections') ?? 0,
    maxUserConnections: numericVariable(facts, 'max_user_connections') ?? 0,
    maxPasswordErrors: numericVariable(facts, 'max_password_errors'),
    accounts: dataOf(sessions, []),
    limits: dataOf(limits, []),
    refused: log.status === 'read' ? log.data.refusedLogins : undefined,
    aborts: log.status === 'read' ? abortedByCause(log.data.patterns) : undefined,
    thresholds,
    evidence: evidenceOf(sample, sessions, limits, log),
  };
}
