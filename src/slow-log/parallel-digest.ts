import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { flushCompileCache, getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Digester, DigestOptions, DigestState, LogEnd } from './digester.ts';
import {
  type FileSection,
  SectionDigester,
  type SectionReply,
  type SectionRequest,
  type SectionWork,
} from './file-section.ts';

const SECTION_BYTES = 16 << 20;

export interface ParallelWork {
  readonly path: string;
  readonly size: number;
  readonly threads: number;
  readonly options: DigestOptions;
  readonly onRead: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Digests a plain file in sections, by several threads, into `digester`. Each section ends and the next begins with
 * the same event. Where the threads do not agree on it (a string holds a whole log, say), nothing is added and the
 * result is undefined: then one thread has to read the whole file.
 */
export async function digestInParallel(digester: Digester, work: ParallelWork): Promise<LogEnd | undefined> {
  const base = digester.bytes;
  const count = Math.max(work.threads, Math.ceil(work.size / SECTION_BYTES));
  const bounds = Array.from({ length: count + 1 }, (_, i) => Math.floor((work.size * i) / count));
  const ends: LogEnd[] = [];
  const pending = bounds.slice(0, -1).map((from, index) => ({ index, from, to: bounds[index + 1] as number }));
  const states: DigestState[] = [];

  const workers = Array.from({ length: Math.min(work.threads, count) - 1 }, () => startWorker(work, base));
  const takeAll = async (digest: (section: FileSection) => Promise<LogEnd>): Promise<void> => {
    for (let section = pending.shift(); section !== undefined; section = pending.shift()) {
      work.signal?.throwIfAborted();
      ends[section.index] = await digest(section);
    }
  };
  const file = await open(work.path, 'r');
  const own = new SectionDigester(file, { path: work.path, base, options: work.options });
  try {
    await Promise.all([
      takeAll((section) => own.digest(section, work.onRead)),
      ...workers.map(async (worker) => {
        await takeAll((section) => worker.digest(section, work.onRead));
        states.push(await worker.finish());
      }),
    ]);
    states.push(own.state());
  } finally {
    for (const worker of workers) await worker.stop();
    await file.close();
  }
  const whole = join(ends, base);
  if (whole === undefined) return undefined;
  for (const state of states) digester.merge(state);
  digester.bytes = base + whole.bytes;
  return whole;
}

/** One log out of its sections, or undefined where one does not begin at the end of the one before. */
function join(ends: readonly LogEnd[], base: number): LogEnd | undefined {
  let endedAt = base;
  for (const [i, end] of ends.entries()) {
    if (i > 0 && (end.firstEventAt ?? end.endedAt) !== endedAt) return undefined;
    endedAt = end.endedAt;
  }
  const sum = (value: (end: LogEnd) => number): number => ends.reduce((total, end) => total + value(end), 0);
  return {
    bytes: endedAt - base,
    cutEvents: sum((end) => end.cutEvents),
    skippedBytes: sum((end) => end.skippedBytes),
    isSlowLog: ends.some((end) => end.isSlowLog),
    firstEventAt: ends[0]?.firstEventAt,
    endedAt,
  };
}

interface SectionThread {
  digest(section: FileSection, onRead: (bytes: number) => void): Promise<LogEnd>;
  /** What all its sections came to. */
  finish(): Promise<DigestState>;
  stop(): Promise<void>;
}

/**
 * What a thread runs. Where the process keeps a compile cache, the thread takes the modules from there: to strip the
 * types once more would cost it 20 MB.
 */
const bootstrap = `
  const { workerData } = require('node:worker_threads');
  if (workerData.cache !== undefined) require('node:module').enableCompileCache(workerData.cache);
  import(workerData.module).then(({ serveSections }) => serveSections());
`;

function startWorker({ path, options }: ParallelWork, base: number): SectionThread {
  const cache = getCompileCacheDir();
  if (cache !== undefined) flushCompileCache();
  const work: SectionWork = { path, base, options };
  const worker = new Worker(bootstrap, {
    eval: true,
    // The directory of this version of Node lies in the one that is asked for.
    workerData: {
      ...work,
      cache: cache === undefined ? undefined : dirname(cache),
      module: new URL('./file-section.ts', import.meta.url).href,
    },
    execArgv: [],
    // The young generation is where a thread's memory goes; a digest makes little garbage.
    resourceLimits: { maxYoungGenerationSizeMb: 2 },
  });
  const next = async (): Promise<SectionReply> => {
    const [reply] = (await once(worker, 'message')) as [SectionReply];
    return reply;
  };
  const send = (request: SectionRequest): void => worker.postMessage(request);
  return {
    async digest(section, onRead) {
      send({ kind: 'section', section });
      for (;;) {
        const reply = await next();
        if (reply.kind === 'progress') onRead(reply.bytes);
        else if (reply.kind === 'ended') return reply.end;
      }
    },
    async finish() {
      send({ kind: 'finish' });
      for (;;) {
        const reply = await next();
        if (reply.kind === 'state') return reply.state;
      }
    },
    async stop() {
      await worker.terminate();
    },
  };
}
