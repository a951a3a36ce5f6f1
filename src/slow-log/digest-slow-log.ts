import { availableParallelism } from 'node:os';
import { Digester, type DigestOptions } from './digester.ts';
import { type LogFile, openLog } from './log-file.ts';
import { SlowLogError } from './slow-log-error.ts';
import { type ReadLog, type SlowLogDigest, summarize } from './summary.ts';

/** Without a slow log's lines in this much, a file is not one. */
const PATIENCE_BYTES = 64 << 20;
/** Smaller files are read by one thread: others take as long to be up to speed as they save. Measured at 40 to 1,000 MB. */
const PARALLEL_BYTES = 256 << 20;
const MAXIMUM_THREADS = 4;
/** What a digest may take of memory, whatever the size of the logs. */
const MEMORY_BYTES = 130e6;
/** What the reading itself takes, and each further thread; measured, and rounded up. */
const READING_BYTES = 25e6;
const THREAD_BYTES = 35e6;

export interface DigestProgress {
  readonly bytesRead: number;
  /** Of all logs together, as they are on disk; undefined when one is a pipe. */
  readonly bytesTotal: number | undefined;
}

export interface SlowLogOptions extends DigestOptions {
  /**
   * How many threads may read one plain file. When absent, one for a file below 256 MB and one per processor for others,
   * at most 4, as long as the process stays under 130 MB: one that has much to do besides may have to be told.
   */
  readonly threads?: number;
  /** The process has nothing else to do, so a slow disk may hold it up; reading is faster so. */
  readonly hasProcess?: boolean;
  readonly onProgress?: (progress: DigestProgress) => void;
  readonly signal?: AbortSignal;
  /** What `-` stands for; the process's own standard input when absent. */
  readonly stdin?: AsyncIterable<Uint8Array>;
}

/**
 * Digests slow logs into one result: files, plain or packed by gzip or zstd, and `-` for standard input. Memory does
 * not grow with their size. Throws a SlowLogError when one cannot be read or is no slow log; one that cannot be read to
 * its end is counted so far, with a warning.
 */
export async function digestSlowLog(names: readonly string[], options: SlowLogOptions = {}): Promise<SlowLogDigest> {
  const files: LogFile[] = [];
  try {
    for (const name of names) files.push(await openLog(name, options.stdin ?? process.stdin));
    const digester = new Digester(options);
    const logs: ReadLog[] = [];
    const progress = progressOf(files, options);
    for (const file of files) logs.push(await digestFile(digester, file, options, progress));
    return summarize(digester, logs);
  } finally {
    for (const file of files) await file.close();
  }
}

async function digestFile(
  digester: Digester,
  file: LogFile,
  options: SlowLogOptions,
  progress: (bytesInThreads?: number) => void,
): Promise<ReadLog> {
  const { size } = file;
  const threads = options.threads ?? threadsFor(size ?? 0);
  if (threads > 1 && file.packing === 'plain' && size !== undefined) {
    // Loaded where it is used: most logs are read by one thread.
    const { digestInParallel } = await import('./parallel-digest.ts');
    const work = {
      path: file.name,
      size,
      threads,
      options: plainOptions(options),
      onRead: progress,
      signal: options.signal,
    };
    const end = await digestInParallel(digester, work);
    if (end !== undefined) return checked(file, { name: file.name, ...end });
  }
  return checked(file, await digestInOneThread(digester, file, options, progress));
}

function threadsFor(bytes: number): number {
  if (bytes < PARALLEL_BYTES) return 1;
  const room = MEMORY_BYTES - READING_BYTES - process.memoryUsage.rss();
  const byMemory = 1 + Math.max(0, Math.floor(room / THREAD_BYTES));
  return Math.min(byMemory, MAXIMUM_THREADS, availableParallelism());
}

async function digestInOneThread(
  digester: Digester,
  file: LogFile,
  options: SlowLogOptions,
  progress: () => void,
): Promise<ReadLog> {
  const base = digester.bytes;
  const isGrowing = file.packing === 'plain' && file.size !== undefined;
  // A file that is written to is read up to where it was, and on to the end of the event there.
  digester.beginLog(isGrowing ? { offset: base, end: base + file.size } : { offset: base });
  let trouble: string | undefined;
  let bytes = 0;
  try {
    for await (const chunk of file.chunks({ here: options.hasProcess ?? false })) {
      options.signal?.throwIfAborted();
      digester.write(chunk);
      bytes += chunk.length;
      progress();
      if (digester.isDone || (bytes > PATIENCE_BYTES && !digester.sawSlowLog)) break;
    }
    if (isGrowing && bytes < file.size) trouble = 'it became shorter while it was read';
  } catch (error) {
    if (options.signal?.aborted) throw error;
    trouble = troubleOf(error);
  }
  const end = digester.endLog();
  return trouble === undefined ? { name: file.name, ...end } : { name: file.name, ...end, trouble };
}

function checked(file: LogFile, log: ReadLog): ReadLog {
  if (log.isSlowLog || (log.bytes === 0 && log.trouble === undefined)) return log;
  throw new SlowLogError(
    file.name,
    log.trouble === undefined ? 'it is not a slow log' : `it is not a slow log, or ${log.trouble}`,
  );
}

function troubleOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'Z_BUF_ERROR') return 'the compressed file ends too early';
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) return 'the compressed file is damaged';
  return `reading failed (${code || 'unknown error'})`;
}

/** Only what can be sent to a thread. */
function plainOptions({ since, until, sampleBytes }: SlowLogOptions): DigestOptions {
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(sampleBytes === undefined ? {} : { sampleBytes }),
  };
}

function progressOf(files: readonly LogFile[], { onProgress }: SlowLogOptions): (bytesInThreads?: number) => void {
  const sizes = files.map((file) => file.size);
  const bytesTotal = sizes.some((size) => size === undefined)
    ? undefined
    : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  let inThreads = 0;
  return (bytes = 0) => {
    inThreads += bytes;
    onProgress?.({ bytesRead: inThreads + files.reduce((sum, file) => sum + file.bytesRead, 0), bytesTotal });
  };
}
