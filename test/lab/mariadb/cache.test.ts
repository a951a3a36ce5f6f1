import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cacheDirectory, withCacheLock } from '../../../lab/mariadb/cache.ts';
import { parseVersion } from '../../../lab/mariadb/install.ts';

describe('cache lock', () => {
  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
      inside--;
    };
    await Promise.all(Array.from({ length: 5 }, () => withCacheLock('test-one-at-a-time', work)));
    expect(most).toBe(1);
  });

  it('is released when the work fails', async () => {
    const failing = withCacheLock('test-released', () => Promise.reject(new Error('on purpose')));
    await expect(failing).rejects.toThrow('on purpose');
    expect(existsSync(join(cacheDirectory, 'test-released.lock'))).toBe(false);
  });

  it('is taken over from an owner that is gone', async () => {
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    await writeFile(join(cacheDirectory, 'test-stale.lock'), String(gone));
    expect(await withCacheLock('test-stale', async () => 'in', 2000)).toBe('in');
  });

  it('gives up with the name of the lock while its owner lives', async () => {
    const held = withCacheLock('test-held', () => withCacheLock('test-held', async () => 'never', 60));
    await expect(held).rejects.toThrow('test-held.lock');
  });
});

describe('version of mariadbd', () => {
  it.each([
    ['mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)', '10.11.19'],
    ['/root/usr/sbin/mariadbd  Ver 11.8.6-MariaDB-0+deb13u1 from Debian for debian-linux-gnu on x86_64', '11.8.6'],
  ])('is read from %s', (text, version) => {
    expect(parseVersion(text)).toBe(version);
  });

  it('refuses a MySQL server', () => {
    expect(() => parseVersion('mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server)')).toThrow(
      'not a MariaDB',
    );
  });
});
