import { type FileHandle, open } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { Digester, type DigestOptions, type DigestState, type LogEnd } from './digester.ts';
import { readBuffers, readFile } from './log-file.ts';
import { SECTION_LOOK_BACK } from './log-line.ts';

/** A part of a file that one thread reads. It begins and ends with the first `# Time:` line at or behind its bounds. */
export interface FileSection {
  readonly index: number;
  readonly from: number;
  readonly to: number;
}

/** What a thread is started with. */
export interface SectionWork {
  readonly path: string;
  /** Where the file begins in all that is read. */
  readonly base: number;
  readonly options: DigestOptions;
}

/** To a thread: a section of the file, or that there are no more. */
export type SectionRequest = { readonly kind: 'section'; readonly section: FileSection } | { readonly kind: 'finish' };

/** From a thread. */
export type SectionReply =
  | { readonly kind: 'progress'; readonly bytes: number }
  | { readonly kind: 'ended'; readonly end: LogEnd }
  | { readonly kind: 'state'; readonly state: DigestState };

/** Digests sections of one file in one thread. */
export class SectionDigester {
  private readonly digester: Digester;
  private readonly base: number;
  private readonly file: FileHandle;
  private readonly buffers = readBuffers();

  constructor(file: FileHandle, { base, options }: SectionWork) {
    this.file = file;
    this.base = base;
    this.digester = new Digester(options);
  }

  /** `onRead` hears of bytes as they are done. */
  async digest({ from, to }: FileSection, onRead: (bytes: number) => void): Promise<LogEnd> {
    const { digester, base } = this;
    const start = Math.max(0, from - SECTION_LOOK_BACK);
    digester.beginLog({ offset: base + start, end: base + to, isContinued: from > 0 });
    for await (const chunk of readFile(this.file, start, onRead, this.buffers)) {
      digester.write(chunk);
      if (digester.isDone) break;
    }
    return digester.endLog();
  }

  state(): DigestState {
    return this.digester.state();
  }
}

/** In a thread: digests the sections that it is sent, one after the other, into one state. An error ends the thread. */
export async function serveSections(): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('serveSections runs in a thread only');
  const work = workerData as SectionWork;
  const file = await open(work.path, 'r');
  const sections = new SectionDigester(file, work);
  const reply = (message: SectionReply): void => port.postMessage(message);

  port.on('message', async (request: SectionRequest) => {
    if (request.kind === 'section') {
      const end = await sections.digest(request.section, (bytes) => reply({ kind: 'progress', bytes }));
      reply({ kind: 'ended', end });
    } else {
      reply({ kind: 'state', state: sections.state() });
      port.close();
      await file.close();
    }
  });
}
