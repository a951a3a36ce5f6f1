import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { type Accounts, accountStatements, blankAccounts, newAccounts } from './accounts.ts';
import { cacheDirectory, withCacheLock } from './cache.ts';
import { openConnection } from './connection.ts';
import { launchDaemon } from './daemon.ts';
import type { MariadbPrograms } from './install.ts';
import { disownDirectory, ownDirectory, ownServer } from './ownership.ts';
import { run } from './process.ts';
import { shopStatements } from './shop.ts';

export type Seed = 'shop' | 'none';

/** A cleanly stopped data directory to copy from. */
export type Template = { readonly dataDirectory: string; readonly accounts: Accounts };

/** Size of the redo log of every lab server; a start with another size has to make the file anew. */
const redoLogSize = '32M';

const accountSchema = z.object({ user: z.string(), password: z.string() });
const accountsSchema = z.object({
  root: accountSchema,
  dbcheck: accountSchema,
  action: accountSchema,
  app: accountSchema,
});

/** The template of this version and seed; made at the first call on this machine, in about a second. */
export async function ensureTemplate(programs: MariadbPrograms, seed: Seed): Promise<Template> {
  // A change of what goes into a template gives it another name, so an old one is never used by mistake.
  const recipe = [...accountStatements(blankAccounts), ...(seed === 'shop' ? shopStatements : []), redoLogSize];
  const digest = createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 10);
  const folder = join(cacheDirectory, 'mariadb', `${programs.version}-${seed}-${digest}`);
  const ready = await readTemplate(folder);
  if (ready) return ready;
  return await withCacheLock(`template-${programs.version}-${seed}`, async () => {
    const madeMeanwhile = await readTemplate(folder);
    if (madeMeanwhile) return madeMeanwhile;
    await mkdir(join(cacheDirectory, 'mariadb'), { recursive: true });
    await removeDrafts(folder);
    const draft = await mkdtemp(`${folder}-draft-`);
    try {
      await makeTemplate(programs, draft, seed);
      await rename(draft, folder);
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
    const made = await readTemplate(folder);
    if (!made) throw new Error(`the template ${folder} vanished while it was made`);
    return made;
  });
}

/** Copies a template; a file system that can share blocks does. */
export async function copyTemplate(template: Template, dataDirectory: string): Promise<void> {
  await run(
    'cp',
    process.platform === 'linux'
      ? ['-r', '--reflink=auto', template.dataDirectory, dataDirectory]
      : ['-R', template.dataDirectory, dataDirectory],
  );
}

type Place = {
  readonly directory: string;
  readonly dataDirectory: string;
  readonly socket: string;
  readonly errorLog: string;
};

/** Arguments of every start that only say where things are. */
export function placeArguments(programs: MariadbPrograms, place: Place): readonly string[] {
  return [
    '--no-defaults',
    ...programs.options,
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    `--datadir=${place.dataDirectory}`,
    `--tmpdir=${place.directory}`,
    `--socket=${place.socket}`,
    `--pid-file=${join(place.directory, 'mariadbd.pid')}`,
    `--log-error=${place.errorLog}`,
    `--innodb-log-file-size=${redoLogSize}`,
    '--skip-name-resolve',
  ];
}

/** What a process that was killed in the middle has left. The caller holds the lock, so nobody works on them. */
async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    if (name.startsWith(`${basename(folder)}-draft-`)) await rm(join(dirname(folder), name), { recursive: true });
  }
}

async function readTemplate(folder: string): Promise<Template | undefined> {
  const text = await readFile(join(folder, 'accounts.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return { dataDirectory: join(folder, 'data'), accounts: accountsSchema.parse(JSON.parse(text)) };
}

async function makeTemplate(programs: MariadbPrograms, draft: string, seed: Seed): Promise<void> {
  const dataDirectory = join(draft, 'data');
  const accounts = newAccounts();
  await programs.makeDataDirectory(dataDirectory, [
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
    // The machine's own name need not resolve.
    '--force',
    '--skip-test-db',
    '--auth-root-authentication-method=socket',
    `--innodb-log-file-size=${redoLogSize}`,
    '--innodb-flush-method=nosync',
    '--innodb-doublewrite=0',
  ]);
  const directory = ownDirectory();
  try {
    const place = {
      directory,
      dataDirectory,
      socket: join(directory, 's.sock'),
      errorLog: join(directory, 'error.log'),
    };
    const accountsFile = join(directory, 'accounts.sql');
    await writeFile(
      accountsFile,
      accountStatements(accounts)
        .map((statement) => `${statement};\n`)
        .join(''),
    );
    const speed = ['--innodb-flush-method=nosync', '--innodb-flush-log-at-trx-commit=0', '--skip-networking'];
    const args = [...placeArguments(programs, place), ...speed, `--init-file=${accountsFile}`];
    const daemon = await launchDaemon(programs, args, place);
    ownServer(directory, daemon.pid);
    if (seed === 'shop') {
      const connection = await openConnection({ socketPath: place.socket, ...accounts.root });
      for (const statement of shopStatements) await connection.query(statement);
      await connection.end();
    }
    daemon.kill('SIGTERM');
    await daemon.waitForEnd();
  } finally {
    disownDirectory(directory);
  }
  for (const name of await readdir(dataDirectory)) {
    // What belongs to one server's life must not be copied into another's.
    if (/\.(pid|err|log)$|^ib_buffer_pool$/.test(name)) await rm(join(dataDirectory, name));
  }
  await writeFile(join(draft, 'accounts.json'), JSON.stringify(accounts));
}
