import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { withCacheLock } from '../mariadb/cache.ts';
import { installPackages } from '../mariadb/install.ts';
import { disownDirectory, ownDirectory, ownServer } from '../mariadb/ownership.ts';
import { findProgram } from '../mariadb/process.ts';

/** A private Redis on a free loopback port. Everything of it goes with `stop()` or with this process. */
export interface LabRedis {
  readonly url: string;
  readonly pid: number;
  /** Ends the process and starts it again on the same data and port. */
  restart(): Promise<void>;
  /** Freezes the process: connections hang as on a hung host. */
  suspend(): void;
  resume(): void;
  /** Ends the process; the data stay for `restart`. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** Redis options besides the lab's, such as `--maxmemory-policy` and its value. */
  readonly args?: readonly string[];
  readonly password?: string;
}

const packages = ['redis-server'];

async function ensureRedis(): Promise<string> {
  const found = findProgram('redis-server');
  if (found) return found;
  return withCacheLock('install', async () => {
    if (!findProgram('redis-server')) await installPackages(packages, 'Redis');
    const installed = findProgram('redis-server');
    if (!installed) throw new Error(`redis-server is still missing after installing ${packages.join(' and ')}`);
    return installed;
  });
}

export async function startRedis({ args = [], password }: RedisOptions = {}): Promise<LabRedis> {
  const program = await ensureRedis();
  const directory = ownDirectory();
  const { port, close } = await freePort();
  await close();
  const words = [
    ...['--bind', '127.0.0.1', '--port', String(port), '--dir', directory, '--save', '', '--appendonly', 'yes'],
    ...['--appendfsync', 'always', '--daemonize', 'no', '--logfile', join(directory, 'redis.log')],
    ...['--maxmemory-policy', 'noeviction', ...(password === undefined ? [] : ['--requirepass', password]), ...args],
  ];
  const url = `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`;
  let child: ChildProcess | undefined;

  async function launch(): Promise<void> {
    child = spawn(program, words, { stdio: 'ignore' });
    child.unref();
    ownServer(directory, child.pid as number);
    const probe = new Redis(url, { lazyConnect: true, retryStrategy: () => 20, maxRetriesPerRequest: null });
    probe.on('error', () => {});
    try {
      const answered = probe.ping();
      answered.catch(() => {});
      if ((await Promise.race([answered, delay(10_000)])) !== 'PONG')
        throw new Error('redis-server was not ready in 10 s');
    } finally {
      probe.disconnect();
    }
  }

  async function kill(): Promise<void> {
    const ending = child;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, 'exit');
    ending.ref();
    ending.kill('SIGKILL');
    await gone;
  }

  await launch();
  return {
    url,
    get pid() {
      return child?.pid as number;
    },
    async restart() {
      await kill();
      await launch();
    },
    suspend: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    kill,
    async stop() {
      await kill();
      disownDirectory(directory);
    },
  };
}

async function freePort(): Promise<{ readonly port: number; close(): Promise<unknown> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    port,
    close() {
      server.close();
      return once(server, 'close');
    },
  };
}
