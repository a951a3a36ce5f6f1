import { withCacheLock } from './cache.ts';
import { findProgram, run } from './process.ts';

/** The programs of one MariaDB, and how to run them. */
export type MariadbPrograms = {
  readonly version: string;
  /** Program and leading arguments that start the server. */
  readonly server: readonly [string, ...string[]];
  /** Server options that say where its own files are; none for the system's own. */
  readonly options: readonly string[];
  /** Makes the system tables in a folder that does not exist yet. `options` are those of mariadb-install-db. */
  makeDataDirectory(dataDirectory: string, options: readonly string[]): Promise<void>;
};

const packages = ['mariadb-server-core', 'mariadb-client-core'];

/**
 * Finds MariaDB on this machine. Where it is missing on Debian, installs the core packages, which bring no service and
 * no configuration; where that is impossible, throws one sentence that says what to install.
 */
export async function ensureMariadb(): Promise<MariadbPrograms> {
  const found = await findMariadb();
  if (found) return found;
  return await withCacheLock('install', async () => {
    const installedMeanwhile = await findMariadb();
    if (installedMeanwhile) return installedMeanwhile;
    await installPackages(packages, 'MariaDB');
    const installed = await findMariadb();
    if (!installed) throw new Error(`mariadbd is still missing after installing ${packages.join(' and ')}`);
    return installed;
  });
}

/**
 * Installs Debian packages without questions, refreshing the package lists once when they are too old. Where that is
 * impossible, throws one sentence that says what is missing and what to install.
 */
export async function installPackages(names: readonly string[], what: string): Promise<void> {
  const advice = `install the packages ${names.join(' and ')} (on Debian: sudo apt-get install ${names.join(' ')})`;
  const aptGet = findProgram('apt-get');
  if (!aptGet) throw new Error(`${what} is missing: ${advice}`);
  const asRoot = await rootPrefix();
  if (!asRoot) throw new Error(`${what} is missing and neither root nor password-less sudo is available: ${advice}`);
  const apt = async (...args: string[]): Promise<void> => {
    const words = [
      ...asRoot,
      'env',
      'DEBIAN_FRONTEND=noninteractive',
      aptGet,
      '-o',
      'DPkg::Lock::Timeout=120',
      ...args,
    ];
    await run(words[0] ?? aptGet, words.slice(1));
  };
  const install = ['install', '-y', '-q', '--no-install-recommends', ...names];
  try {
    await apt(...install);
  } catch {
    try {
      await apt('update', '-q');
      await apt(...install);
    } catch (cause) {
      throw new Error(`apt-get could not install ${what}: ${advice}`, { cause });
    }
  }
}

async function rootPrefix(): Promise<readonly string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const sudo = findProgram('sudo');
  if (!sudo) return undefined;
  return await run(sudo, ['-n', 'true']).then(
    () => [sudo, '-n'],
    () => undefined,
  );
}

async function findMariadb(): Promise<MariadbPrograms | undefined> {
  const server = findProgram('mariadbd');
  const installDb = findProgram('mariadb-install-db');
  // mariadb-install-db calls my_print_defaults, which Debian keeps in the client package.
  if (!server || !installDb || !findProgram('my_print_defaults')) return undefined;
  return {
    version: parseVersion(await run(server, ['--no-defaults', '--version'])),
    server: [server],
    options: [],
    async makeDataDirectory(dataDirectory, options) {
      await run(installDb, ['--no-defaults', `--datadir=${dataDirectory}`, ...options]);
    },
  };
}

/** `mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for …` gives `10.11.19`. */
export function parseVersion(text: string): string {
  const version = /Ver (\d+\.\d+\.\d+)-MariaDB/.exec(text)?.[1];
  if (!version) throw new Error(`not a MariaDB server: ${text.trim()}`);
  return version;
}
