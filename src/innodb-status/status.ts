import { type Deadlock, parseDeadlock } from './deadlock.ts';

/** A thread that waits for a latch inside InnoDB; printed by series up to 10.5 only. */
export interface SemaphoreWait {
  readonly place: string;
  readonly seconds: number;
}

/** What SHOW ENGINE INNODB STATUS tells beyond the counters. */
export interface InnodbStatus {
  readonly latestDeadlock: Deadlock | undefined;
  /** Old row versions that wait for purge. */
  readonly historyListLength: number | undefined;
  readonly semaphoreWaits: readonly SemaphoreWait[];
  readonly pendingReads: number;
  readonly pendingWrites: number;
  readonly pendingFlushes: number;
}

const sectionHead = /^-{3,}\n([A-Z][A-Z /]+)\n-{3,}$/gm;

/** Reads the monitor's text. Sections that a series does not print are empty; nothing is guessed. */
export function parseInnodbStatus(text: string): InnodbStatus {
  const sections = splitSections(text);
  const of = (name: string) => sections.get(name) ?? '';
  const deadlock = of('LATEST DETECTED DEADLOCK');
  return {
    latestDeadlock: parseDeadlock(deadlock.split('\n'), ageOf(deadlock, text)),
    historyListLength: numberIn(of('TRANSACTIONS'), /^History list length (\d+)/m),
    semaphoreWaits: [
      ...of('SEMAPHORES').matchAll(/^--Thread \d+ has waited at (\S+) line \d+ for ([\d.]+) seconds/gm),
    ].map(([, place = '', seconds]) => ({ place, seconds: Number(seconds) })),
    pendingReads: numberIn(of('BUFFER POOL AND MEMORY'), /^Pending reads\s+(\d+)/m) ?? 0,
    pendingWrites: sumIn(of('BUFFER POOL AND MEMORY'), /^Pending writes: (.*)$/m),
    pendingFlushes: sumIn(of('FILE I/O'), /^Pending flushes \(fsync\)[^:]*: (.*)$/m),
  };
}

function splitSections(text: string): Map<string, string> {
  const heads = [...text.matchAll(sectionHead)];
  const sections = heads.map((head, at): [string, string] => {
    const [whole, name = ''] = head;
    return [name, text.slice(head.index + whole.length + 1, heads[at + 1]?.index)];
  });
  // The text of a statement may look like a heading; the true section comes first.
  return new Map(sections.reverse());
}

/** Both are local times of the server, so their difference needs no time zone. */
function ageOf(deadlock: string, text: string): number | undefined {
  const happened = localTime(deadlock);
  const now = localTime(text);
  return happened === undefined || now === undefined ? undefined : Math.max(0, (now - happened) / 1_000);
}

function localTime(text: string): number | undefined {
  const [, date, time] = /^(\d{4}-\d\d-\d\d) +(\d{1,2}:\d\d:\d\d)/m.exec(text.slice(0, 2_000)) ?? [];
  return date === undefined || time === undefined ? undefined : Date.parse(`${date}T${time.padStart(8, '0')}Z`);
}

function numberIn(text: string, pattern: RegExp): number | undefined {
  const [, value] = pattern.exec(text) ?? [];
  return value === undefined ? undefined : Number(value);
}

/** `LRU 0, flush list 3, single page 0` is 3. */
function sumIn(text: string, pattern: RegExp): number {
  const [, list = ''] = pattern.exec(text) ?? [];
  return [...list.matchAll(/\d+/g)].reduce((sum, [number]) => sum + Number(number), 0);
}
