import { ProbeError, TimedOutError } from '../errors.ts';
import { metrics } from '../metrics.ts';
import type { Evidence } from '../report/evidence.ts';
import { maskRows } from '../sql/redact-cell.ts';
import { hasPrivilege, type ServerFacts } from '../targets/server-facts.ts';
import { spanNames, traced } from '../trace.ts';
import { type Blindness, grantFor, isBlind, type Probe, type ProbeSource, type Reading } from './probe.ts';

export interface ReadOptions {
  /** A look that is nice to have: where it is blind, no coverage gap is reported. */
  readonly optional?: boolean;
  /** The agent's answer rests on it: where it is blind, the agent cannot call the server healthy. */
  readonly essential?: boolean;
}

/** One agent's way to the probes of one target. Remembers what it could not see. */
export interface Collector {
  readonly facts: ServerFacts;
  /** True where samples of the server's past are kept, be they few. */
  readonly remembers: boolean;
  /** The same for another target of the configuration, such as a replica's primary; undefined where it cannot be reached. */
  peer(target: string): Promise<Pick<Collector, 'facts' | 'read'> | undefined>;
  read<Data>(probe: Probe<void, Data>, params?: undefined, options?: ReadOptions): Promise<Reading<Data>>;
  read<Params, Data>(probe: Probe<Params, Data>, params: Params, options?: ReadOptions): Promise<Reading<Data>>;
}

export interface ObservedBlindness extends Blindness {
  readonly essential: boolean;
}

/** All readings of one run on one target, shared by its agents: equal probe and parameters run once. */
export interface RunReadings {
  readonly facts: ServerFacts;
  readonly remembers: boolean;
  read<Params, Data>(probe: Probe<Params, Data>, params: Params): Promise<Reading<Data>>;
}

/** A collector with what it remembers of its agent's looks. */
export interface AgentCollector extends Collector {
  /** What it could not see, each reason once. */
  blindness(): readonly ObservedBlindness[];
  /** All evidence that it was given. */
  used(): readonly Evidence[];
}

/** One agent's view of a run's readings. `peerOf` opens another target of the same run. */
export function createAgentCollector(
  readings: RunReadings,
  peerOf: (target: string) => Promise<RunReadings | undefined>,
): AgentCollector {
  const seen = new Map<string, ObservedBlindness>();
  const used = new Map<string, Evidence>();

  function view(of: RunReadings): Pick<Collector, 'facts' | 'read'> {
    return {
      facts: of.facts,
      async read<Params, Data>(probe: Probe<Params, Data>, params: Params, options: ReadOptions = {}) {
        const reading = await of.read(probe, params);
        if (reading.status === 'read') used.set(reading.evidence.id, reading.evidence);
        else if (!options.optional) {
          const { code, summary } = reading.blindness;
          const before = seen.get(code + summary)?.essential ?? false;
          seen.set(code + summary, { ...reading.blindness, essential: before || (options.essential ?? false) });
        }
        return reading;
      },
    };
  }

  return {
    ...view(readings),
    remembers: readings.remembers,
    async peer(target) {
      const other = await peerOf(target);
      return other && view(other);
    },
    blindness: () => [...seen.values()],
    used: () => [...used.values()],
  };
}

