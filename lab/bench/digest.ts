import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, createWriteStream, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptyTruth, generateSlowLog } from '../slow-log/generate.ts';
import { median } from './figure.ts';

export type DigestBenchOptions = {
  /** Size of the generated log. */
  readonly megabytes?: number;
  readonly seed?: number;
  readonly onRow?: (row: DigestRow) => void;
};

/** One program reading the log once, as a process of its own: start and end included. */
export type DigestRow = {
  readonly program: string;
  readonly megabytesPerSecond: number;
  readonly peakMegabytes: number;
  /** How much of the log it was given; pt-query-digest gets less, or it would take half an hour. */
  readonly megabytesRead: number;
};

export type DigestBenchResult = {
  readonly machine: { readonly processors: number; readonly model: string; readonly node: string };
  readonly events: number;
  readonly megabytes: number;
  readonly rows: readonly DigestRow[];
  /** Our speed divided by that of each other, the median of all rounds; undefined where the other is not installed. */
  readonly ratios: Readonly<Record<'mariadb-dumpslow' | 'pt-query-digest' | 'newline scan', number | undefined>>;
  /** Packages that would give the missing peers. */
  readonly missing: readonly string[];
  /** The goals: 5 times mariadb-dumpslow, 25 times pt-query-digest, a quarter of the newline scan, 130 MB. */
  readonly holds: boolean;
};

const cli = fileURLToPath(new URL('../../src/dbcheck.js', import.meta.url));
const PEER_MEGABYTES = 10;
const ROUNDS = 7;

type Run = { readonly seconds: number; readonly peakBytes: number };

const existing = (run: Run | undefined): readonly Run[] => (run === undefined ? [] : [run]);

/** What Node can do at most: read in pieces of 1 MiB and find every line break. */
const newlineScan = `
  let lines = 0;
  require('node:fs').createReadStream(process.argv[1], { highWaterMark: 1 << 20 }).on('data', (chunk) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
  });
`;

/** Generates a log and has it read by dbcheck, by its peers and by a bare newline scan, one after the other. */
export async function benchDigest({
  megabytes = 200,
  seed = 1,
  onRow,
}: DigestBenchOptions = {}): Promise<DigestBenchResult> {
  const directory = mkdtempSync(join(tmpdir(), 'dbcheck-bench-digest-'));
  try {
    const log = join(directory, 'slow.log');
    const events = await writeLog(log, megabytes * 1e6, seed);
    const part = join(directory, 'part.log');
    copyFileSync(log, part);
    const partMegabytes = Math.min(PEER_MEGABYTES, megabytes);
    truncateSync(part, partMegabytes * 1e6);
    const rows: DigestRow[] = [];
    const missing: string[] = [];
    const note = (program: string, runs: readonly Run[], size: number): number | undefined => {
      if (runs.length === 0) return undefined;
      const row = {
        program,
        megabytesPerSecond: size / median(runs.map(({ seconds }) => seconds)),
        peakMegabytes: Math.max(...runs.map(({ peakBytes }) => peakBytes)) / 1e6,
        megabytesRead: size,
      };
      rows.push(row);
      onRow?.(row);
      return row.megabytesPerSecond;
    };
    const measure = async (program: string, args: readonly string[], size: number): Promise<number | undefined> => {
      const run = await runMeasured(program, args);
      return run && note(program, [run], size);
    };

    // Once for the compile cache, which a second call of dbcheck finds.
    await runMeasured(process.execPath, [cli, 'digest', part, '--json']);
    const scans: Run[] = [];
    const digests: Run[] = [];
    // In turns, and compared within each round: what else the machine does falls on both.
    for (let round = 0; round < ROUNDS; round++) {
      scans.push(...existing(await runMeasured(process.execPath, ['-e', newlineScan, log])));
      digests.push(...existing(await runMeasured(process.execPath, [cli, 'digest', log, '--json'])));
    }
    note('newline scan', scans, megabytes);
    const ours = note('dbcheck digest', digests, megabytes) ?? 0;
    const dumpslow = await measure('mariadb-dumpslow', [log], megabytes);
    const percona = await measure('pt-query-digest', ['--limit=100%', part], partMegabytes);
    if (dumpslow === undefined) missing.push('mariadb-client');
    if (percona === undefined) missing.push('percona-toolkit');

    const over = (other: number | undefined): number | undefined => (other === undefined ? undefined : ours / other);
    const ratios = {
      'mariadb-dumpslow': over(dumpslow),
      'pt-query-digest': over(percona),
      'newline scan': median(scans.map(({ seconds }, round) => seconds / (digests[round]?.seconds ?? 0))),
    };
    const peak = rows.find((row) => row.program === 'dbcheck digest')?.peakMegabytes ?? 0;
    const holds =
      (ratios['mariadb-dumpslow'] ?? 5) >= 5 &&
      (ratios['pt-query-digest'] ?? 25) >= 25 &&
      (ratios['newline scan'] ?? 0) >= 0.25 &&
      peak <= 130;
    const [processor] = cpus();
    const machine = { processors: cpus().length, model: processor?.model ?? '', node: process.version };
    return { machine, events, megabytes, rows, ratios, missing, holds };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export const digestHeader = 'program             MB/s    peak MB   read MB';

export function renderDigestRow({ program, megabytesPerSecond, peakMegabytes, megabytesRead }: DigestRow): string {
  const speed = megabytesPerSecond.toFixed(1).padStart(8);
  return `${program.padEnd(16)}${speed}${peakMegabytes.toFixed(0).padStart(11)}${megabytesRead.toFixed(0).padStart(10)}`;
}

export function renderDigestRatios({ ratios, missing, holds }: DigestBenchResult): string {
  const lines = Object.entries(ratios).map(([name, ratio]) =>
    ratio === undefined ? `${name}: not installed` : `${ratio.toFixed(2)} × ${name}`,
  );
  if (missing.length > 0) lines.push(`install ${missing.join(', ')} for the peers`);
  return [...lines, holds ? 'all goals hold' : 'a goal does not hold'].join('\n');
}

async function writeLog(path: string, bytes: number, seed: number): Promise<number> {
  const truth = emptyTruth();
  const file = createWriteStream(path);
  for (const piece of generateSlowLog({ seed, bytes, explain: true }, truth)) {
    if (!file.write(piece)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'close');
  return truth.events;
}

/** Undefined when there is no such program. Output is thrown away; memory is the kernel's own high-water mark. */
async function runMeasured(command: string, args: readonly string[]): Promise<Run | undefined> {
  const begun = performance.now();
  const child = spawn(command, args, { stdio: 'ignore' });
  const missing = new Promise<'missing'>((resolve) => child.once('error', () => resolve('missing')));
  let peakBytes = 0;
  const look = (): void => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peakBytes = Math.max(peakBytes, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // It has ended between two looks.
    }
  };
  const timer = setInterval(look, 20);
  const outcome = await Promise.race([once(child, 'exit'), missing]);
  clearInterval(timer);
  return outcome === 'missing' ? undefined : { seconds: (performance.now() - begun) / 1000, peakBytes };
}
