import { StoppedError } from '../errors.ts';
import { createRunReadings } from '../probes/collector.ts';
import { statusNumbers } from '../probes/counters.ts';
import { dataOf, type ProbeSource } from '../probes/probe.ts';
import { replicaStatus } from '../probes/replica-status.ts';
import { writesSlowLogFile } from '../probes/slow-log-file.ts';
import { slowLogTable, writesSlowLogTable } from '../probes/slow-log-table.ts';
import { tableSizes } from '../probes/table-sizes.ts';
import { volumes } from '../probes/volumes.ts';
import type { Row } from '../report/evidence.ts';
import type { Store } from '../store/store.ts';
import type { TargetSession } from '../targets/connection.ts';
import { isOn, type ServerFacts, serverFacts } from '../targets/server-facts.ts';
import { counterNames, gaugeNames } from './counter-names.ts';
import { createDigestMeter, type Growth } from './digest-growth.ts';
import { patternKind, type Sample, type SizesSample, sizesKind, tiers } from './sample.ts';
import { watchSettings } from './setting-watch.ts';
import { createSlowLogMeter, growthOf } from './slow-log-growth.ts';

/** A question is being worked on: it has the one session, and the sample can wait. */
export class GivesWay extends StoppedError {}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** How often what changes slowly is read. A table of the slow log is scanned whole at every read. */
const everyMs = { variables: 5 * minuteMs, grants: hourMs, sizes: hourMs, slowLogTable: 10 * minuteMs };
/** A statement of the sampler may take this long: a question would wait for it. */
const statementSeconds = 2;
const listed = { schemas: 30, tables: 30 };

export interface SampleSource {
  readonly store: Store;
  readonly session: TargetSession;
  readonly now: () => number;
}

