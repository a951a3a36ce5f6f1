import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isProcessAlive } from './process.ts';

/** The project's `.cache/` folder: template data directories and server series live here; deleting it is always safe. */
export const cacheDirectory = join(import.meta.dirname, '../../.cache');

/**
 * Runs `work` while no other process holds the lock of this name; waits up to `timeoutMs` for it.
 * A lock whose owner died is taken over. It only saves double work: whoever makes something in the cache
 * publishes it by an atomic rename, so two owners at once still end with one whole result.
 */
export async function withCacheLock<T>(name: string, work: () => Promise<T>, timeoutMs = 300_000): Promise<T> {
  await mkdir(cacheDirectory, { recursive: true });
  const path = join(cacheDirectory, `${name}.lock`);
  const deadline = Date.now() + timeoutMs;
  while (!(await tryLock(path))) {
    if (Date.now() > deadline) throw new Error(`another process has held ${path} for ${timeoutMs / 1000} s`);
    await delay(25);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const owner = Number(await readFile(path, 'utf8').catch(() => ''));
  if (owner > 0 && !isProcessAlive(owner)) await rm(path, { force: true });
  return false;
}
