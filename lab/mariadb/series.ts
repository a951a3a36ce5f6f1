import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheDirectory, withCacheLock } from './cache.ts';
import { ensureMariadb, installPackages, type MariadbPrograms, parseVersion } from './install.ts';
import { findProgram, run } from './process.ts';

/** Long-term series of MariaDB that Debian carries. */
export type Series = '10.5' | '10.11' | '11.8';

export const allSeries: readonly Series[] = ['10.5', '10.11', '11.8'];

const suites: Readonly<Record<Series, { readonly suite: string; readonly packages: readonly string[] }>> = {
  '10.5': { suite: 'bullseye', packages: ['mariadb-server-core-10.5', 'mariadb-client-core-10.5'] },
  '10.11': { suite: 'bookworm', packages: ['mariadb-server-core', 'mariadb-client-core'] },
  '11.8': { suite: 'trixie', packages: ['mariadb-server-core', 'mariadb-client-core'] },
};

const mirror = 'http://deb.debian.org/debian';

/**
 * The programs of a series: the machine's own where they are of that series, else a small Debian in the project's
 * cache, made at the first call in about half a minute. That needs root and network; without, the error says so.
 */
export async function ensureSeries(series: Series): Promise<MariadbPrograms> {
  const own = await ensureMariadb();
  if (own.version.startsWith(`${series}.`)) return own;
  const root = join(cacheDirectory, 'series', suites[series].suite);
  if (!(await exists(root))) {
    await withCacheLock(`series-${series}`, async () => {
      if (!(await exists(root))) await installSeries(series, root);
    });
  }
  return await programsIn(root);
}

async function installSeries(series: Series, root: string): Promise<void> {
  const { suite, packages } = suites[series];
  if (process.getuid?.() !== 0) throw new Error(`MariaDB ${series} is fetched by debootstrap, which needs root`);
  if (!findProgram('debootstrap')) await installPackages(['debootstrap'], `MariaDB ${series}`);
  await mkdir(join(cacheDirectory, 'series'), { recursive: true });
  const draft = await mkdtemp(`${root}-draft-`);
  try {
    await run('debootstrap', ['--variant=minbase', `--include=${packages.join(',')}`, suite, draft, mirror]);
    await run('chmod', ['755', draft]);
    await rename(draft, root);
  } catch (cause) {
    throw new Error(`debootstrap could not fetch MariaDB ${series} from Debian ${suite}`, { cause });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/**
 * The server runs outside the small Debian, with that Debian's loader and libraries: sockets, logs and data then lie
 * where the lab has them, and only the making of a data directory needs chroot.
 */
async function programsIn(root: string): Promise<MariadbPrograms> {
  const libraries = join(root, 'usr/lib');
  const [architecture] = (await readdir(libraries)).filter((name) => name.endsWith('-linux-gnu'));
  if (!architecture) throw new Error(`no libraries in ${libraries}`);
  // Not the link in /lib64: it is absolute in older suites, and so points out of the folder.
  const library = join(root, 'lib', architecture);
  const loader = (await readdir(library)).find((name) => /^ld-linux.*\.so\.\d+$/.test(name));
  if (!loader) throw new Error(`no loader in ${library}`);
  const server: MariadbPrograms['server'] = [
    join(library, loader),
    '--library-path',
    [library, join(libraries, architecture)].join(':'),
    join(root, 'usr/sbin/mariadbd'),
  ];
  const version = parseVersion(await run(server[0], [...server.slice(1), '--no-defaults', '--version']));
  return {
    version,
    server,
    options: [`--basedir=${join(root, 'usr')}`, `--lc-messages-dir=${join(root, 'usr/share/mysql')}`],
    async makeDataDirectory(dataDirectory, options) {
      const inside = await mkdtemp(join(root, 'tmp/data-'));
      try {
        const path = inside.slice(root.length);
        await run('chroot', [root, '/usr/bin/mariadb-install-db', '--no-defaults', `--datadir=${path}`, ...options]);
        await run('cp', ['-r', inside, dataDirectory]);
      } finally {
        await rm(inside, { recursive: true, force: true });
      }
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
