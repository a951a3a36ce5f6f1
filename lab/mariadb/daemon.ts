import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { MariadbPrograms } from './install.ts';
import { findProgram, isProcessAlive } from './process.ts';

/** A running mariadbd. It ends with the thread that started it where the system can do that (Linux). */
export type Daemon = {
  readonly pid: number;
  /** Settles when the process has ended. A daemon that nobody waits for does not keep Node running. */
  waitForEnd(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  isRunning(): boolean;
};

/**
 * Starts mariadbd and waits until it takes connections on its socket.
 * Throws with the errors of its log when it ends first or is not ready after `timeoutMs`.
 */
export async function launchDaemon(
  programs: MariadbPrograms,
  args: readonly string[],
  place: { readonly socket: string; readonly errorLog: string },
  timeoutMs = 30_000,
): Promise<Daemon> {
  const tied = findProgram('setpriv');
  const words = [...(tied ? [tied, '--pdeathsig', 'KILL'] : []), ...programs.server, ...args];
  const child = spawn(words[0] ?? '', words.slice(1), { stdio: 'ignore' });
  const daemon = await watch(child);
  const deadline = Date.now() + timeoutMs;
  while (!(await takesConnections(place.socket))) {
    const ended = !daemon.isRunning();
    if (ended || Date.now() > deadline) {
      daemon.kill('SIGKILL');
      const reason = ended ? 'ended at start' : `was not ready after ${timeoutMs / 1000} s`;
      throw new Error(`mariadbd ${reason}: ${lastErrors(place.errorLog)}`);
    }
    await delay(5);
  }
  return daemon;
}

async function watch(child: ChildProcess): Promise<Daemon> {
  let ended = false;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      ended = true;
      resolve();
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error('mariadbd did not start');
  child.unref();
  return {
    pid,
    waitForEnd: () => {
      child.ref();
      return exited;
    },
    kill: (signal) => void child.kill(signal),
    isRunning: () => !ended && isProcessAlive(pid),
  };
}

function takesConnections(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const attempt = connectSocket(socket);
    // The greeting, not the accepted connection, says that the server is ready.
    attempt.once('data', () => settle(true));
    attempt.once('error', () => settle(false));
    attempt.once('close', () => settle(false));
    const settle = (ready: boolean): void => {
      attempt.destroy();
      resolve(ready);
    };
  });
}

function lastErrors(errorLog: string): string {
  try {
    const lines = readFileSync(errorLog, 'utf8').trimEnd().split('\n');
    const errors = lines.filter((line) => line.includes('[ERROR]'));
    return (errors.length > 0 ? errors : lines).slice(-5).join(' | ');
  } catch {
    return 'it wrote no error log';
  }
}
