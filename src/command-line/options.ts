import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { z } from 'zod';
import type { Agent } from '../agents/agent.ts';
import { DbcheckError } from '../errors.ts';
import { nearestNames } from '../targets/registry.ts';

/** What every command has to hand: where to write, where to read, when to stop. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  /** True where a person watches standard error, so that progress may be shown. */
  readonly interactive: boolean;
  readonly signal: AbortSignal;
}

/** A wrong call: one line on standard error and exit code 2. */
export class UsageError extends DbcheckError {
  constructor(message: string) {
    super('usage', message);
  }
}

type Values = Readonly<Record<string, string | boolean | undefined>>;

export interface Arguments {
  readonly values: Values;
  readonly positionals: readonly string[];
}

export const commonOptions = {
  config: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  target: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/** Parses strictly; an unknown flag is answered with the nearest known one. */
export function parseArguments(argv: readonly string[], options: ParseArgsOptionsConfig): Arguments {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
    return { values: values as Values, positionals };
  } catch (error) {
    const message = error instanceof Error ? error.message : '';
    const unknown = /Unknown option '(--?[\w-]+)'/.exec(message)?.[1];
    if (unknown === undefined)
      throw new UsageError(message.split('\n')[0]?.replace(/\.? To specify.*$/, '') ?? 'wrong arguments');
    const [nearest] = nearestNames(unknown.replace(/^-+/, ''), Object.keys(options));
    throw new UsageError(`unknown option ${unknown}; did you mean --${nearest}? See dbcheck --help`);
  }
}

/** For commands that take flags only: a word that is none of them is more likely a mistake than meant to be ignored. */
export function parseFlags(argv: readonly string[], options: ParseArgsOptionsConfig): Values {
  const { values, positionals } = parseArguments(argv, options);
  const [word] = positionals;
  if (word !== undefined) throw new UsageError(`there is no place for "${word}" here; see dbcheck --help`);
  return values;
}

export function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** The agents' parameters as flags: `max_patterns` is `--max-patterns`. Derived from their schemas. */
export function parameterOptions(agents: readonly Agent[]): ParseArgsOptionsConfig {
  const names = agents.flatMap((agent) => Object.entries(agent.parameters.shape));
  return Object.fromEntries(
    names.map(([name, schema]) => [flagOf(name), { type: isBoolean(schema) ? 'boolean' : 'string' }]),
  );
}

/** The parameters that were set on the command line, as numbers, booleans and strings. Throws UsageError for a value that no agent takes. */
export function parameterValues(agents: readonly Agent[], values: Values): Record<string, string | number | boolean> {
  const set: Record<string, string | number | boolean> = {};
  for (const agent of agents) {
    for (const [name, schema] of Object.entries(agent.parameters.shape)) {
      const value = values[flagOf(name)];
      if (value === undefined) continue;
      const typed = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
      const parsed = (schema as z.ZodType).safeParse(typed);
      const issue = parsed.error?.issues[0];
      if (issue) throw new UsageError(`--${flagOf(name)}: ${issue.message}`);
      set[name] = typed;
    }
  }
  return set;
}

function flagOf(parameter: string): string {
  return parameter.replaceAll('_', '-');
}

function isBoolean(schema: unknown): boolean {
  return (schema as z.ZodType).safeParse(true).success;
}
