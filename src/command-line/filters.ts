import { text as readText } from 'node:stream/consumers';
import { agents } from '../agents/registry.ts';
import { planLines } from '../orchestrator/plan-by-rules.ts';
import { guardLines } from '../sql/guard-line.ts';
import { commonOptions, parseFlags, type Terminal, text } from './options.ts';

/** `dbcheck guard`: a verdict a line for each statement of standard input. */
export async function guard(argv: readonly string[], terminal: Terminal): Promise<number> {
  parseFlags(argv, commonOptions);
  terminal.out(guardLines(await readText(terminal.input)));
  return 0;
}

/** `dbcheck plan`: where each question of standard input would go, one JSON object a line; no server is asked. */
export async function plan(argv: readonly string[], terminal: Terminal): Promise<number> {
  const values = parseFlags(argv, { ...commonOptions, targets: { type: 'string' } });
  const names =
    text(values, 'targets')
      ?.split(',')
      .map((name) => name.trim()) ?? [];
  for (const line of planLines(await readText(terminal.input), names, agents)) terminal.out(`${line}\n`);
  return 0;
}
