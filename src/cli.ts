#!/usr/bin/env node
import { askOnce, converse } from './command-line/ask.ts';
import { check } from './command-line/check.ts';
import { guard, plan } from './command-line/filters.ts';
import { helpText } from './command-line/help.ts';
import { listAgents, listTargets } from './command-line/lists.ts';
import { type Terminal, UsageError } from './command-line/options.ts';
import { preflight } from './command-line/preflight.ts';
import { ConfigError, DbcheckError, describeError } from './errors.ts';

type Command = (argv: readonly string[], terminal: Terminal) => Promise<number>;

const commands: Readonly<Record<string, Command>> = {
  check,
  plan,
  guard,
  agents: listAgents,
  targets: listTargets,
  preflight,
};

async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [first] = argv;
  if (argv.includes('--help') || argv.includes('-h') || first === 'help') {
    terminal.out(helpText());
    return 0;
  }
  const command = first === undefined ? undefined : commands[first];
  if (command) return command(argv.slice(1), terminal);
  const words = argv.filter((word, at) => !word.startsWith('-') && !takesValue(argv[at - 1]));
  return words.length === 0 && !argv.some((word) => word === '') ? converse(argv, terminal) : askOnce(argv, terminal);
}

/** Flags whose next word is a value and no part of the question. */
function takesValue(word: string | undefined): boolean {
  return ['--target', '--config', '--fail-on', '--error-log-path'].includes(word ?? '');
}

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());
// A reader that closes the pipe early (head) is no error.
process.stdout.on('error', () => process.exit(0));

const terminal: Terminal = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  input: process.stdin,
  interactive: process.stderr.isTTY === true,
  signal: stop.signal,
};

/** The last of the three places that catch: one line, no stack. 2 for a wrong call, 1 for everything else. */
try {
  process.exitCode = await run(process.argv.slice(2), terminal);
} catch (error) {
  const badUsage =
    error instanceof UsageError ||
    error instanceof ConfigError ||
    (error instanceof DbcheckError && error.code === 'target_unknown');
  terminal.err(`dbcheck: ${describeError(error).message}\n`);
  if (!(error instanceof DbcheckError) && process.env['LOG_LEVEL'] === 'debug')
    terminal.err(`${(error as Error).stack}\n`);
  process.exitCode = badUsage ? 2 : 1;
}
