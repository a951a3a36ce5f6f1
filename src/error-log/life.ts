import type { LogEntry } from './entry.ts';
import { kindOf, type LogKind } from './kind.ts';

/** How one life of the server ended: in order, by a signal or an assertion of its own, before it began, or without a word. */
export type End = 'shutdown' | 'crash' | 'aborted' | 'killed';

/** The end that the log tells of after the last start. */
export interface LastEnd {
  readonly kind: Exclude<End, 'killed'>;
  readonly atMs: number | undefined;
  readonly signal: number | undefined;
}

/** One start of the server as its log tells it, and how the life before ended. */
export interface Restart {
  readonly startedAtMs: number;
  readonly version: string | undefined;
  /** When it took connections; undefined where it never did or the log ends before. */
  readonly readyAtMs: number | undefined;
  /** Undefined where the log does not reach back to the life before and shows no recovery. */
  readonly previousEnd: End | undefined;
  /** Last sign of the life before. */
  readonly endedAtMs: number | undefined;
  readonly signal: number | undefined;
  readonly recovered: boolean;
  /** The crash handler's own word on what ran: raw, it may hold literals. */
  readonly crashedStatement: string | undefined;
}

/** Lines that only a server at work writes, where the log was cut before its start. */
const signsOfLife: ReadonlySet<LogKind> = new Set(['refused_login', 'aborted_connection', 'deadlock', 'semaphore']);

/** A server that was killed, or whose host lost power, writes nothing: its next start does not follow a shutdown. */
export function livesOf(entries: readonly LogEntry[]): {
  readonly restarts: readonly Restart[];
  /** Undefined where the last life goes on, or ended without a word. */
  readonly lastEnd: LastEnd | undefined;
} {
  const restarts: Restart[] = [];
  let end: (LastEnd & Pick<Restart, 'crashedStatement'>) | undefined;
  let alive = false;
  let lastAtMs: number | undefined;
  for (const entry of entries) {
    const kind = kindOf(entry);
    const current = restarts.at(-1);
    if (kind === 'start' && entry.atMs !== undefined) {
      const previousEnd = end?.kind ?? (alive ? 'killed' : undefined);
      restarts.push({
        startedAtMs: entry.atMs,
        version: /\d+\.\d+\.\d+/.exec(entry.message)?.[0],
        readyAtMs: undefined,
        previousEnd,
        endedAtMs: previousEnd === undefined ? undefined : lastAtMs,
        signal: end?.signal,
        recovered: false,
        crashedStatement: end?.crashedStatement,
      });
      end = undefined;
      alive = true;
    } else if (kind === 'ready') {
      alive = true;
      if (current && current.readyAtMs === undefined) restarts.splice(-1, 1, { ...current, readyAtMs: entry.atMs });
    } else if (kind === 'crash_recovery' && current) {
      restarts.splice(-1, 1, { ...current, recovered: true, previousEnd: current.previousEnd ?? 'killed' });
    } else if (kind === 'shutdown') {
      // A start that was given up is followed by the words of a shutdown.
      end ??= { kind: 'shutdown', atMs: entry.atMs, signal: undefined, crashedStatement: undefined };
    } else if (kind === 'aborted_start') {
      end = { kind: 'aborted', atMs: entry.atMs, signal: undefined, crashedStatement: undefined };
    } else if (kind === 'crash') {
      // An assertion is followed by the signal that it raises; the signal's entry knows more.
      const signal = signalOf(entry) ?? end?.signal;
      end = { kind: 'crash', atMs: entry.atMs, signal, crashedStatement: statementOf(entry) };
    } else if (signsOfLife.has(kind)) alive = true;
    lastAtMs = entry.atMs ?? lastAtMs;
  }
  return { restarts, lastEnd: end };
}

function signalOf({ message }: LogEntry): number | undefined {
  const [, signal] = /got (?:signal|exception) (?:0x)?(\d+)/.exec(message) ?? [];
  return signal === undefined ? undefined : Number(signal);
}

function statementOf({ details }: LogEntry): string | undefined {
  const line = details.find((detail) => /^Query \(0x[0-9a-f]+\): /.test(detail));
  return line?.replace(/^Query \(0x[0-9a-f]+\): /, '');
}
