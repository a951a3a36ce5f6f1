import { type Counters, deltaOf, gauge, perSecond, round } from '../probes/counters.ts';
import type { ErrorLog } from '../probes/error-log.ts';
import type { ReplicaChannel } from '../probes/replica-status.ts';
import { durationInWords, shortNumber } from '../report/units.ts';
import { numericVariable, type ServerFacts } from '../targets/server-facts.ts';

export interface TriageSights {
  readonly counters: Counters | undefined;
  readonly facts: ServerFacts;
  /** Undefined where row locks could not be seen: then nothing is said of them. */
  readonly lockWaits: number | undefined;
  readonly threads: readonly ReplicaChannel[];
  readonly log: ErrorLog | undefined;
  readonly uptime: string | undefined;
}

/** Rows a second below which scans are nobody's concern. */
const manyScannedRows = 100_000;

/** What a healthy verdict rests on: "212 queries/s, 41 of 400 connections, no lock waits, up 12 d". */
export function triageHeadline({ counters, facts, lockWaits, threads, log, uptime }: TriageSights): string {
  const parts: (string | undefined)[] = [];
  if (counters) {
    const questions = deltaOf(counters, 'Questions');
    const seconds = counters.windowSeconds;
    if (questions !== undefined) {
      parts.push(`${round(Math.max(0, questions - counters.ownStatements) / seconds)} queries/s`);
    }
    parts.push(`${gauge(counters, 'Threads_connected')} of ${numericVariable(facts, 'max_connections')} connections`);
    const scanned = perSecond(counters, 'Handler_read_rnd_next') ?? 0;
    if (scanned >= manyScannedRows) parts.push(`${shortNumber(scanned / 1_000)} thousand rows/s read by scans`);
  }
  if (lockWaits !== undefined) parts.push(lockWaits === 0 ? 'no lock waits' : `${lockWaits} row lock waits`);
  for (const channel of threads) parts.push(replicationInWords(channel));
  if (log) {
    const errors = log.patterns.filter(({ severity }) => severity === 'error');
    const count = errors.reduce((sum, pattern) => sum + pattern.count, 0);
    const since = `in ${durationInWords(60 * Math.round((log.serverNowMs - log.fromMs) / 60_000))}`;
    parts.push(
      count === 0 ? `no errors logged ${since}` : `${count} ${count === 1 ? 'error' : 'errors'} logged ${since}`,
    );
  }
  parts.push(uptime);
  return parts.filter((part) => part !== undefined).join(', ');
}

function replicationInWords(channel: ReplicaChannel): string {
  const name = channel.Connection_name === '' ? 'replication' : `replication ${channel.Connection_name}`;
  const stopped = [
    ...(channel.Slave_IO_Running === 'Yes' ? [] : ['IO thread']),
    ...(channel.Slave_SQL_Running === 'Yes' ? [] : ['SQL thread']),
  ];
  if (stopped.length > 0) return `${name}: ${stopped.join(' and ')} not running`;
  return channel.Seconds_Behind_Master === null
    ? `${name}: lag unknown`
    : `${name} ${channel.Seconds_Behind_Master} s behind`;
}
