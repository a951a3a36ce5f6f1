import { parseArgs } from 'node:util';
import { DbcheckError } from '../errors.ts';
import { type DigestProgress, digestSlowLog, type SlowLogOptions } from './digest-slow-log.ts';
import { readGivenTime } from './log-time.ts';
import { renderDigest } from './render.ts';
import type { SlowLogDigest } from './summary.ts';
import { formatBytes } from './units.ts';

/** What the command uses of its process. */
export interface CommandIo {
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly stdout: { write(text: string): unknown; readonly columns?: number | undefined };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  readonly now: () => Date;
  /** Aborted when the person presses Ctrl-C. */
  readonly signal?: AbortSignal;
}

const usage = 'usage: dbcheck digest FILE… [--json] [--limit N] [--since TIME] [--until TIME]';
const TEXT_CLASSES = 10;
const PROGRESS_EVERY_MS = 200;

/** Thrown for arguments that make no sense; the message is one line. */
class UsageError extends Error {}

/**
 * `digest FILE…` of the command line, `argv` being what stands behind `digest`. Returns the exit code: 0 when all logs
 * were read, 1 when one cannot be, 2 for wrong arguments. Prints one line on stderr unless it returns 0.
 */
export async function runDigestCommand(argv: readonly string[], io: CommandIo): Promise<0 | 1 | 2> {
  try {
    const { names, json, limit, options } = readArguments(argv, io);
    const digest = await digestSlowLog(names, options);
    if (io.stderr.isTTY) io.stderr.write('\r\u001b[K');
    if (json) {
      writeJson(digest, limit, io);
      for (const warning of digest.warnings) io.stderr.write(`dbcheck: ${warning}\n`);
    } else {
      io.stdout.write(renderDigest(digest, { limit: limit ?? TEXT_CLASSES, columns: io.stdout.columns ?? 100 }));
    }
    return 0;
  } catch (error) {
    if (io.stderr.isTTY) io.stderr.write('\r\u001b[K');
    if (io.signal?.aborted) {
      io.stderr.write('dbcheck: stopped on request\n');
      return 1;
    }
    if (error instanceof UsageError) {
      io.stderr.write(`dbcheck: ${error.message}; ${usage}\n`);
      return 2;
    }
    if (!(error instanceof DbcheckError)) throw error;
    io.stderr.write(`dbcheck: ${error.message}\n`);
    return 1;
  }
}

interface DigestArguments {
  readonly names: readonly string[];
  readonly json: boolean;
  readonly limit: number | undefined;
  readonly options: SlowLogOptions;
}

function readArguments(argv: readonly string[], io: CommandIo): DigestArguments {
  const { values, positionals } = parse(argv);
  if (positionals.length === 0) throw new UsageError('digest needs the name of a slow log, or - for standard input');
  if (positionals.filter((name) => name === '-').length > 1) throw new UsageError('standard input can be read once');
  if (values.limit !== undefined && !/^\d{1,9}$/.test(values.limit))
    throw new UsageError('--limit takes a whole number');
  const since = readMoment('--since', values.since, io);
  const until = readMoment('--until', values.until, io);
  const onProgress = io.stderr.isTTY ? progressLine(io) : undefined;
  return {
    names: positionals,
    json: values.json ?? false,
    limit: values.limit === undefined ? undefined : Number(values.limit),
    options: {
      stdin: io.stdin,
      ...(io.signal === undefined ? {} : { signal: io.signal }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      hasProcess: true,
      ...(onProgress === undefined ? {} : { onProgress }),
    },
  };
}

function parse(argv: readonly string[]) {
  const options = {
    json: { type: 'boolean' },
    limit: { type: 'string' },
    since: { type: 'string' },
    until: { type: 'string' },
  } as const;
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split(/[.\n]/)[0] ?? 'wrong arguments');
  }
}

function readMoment(option: string, text: string | undefined, io: CommandIo): Date | undefined {
  if (text === undefined) return undefined;
  const seconds = readGivenTime(text, io.now());
  if (seconds === undefined)
    throw new UsageError(`${option} takes a time such as "2026-01-15 10:00" (UTC) or 3h for 3 hours ago`);
  return new Date(seconds * 1000);
}

/** Class by class: the whole as one string would take more memory than the digest. */
function writeJson({ classes, ...totals }: SlowLogDigest, limit: number | undefined, { stdout }: CommandIo): void {
  stdout.write(`${JSON.stringify(totals).slice(0, -1)},"classes":[`);
  classes.slice(0, limit).forEach((it, i) => {
    stdout.write(`${i === 0 ? '' : ','}\n${JSON.stringify(it)}`);
  });
  stdout.write(']}\n');
}

/** One line that is written over: how far, how fast, and how long it will still take. */
function progressLine({ stderr, now }: CommandIo): (progress: DigestProgress) => void {
  const startedAt = now().getTime();
  let writtenAt = startedAt;
  return ({ bytesRead, bytesTotal }) => {
    const time = now().getTime();
    if (time - writtenAt < PROGRESS_EVERY_MS) return;
    writtenAt = time;
    const rate = bytesRead / ((time - startedAt) / 1000);
    const done = bytesTotal === undefined ? formatBytes(bytesRead) : `${Math.floor((100 * bytesRead) / bytesTotal)} %`;
    const left = bytesTotal === undefined ? '' : `, ${Math.ceil((bytesTotal - bytesRead) / rate)} s left`;
    stderr.write(`\r\u001b[K${done}, ${formatBytes(Math.round(rate))}/s${left}`);
  };
}