/** `number` gives the next evidence id of the whole run, so that ids are unique across targets. */
export function createRunReadings(source: ProbeSource, number: () => string): RunReadings {
  const readings = new Map<string, Promise<Reading<unknown>>>();

  async function take<Params, Data>(probe: Probe<Params, Data>, params: Params): Promise<Reading<Data>> {
    const missing = probe.needs.filter((privilege) => !hasPrivilege(source.facts, privilege));
    if (missing.length > 0) return blind(probe, missingPrivilege(probe, missing, source));
    const blocked = probe.blocked?.(source.facts, source.target);
    if (blocked) return blind(probe, blocked);
    const startedAt = source.now();
    const end = metrics.probeSeconds.startTimer({ probe: probe.name });
    try {
      const named: ProbeSource = {
        ...source,
        query: (sql, options) => source.query(sql, { probe: probe.name, ...options }),
      };
      const collected = await probe.collect(named, params);
      if (isBlind(collected)) return blind(probe, collected);
      const { rows, masked } = maskRows(collected.rows);
      const item: Evidence = {
        id: number(),
        probe: probe.name,
        target: source.target.name,
        sql: collected.sql,
        takenAt: new Date(startedAt).toISOString(),
        durationMs: source.now() - startedAt,
        windowSeconds: collected.windowSeconds ?? 0,
        truncated: collected.truncated ?? false,
        masked,
        rows,
      };
      metrics.probes.inc({ probe: probe.name, outcome: 'read' });
      return { status: 'read', data: collected.data, evidence: item };
    } catch (error) {
      const blindness = asBlindness(error, probe, source);
      if (!blindness) throw error;
      return blind(probe, blindness);
    } finally {
      end();
    }
  }

  function blind(probe: Probe<never, unknown>, blindness: Blindness): Reading<never> {
    metrics.probes.inc({ probe: probe.name, outcome: 'blind' });
    return { status: 'blind', blindness };
  }

  return {
    facts: source.facts,
    remembers: source.history !== undefined,
    read<Params, Data>(probe: Probe<Params, Data>, params: Params) {
      const key = `${probe.name} ${JSON.stringify(params ?? null)}`;
      const known = readings.get(key) as Promise<Reading<Data>> | undefined;
      if (known) return known;
      const about = { operation: 'execute_tool', tool: probe.name, toolType: 'datastore', target: source.target.name };
      const taken = traced(spanNames.probe(probe.name), about, async (note) => {
        const reading = await take(probe, params);
        note({
          status: reading.status,
          ...(reading.status === 'read' ? { rows: reading.evidence.rows.length } : {}),
        });
        return reading;
      });
      readings.set(key, taken);
      return taken;
    },
  };
}

/** MariaDB's errors for a right that is missing: on a table, a routine, a view's definer, or globally. */
const deniedErrnos: ReadonlySet<number> = new Set([1044, 1142, 1143, 1227, 1345, 1356, 1370]);
/** Unknown table, column, variable, plugin directory, storage engine: this server does not have what we asked for. */
const absentErrnos: ReadonlySet<number> = new Set([1018, 1049, 1054, 1064, 1109, 1146, 1193, 1235, 1286]);

function asBlindness(error: unknown, probe: Probe<never, unknown>, source: ProbeSource): Blindness | undefined {
  if (error instanceof TimedOutError) {
    return {
      code: 'coverage.timed_out',
      summary: `${probe.name}: ${error.message}`,
      fix: 'ask again when the server answers',
    };
  }
  if (!(error instanceof ProbeError)) return undefined;
  if (error.code === 'timed_out') {
    return {
      code: 'coverage.timed_out',
      summary: `${probe.name} took longer than its time limit on ${source.target.name}`,
      fix: 'ask again when the server is less busy',
    };
  }
  if (error.errno !== undefined && deniedErrnos.has(error.errno)) {
    return {
      code: 'coverage.missing_privilege',
      summary: `${probe.name} is refused to ${source.target.user} (error ${error.errno})`,
      fix: grantFor(probe.needs[0] ?? 'SELECT', source.target),
    };
  }
  if (error.errno !== undefined && absentErrnos.has(error.errno)) {
    return {
      code: 'coverage.unsupported',
      summary: `${probe.name} is not offered by ${source.facts.version} (error ${error.errno})`,
      fix: 'none on this version of the server',
    };
  }
  return undefined;
}

function missingPrivilege(
  probe: Probe<never, unknown>,
  missing: readonly Probe<never, unknown>['needs'][number][],
  source: ProbeSource,
): Blindness {
  return {
    code: 'coverage.missing_privilege',
    summary: `${probe.name}: ${source.target.user} lacks ${missing.join(', ')}`,
    fix: missing.map((privilege) => grantFor(privilege, source.target)).join('; '),
  };
}