/** Takes samples of one target, one set of at most ten statements at a time, and stores them. */
export function createSampleTaker({ store, session, now }: SampleSource) {
  const target = session.target;
  const digests = createDigestMeter();
  const slowLog = createSlowLogMeter();
  const known = new Set<string>();
  const doneAtMs = new Map<keyof typeof everyMs, number>();
  let variables: readonly Row[] = [];
  let grants: readonly Row[] = [];
  let facts: ServerFacts | undefined;

  async function query(sql: string, options: { readonly probe?: string; readonly maxRows?: number } = {}) {
    if (session.isBusy()) throw new GivesWay();
    const limited = /^select/i.test(sql) ? `SET STATEMENT max_statement_time = ${statementSeconds} FOR ${sql}` : sql;
    return session.query(limited, { probe: 'history', ...options });
  }

  /** True once in its time, and again where the clock went back. */
  function isDue(what: keyof typeof everyMs): boolean {
    const last = doneAtMs.get(what);
    return last === undefined || now() < last || now() - last >= everyMs[what];
  }

  async function readFacts(): Promise<ServerFacts> {
    const looksAtVariables = isDue('variables');
    if (looksAtVariables) variables = (await query('SHOW GLOBAL VARIABLES')).rows;
    if (isDue('grants')) {
      grants = (await query('SHOW GRANTS')).rows;
      doneAtMs.set('grants', now());
    }
    if (!facts || looksAtVariables) {
      facts = serverFacts(variables, grants);
      await watchSettings(store, target.name, facts, now());
      doneAtMs.set('variables', now());
    }
    return facts;
  }

  /** One set of statements. Rejects with GivesWay where a question was first; one that comes later makes it shorter. */
  async function take(): Promise<void> {
    const isFirst = facts === undefined;
    const status = statusNumbers((await query('SHOW GLOBAL STATUS')).rows);
    const atMs = now();
    const sample: { -readonly [Key in keyof Sample]: Sample[Key] } = {
      uptime: status['Uptime'] ?? 0,
      sent: session.cost().statements,
      counters: counterNames.map((name) => status[name] ?? null),
      gauges: gaugeNames.map((name) => status[name] ?? 0),
    };
    try {
      const source: ProbeSource = {
        target,
        facts: await readFacts(),
        windowSeconds: 0,
        signal: undefined,
        query,
        wait: async () => {},
        now,
        ownStatements: () => session.cost().statements,
      };
      const { read } = createRunReadings(source, () => 'history');
      const channels = dataOf(await read(replicaStatus, undefined), []);
      if (channels.length > 0) sample.lag = Object.fromEntries(channels.map(lagOf));
      const disks = dataOf(await read(volumes, undefined), []);
      if (disks.length > 0)
        sample.volumes = Object.fromEntries(
          disks.map(({ path, sizeBytes, freeBytes }) => [path, [sizeBytes - freeBytes, sizeBytes]]),
        );
      const grown = await patternGrowth(source);
      if (grown) {
        sample.patterns = grown.growth.patterns.toSorted((a, b) => b[2] - a[2]).slice(0, tiers[0].patterns);
        sample.patternSource = grown.source;
        await remember(grown.growth);
      }
      // Not in the first set, which has read the variables: a set has ten statements at most.
      if (!isFirst && isDue('sizes')) {
        const tables = await read(tableSizes, undefined);
        const sizes = sizesOf(dataOf(tables, []));
        if (sizes) await store.append(sizesKind, target.name, sizes, atMs);
        doneAtMs.set('sizes', now());
      }
    } catch (error) {
      if (!(error instanceof GivesWay)) throw error;
    } finally {
      await store.append(tiers[0].kind, target.name, sample, atMs);
    }
  }

  async function patternGrowth(
    source: ProbeSource,
  ): Promise<{ readonly source: NonNullable<Sample['patternSource']>; readonly growth: Growth } | undefined> {
    if (isOn(source.facts, 'performance_schema')) {
      const growth = await digests.look(source).catch(orNothing);
      return growth && { source: 'statement digests', growth };
    }
    if (writesSlowLogFile(source.facts, target)) {
      const growth = await slowLog.look(source);
      return growth && { source: 'slow log file', growth };
    }
    if (!writesSlowLogTable(source.facts) || !isDue('slowLogTable')) return undefined;
    const last = doneAtMs.get('slowLogTable');
    doneAtMs.set('slowLogTable', now());
    if (last === undefined) return undefined;
    const hours = Math.min(1, Math.max(0, now() - last) / hourMs);
    const { read } = createRunReadings(source, () => 'history');
    const reading = await read(slowLogTable, { hours, endHoursAgo: 0 });
    return reading.status === 'read'
      ? { source: 'mysql.slow_log', growth: growthOf(reading.data.patterns, now()) }
      : undefined;
  }

  /** Patterns are kept once; the first time that they were seen stays. */
  async function remember({ met }: Growth): Promise<void> {
    for (const { key, record } of met) {
      if (known.has(key)) continue;
      await store.update(patternKind, `${target.name}/${key}`, (before) =>
        before ? { ...before, firstSeenMs: Math.min(before.firstSeenMs, record.firstSeenMs) } : record,
      );
      known.add(key);
    }
  }

  return { take };
}

/** A right that is missing on one view leaves the rest of the sample whole; a question that came first does not. */
function orNothing(error: unknown): undefined {
  if (error instanceof StoppedError) throw error;
  return undefined;
}

function lagOf(channel: { Connection_name: string; Seconds_Behind_Master: number | null }): [string, number | null] {
  return [channel.Connection_name, channel.Seconds_Behind_Master];
}

function sizesOf(
  tables: readonly {
    readonly schema: string;
    readonly table: string;
    readonly rows: number;
    readonly dataBytes: number;
    readonly indexBytes: number;
    readonly schemaBytes: number;
    readonly schemaTables: number;
    readonly totalBytes: number;
    readonly tables: number;
  }[],
): SizesSample | undefined {
  const [first] = tables;
  if (!first) return undefined;
  const schemas = new Map(
    tables.map(({ schema, schemaBytes, schemaTables }) => [schema, [schema, schemaBytes, schemaTables] as const]),
  );
  return {
    totalBytes: first.totalBytes,
    tables: first.tables,
    schemas: [...schemas.values()]
      .toSorted((a, b) => b[1] - a[1])
      .slice(0, listed.schemas)
      .map((one) => [...one]),
    largest: tables
      .slice(0, listed.tables)
      .map((one) => [`${one.schema}.${one.table}`, one.dataBytes + one.indexBytes, one.rows]),
  };
}
