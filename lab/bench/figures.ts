import { writeFileSync } from 'node:fs';
import { benchDigest } from './digest.ts';
import { type Circumstances, circumstances, type Figure, figureHeader, holds, renderFigure } from './figure.ts';
import { benchMemory, benchStart } from './footprint.ts';
import { benchLatency } from './latency.ts';
import { benchMicro } from './micro.ts';
import { benchFleet, benchSessions, benchSpeed, benchTables } from './speed.ts';

/** The parts of a whole run, in their order. */
export const sections: Readonly<Record<string, () => Promise<readonly Figure[]>>> = {
  digest: benchDigestFigures,
  micro: benchMicro,
  start: benchStart,
  latency: benchLatency,
  speed: benchSpeed,
  fleet: benchFleet,
  sessions: benchSessions,
  tables: benchTables,
  memory: benchMemory,
};

/** What `--json` writes and `compare` reads. */
export interface BenchResult {
  readonly circumstances: Circumstances;
  readonly figures: readonly Figure[];
}

/** Runs the sections, prints a line a figure, and keeps the result in a file where one is named. */
export async function benchFigures(
  only: readonly string[],
  options: { readonly json: boolean; readonly file: string | undefined },
): Promise<boolean> {
  const chosen = Object.entries(sections).filter(([name]) => only.length === 0 || only.includes(name));
  if (!options.json) console.log(figureHeader);
  const figures: Figure[] = [];
  for (const [, run] of chosen) {
    for (const figure of await run()) {
      figures.push(figure);
      if (!options.json) console.log(renderFigure(figure));
    }
  }
  const result: BenchResult = { circumstances: circumstances(), figures };
  const text = `${JSON.stringify(result, undefined, 2)}\n`;
  if (options.json) process.stdout.write(text);
  if (options.file !== undefined) writeFileSync(options.file, text);
  return figures.every((figure) => holds(figure) !== false);
}

async function benchDigestFigures(): Promise<readonly Figure[]> {
  const { rows } = await benchDigest();
  const speed = (program: string) => rows.find((row) => row.program === program)?.megabytesPerSecond;
  const ours = rows.find(({ program }) => program === 'dbcheck digest');
  const against = (program: string, limit: number): Figure[] => {
    const value = speed(program);
    if (value === undefined || !ours) return [];
    return [
      {
        name: `digest: 200 MB, against ${program}`,
        unit: 'MB/s',
        value: ours.megabytesPerSecond,
        better: 'higher',
        beside: { name: `for ${program}`, value },
        promise: { of: 'ratio', limit },
      },
    ];
  };
  return [
    ...against('mariadb-dumpslow', 5),
    ...against('pt-query-digest', 25),
    ...against('newline scan', 0.25),
    ...(ours
      ? [
          {
            name: 'digest: peak memory',
            unit: 'MB',
            value: ours.peakMegabytes,
            better: 'lower' as const,
            promise: { of: 'value' as const, limit: 130 },
          },
        ]
      : []),
  ];
}
