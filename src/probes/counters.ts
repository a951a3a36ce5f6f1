import { type CounterName, counterNames } from '../history/counter-names.ts';
import { secondsBetween } from '../history/series.ts';
import type { Row } from '../report/evidence.ts';
import type { Probe, ProbeSource } from './probe.ts';

/** Two looks at SHOW GLOBAL STATUS. Everything in it is since start, so only the difference tells of now. */
export interface Counters {
  /** Seconds between the looks as measured here; 0 where there was one look only. */
  readonly windowSeconds: number;
  readonly uptimeSeconds: number;
  /** Numeric status by the server's own spelling, at the first look and at the last. */
  readonly first: Readonly<Record<string, number>>;
  readonly last: Readonly<Record<string, number>>;
  /** Statements that dbcheck itself sent to the server between the looks; one too many rather than one too few. */
  readonly ownStatements: number;
}

/** Numbers of the global status at one moment. */
interface Look {
  readonly atMs: number;
  /** Statements that dbcheck had sent by then. */
  readonly sent: number;
  readonly values: Readonly<Record<string, number>>;
}

/**
 * The numeric part of the global status, at two moments. Shared by every agent that needs a rate. Where history has a
 * fresh sample, that is the first look and nobody waits; the window is then longer, and stated as it is.
 */
export const counters: Probe<void, Counters> = {
  name: 'counters',
  needs: [],
  async collect(source) {
    if (source.windowSeconds === 0) return collected(await look(source));
    const now = source.history && !source.measuresAnew ? await look(source) : undefined;
    const past = now && (await sampledBefore(source, now));
    if (past) return collected(now, past);
    // The other probes of a run start at the same moment; their statements are let pass before the window begins.
    if (!now) await source.wait(Math.min(settleSeconds, source.windowSeconds / 4));
    const before = now ?? (await look(source));
    await source.wait(source.windowSeconds);
    return collected(await look(source), before);
  },
};

const statement = 'SHOW GLOBAL STATUS';
const settleSeconds = 0.3;
/** An older sample would make a window in which a fault of the last minutes is watered down. */
const freshSeconds = 75;
/** What another process that samples the server may have sent since its sample. */
const othersStatements = 12;

async function look(source: ProbeSource): Promise<Look> {
  const { rows } = await source.query(statement);
  return { atMs: source.now(), sent: source.ownStatements(), values: statusNumbers(rows) };
}

function collected(after: Look, before: Look = after) {
  const data: Counters = {
    windowSeconds: (after.atMs - before.atMs) / 1_000,
    uptimeSeconds: after.values['Uptime'] ?? 0,
    first: before.values,
    last: after.values,
    // One more may have been under way on our other connection when the first look was taken.
    ownStatements: after === before ? 0 : after.sent - before.sent + 1,
  };
  return { data, rows: evidenceRows(data), sql: statement, windowSeconds: data.windowSeconds };
}

/** A fresh sample of history as the first look; undefined where a window has to be waited for. */
async function sampledBefore(source: ProbeSource, now: Look): Promise<Look | undefined> {
  const uptime = now.values['Uptime'];
  // Series that do not count deadlocks are looked at twice, with the wait between.
  if (!source.history || uptime === undefined || now.values['Innodb_deadlocks'] === undefined) return undefined;
  const sample = await source.history.newest(now.atMs, freshSeconds * 1_000);
  const seconds = sample && secondsBetween(sample, { atMs: now.atMs, uptime });
  if (!sample || seconds === undefined || seconds < source.windowSeconds) return undefined;
  const kept = counterNames.flatMap((name, at) => {
    const value = sample.counters[at];
    return value == null ? [] : [[name, value] as const];
  });
  const sent = sample.sent ?? Number.POSITIVE_INFINITY;
  return {
    atMs: sample.atMs,
    sent: sent <= now.sent ? sent : -othersStatements,
    values: { ...Object.fromEntries(kept), Uptime: sample.uptime },
  };
}

/** The numeric rows of SHOW GLOBAL STATUS by name. */
export function statusNumbers(rows: readonly Row[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const { Variable_name, Value } of rows) {
    const text = String(Value ?? '');
    if (/^-?\d+(\.\d+)?$/.test(text)) values[String(Variable_name)] = Number(text);
  }
  return values;
}

/** What was never counted on this server proves nothing and is left out. */
function evidenceRows(data: Counters): Row[] {
  return Object.entries(data.last)
    .filter(([name, value]) => value !== 0 || data.first[name] !== value)
    .map(([name, value]) => {
      const delta = risen(data, name);
      const second = delta === undefined ? undefined : delta / data.windowSeconds;
      return {
        name,
        first: data.first[name] ?? null,
        last: value,
        ...(delta === undefined || second === undefined ? {} : { delta, perSecond: round(second) }),
      };
    });
}

/** The value of the last look, for gauges such as Threads_connected; undefined where this server has no such status. */
export function gauge(counters: Counters, name: string): number | undefined {
  return counters.last[name];
}

/**
 * How much a counter grew in the window. Undefined where nothing can be said: one look only, an unknown name,
 * a restart in the window, or a counter that was reset (FLUSH STATUS). Only what history keeps can be asked for: else
 * a window that begins with a sample of the past would know less than one that is waited for.
 */
export function deltaOf(counters: Counters, name: CounterName): number | undefined {
  return risen(counters, name);
}

function risen(counters: Counters, name: string): number | undefined {
  const first = counters.first[name];
  const last = counters.last[name];
  if (counters.windowSeconds <= 0 || first === undefined || last === undefined) return undefined;
  return restarted(counters) || last < first ? undefined : last - first;
}

export function perSecond(counters: Counters, name: CounterName): number | undefined {
  const delta = deltaOf(counters, name);
  return delta === undefined ? undefined : delta / counters.windowSeconds;
}

/** True where the server came back between the looks: its counters began anew. */
export function restarted({ first, last }: Counters): boolean {
  return (last['Uptime'] ?? 0) < (first['Uptime'] ?? 0);
}

/** Three significant digits below 100, whole numbers above: what a person reads as a rate. */
export function round(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
