import { enableCompileCache } from 'node:module';
import { parseArgs } from 'node:util';

// Keeps the stripped sources from one start to the next; what is loaded before this line is not kept.
enableCompileCache();
const [{ startBot }, { loadConfig, withRole }, { ConfigError, DbcheckError, describeError }, { createLog }] =
  await Promise.all([import('./bot.ts'), import('./config.ts'), import('./errors.ts'), import('./log.ts')]);

/** The bot as a process: one line when it is ready, one clear line and exit 1 when something it needs is missing. */
try {
  const config = withRole(loadConfig(), roleIn(process.argv.slice(2)));
  const log = createLog(config.environment.logLevel);
  // A library's forgotten promise must not end a bot that others wait for.
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'a promise was rejected that nobody held'));
  const bot = await startBot(config, log);
  process.stdout.write(`${bot.ready}\n`);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    bot.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, 'the bot did not stop in order');
        process.exit(1);
      },
    );
  };
  process.on('SIGHUP', () => bot.reload());
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  const message = error instanceof DbcheckError ? error.message : describeError(error).message;
  process.stderr.write(`dbcheck: ${message}\n`);
  process.exit(1);
}

function roleIn(args: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { role: { type: 'string' } } }).values.role;
  } catch (cause) {
    throw new ConfigError(`the bot takes --role all, slack or worker, not "${args.join(' ')}"`, { cause });
  }
}
