import type { Terminal } from './command-line/options.ts';

type Command = (argv: readonly string[], terminal: Terminal) => Promise<number>;

/** Each command loads what it needs and no more. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('./command-line/check.ts')).check,
  query: async () => (await import('./command-line/query.ts')).query,
  plan: async () => (await import('./command-line/filters.ts')).plan,
  guard: async () => (await import('./command-line/filters.ts')).guard,
  digest: async () => (await import('./command-line/digest.ts')).digest,
  agents: async () => (await import('./command-line/lists.ts')).listAgents,
  targets: async () => (await import('./command-line/lists.ts')).listTargets,
  preflight: async () => (await import('./command-line/preflight.ts')).preflight,
  spending: async () => (await import('./command-line/spending.ts')).spending,
  audit: async () => (await import('./command-line/audit.ts')).audit,
};

async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [first] = argv;
  if (argv.includes('--help') || argv.includes('-h') || first === 'help') {
    const { helpText } = await import('./command-line/help.ts');
    terminal.out(helpText());
    return 0;
  }
  if (first === '--version' || first === '-V') {
    const {
      default: { version },
    } = await import('../package.json', { with: { type: 'json' } });
    terminal.out(`dbcheck ${version}\n`);
    return 0;
  }
  const command = first === undefined ? undefined : commands[first];
  if (command) return (await command())(argv.slice(1), terminal);
  const { askOnce, converse } = await import('./command-line/ask.ts');
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
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

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
  const [{ UsageError }, { ConfigError, DbcheckError, describeError }] = await Promise.all([
    import('./command-line/options.ts'),
    import('./errors.ts'),
  ]);
  const badUsage =
    error instanceof UsageError ||
    error instanceof ConfigError ||
    (error instanceof DbcheckError && error.code === 'target_unknown');
  terminal.err(`dbcheck: ${describeError(error).message}\n`);
  if (!(error instanceof DbcheckError) && process.env['LOG_LEVEL'] === 'debug')
    terminal.err(`${(error as Error).stack}\n`);
  process.exitCode = badUsage ? 2 : 1;
}
