import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine, findProgram, isProcessAlive } from './process.ts';

/**
 * Everything that the lab starts belongs to this Node process: a folder under the temporary directory with the
 * owner's pid in its name, and server processes whose command line names that folder. Both go when the process ends,
 * by any end that lets JavaScript run; what a SIGKILL leaves is swept by the next start.
 */
const prefix = 'dbcheck-lab-';
const serverPidFile = 'server.pid';
const ownedDirectories = new Set<string>();
let hooked = false;

/** Makes a folder that is removed with this process. Its path is short: a socket path ends at 107 bytes. */
export function ownDirectory(): string {
  hookProcessEnd();
  const base = tmpdir().length > 60 ? '/tmp' : tmpdir();
  const directory = mkdtempSync(join(base, `${prefix}${process.pid}-`));
  ownedDirectories.add(directory);
  return directory;
}

/** Notes the server that works in an owned folder, so that it ends with its owner. */
export function ownServer(directory: string, pid: number): void {
  writeFileSync(join(directory, serverPidFile), String(pid));
}

/** Ends the server of an owned folder at once and removes the folder. */
export function disownDirectory(directory: string): void {
  removeDirectory(directory);
  ownedDirectories.delete(directory);
}

/** Removes what processes that are gone have left behind, servers first. Returns the folders removed. */
export function sweepLeftovers(): readonly string[] {
  const removed: string[] = [];
  for (const base of new Set([tmpdir(), '/tmp'])) {
    for (const name of readdirSync(base)) {
      const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
      if (!(owner > 0) || isProcessAlive(owner)) continue;
      removeDirectory(join(base, name));
      removed.push(join(base, name));
    }
  }
  return removed;
}

function removeDirectory(directory: string): void {
  try {
    const pid = Number(readFileSync(join(directory, serverPidFile), 'utf8'));
    // The pid may have been given to a stranger since: only a process that names our folder is ours.
    if (pid > 0 && commandLine(pid).includes(directory)) process.kill(pid, 'SIGKILL');
  } catch {
    // no server in it, or it has ended by itself
  }
  unmountWithin(directory);
  // A dying server may still write while the folder is removed; retries cover that.
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}

/** A fault may have mounted a small volume in the folder; what is mounted cannot be removed. */
function unmountWithin(directory: string): void {
  if (process.platform !== 'linux') return;
  for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const mountPoint = line.split(' ')[1];
    if (mountPoint?.startsWith(`${directory}/`))
      execFileSync(findProgram('umount') ?? 'umount', ['--lazy', mountPoint]);
  }
}

function hookProcessEnd(): void {
  if (hooked) return;
  hooked = true;
  const removeAll = (): void => {
    for (const directory of [...ownedDirectories]) disownDirectory(directory);
  };
  process.on('exit', removeAll);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const end = (): void => {
      // Somebody else handles this signal and decides when the process ends; the exit hook follows.
      if (process.listenerCount(signal) > 1) return;
      removeAll();
      process.removeListener(signal, end);
      process.kill(process.pid, signal);
    };
    process.on(signal, end);
  }
}
