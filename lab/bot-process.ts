import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Settings } from './slack/options.ts';

export interface BotProcess {
  readonly pid: number;
  /** Ends it at once, as a crash or a lost machine does; resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop; resolves with its exit code. */
  stop(): Promise<number | null>;
}

export interface BotProcessOptions {
  /** Path of dbcheck.yml. */
  readonly config: string;
  readonly apiUrl: string;
  readonly settings: Pick<Settings, 'botToken' | 'appToken'>;
  readonly variables?: Readonly<Record<string, string>>;
}

const root = join(import.meta.dirname, '..');

/** Starts the bot as `npm start` does and resolves when it says that it is ready. Rejects with its words where it ends instead. */
export async function startBotProcess({ config, apiUrl, settings, variables }: BotProcessOptions): Promise<BotProcess> {
  const child: ChildProcess = spawn(process.execPath, ['src/main.ts'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      DBCHECK_CONFIG: config,
      SLACK_BOT_TOKEN: settings.botToken,
      SLACK_APP_TOKEN: settings.appToken,
      SLACK_API_URL: apiUrl,
      LOG_LEVEL: 'fatal',
      ...variables,
    },
  });
  const lastWords: string[] = [];
  child.stderr?.on('data', (data) => lastWords.push(String(data)));
  const gone = once(child, 'exit') as Promise<[number | null]>;
  const isReady = await Promise.race([
    once(child.stdout as NonNullable<typeof child.stdout>, 'data'),
    gone.then(() => undefined),
  ]);
  if (!isReady) throw new Error(`the bot did not start: ${lastWords.join('').trim()}`);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    const [code] = await gone;
    return code;
  };
  return {
    pid: child.pid as number,
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
  };
}
