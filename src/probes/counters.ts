import type { Row } from '../report/evidence.ts';
import type { Probe } from './probe.ts';

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

/** The numeric part of the global status, sampled twice over the run's window. Shared by every agent that needs a rate. */
export const counters: Probe<void, Counters> = {
  name: 'counters',
  needs: [],
  async collect(source) {
    // The other probes of a run start at the same moment; their statements are let pass before the window begins.
    if (source.windowSeconds > 0) await source.wait(Math.min(settleSeconds, source.windowSeconds / 4));
    const before = await look();
    if (source.windowSeconds > 0) await source.wait(source.windowSeconds);
    const after = source.windowSeconds > 0 ? await look() : before;
    const data: Counters = {
      windowSeconds: (after.atMs - before.atMs) / 1_000,
      uptimeSeconds: after.values['Uptime'] ?? 0,
      first: before.values,
      last: after.values,
      // One more may have been under way on our other connection when the first look was taken.
      ownStatements: after === before ? 0 : after.sent - before.sent + 1,
    };
    return { data, rows: evidenceRows(data), sql: statement, windowSeconds: data.windowSeconds };

    async function look() {
      const { rows } = await source.query(statement);
      return { atMs: source.now(), sent: source.ownStatements(), values: numbers(rows) };
    }
  },
};

const statement = 'SHOW GLOBAL STATUS';
const settleSeconds = 0.3;

function numbers(rows: readonly Row[]): Record<string, number> {
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
      const delta = deltaOf(data, name);
      const second = perSecond(data, name);
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
 * a restart in the window, or a counter that was reset (FLUSH STATUS).
 */
export function deltaOf(counters: Counters, name: string): number | undefined {
  const first = counters.first[name];
  const last = counters.last[name];
  if (counters.windowSeconds <= 0 || first === undefined || last === undefined) return undefined;
  return restarted(counters) || last < first ? undefined : last - first;
}

export function perSecond(counters: Counters, name: string): number | undefined {
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
