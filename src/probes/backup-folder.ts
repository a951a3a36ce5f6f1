import type { Stats } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupSet } from './backup-set.ts';
import { readDump } from './dump-file.ts';
import type { Blindness, Probe } from './probe.ts';
import { findCutTablespace } from './tablespace-files.ts';

const checkpointNames = ['mariadb_backup_checkpoints', 'xtrabackup_checkpoints'];
const infoNames = ['mariadb_backup_info', 'xtrabackup_info'];
const binlogNames = ['mariadb_backup_binlog_info', 'xtrabackup_binlog_info'];
const maxSets = 200;
const maxOpened = 5;

/** The backups in the folder that the target configures, newest first. Blind where the folder cannot be read. */
export const backupFolder: Probe<void, readonly BackupSet[]> = {
  name: 'backup-folder',
  needs: [],
  blocked: (_, target) =>
    target.backups
      ? undefined
      : {
          code: 'coverage.backup_unconfigured',
          summary: `backups of ${target.name}: no backup source is configured`,
          fix: 'in dbcheck.yml: backups: { kind: mariadb-backup | dump, path: …, maxAgeHours: 26 }',
        },
  async collect({ target, signal }) {
    const source = target.backups;
    if (!source) return unreadable(target.name, 'not configured');
    try {
      const sets = source.kind === 'dump' ? await readDumps(source.path, signal) : await readBackups(source.path);
      const newestFirst = sets.toSorted((a, b) => b.finishedAtMs - a.finishedAtMs);
      const rows = newestFirst.map(({ name, kind, finishedAtMs, sizeBytes, broken, binlogFile }) => ({
        name,
        kind,
        finishedAt: new Date(finishedAtMs).toISOString(),
        sizeBytes,
        broken: broken ?? null,
        binlogFile: binlogFile ?? null,
      }));
      return {
        data: newestFirst,
        rows,
        sql: `read the backup folder of ${target.name}`,
        truncated: sets.length >= maxSets,
      };
    } catch (error) {
      return unreadable(target.name, (error as NodeJS.ErrnoException).code ?? 'unknown error');
    }
  },
};

function unreadable(target: string, why: string): Blindness {
  return {
    code: 'coverage.backup_unreadable',
    summary: `the backup folder of ${target} cannot be read (${why})`,
    fix: 'check backups.path in dbcheck.yml, that the volume is mounted, and that the user of dbcheck may read it',
  };
}

async function readDumps(path: string, signal: AbortSignal | undefined): Promise<BackupSet[]> {
  const about = await stat(path);
  if (about.isFile()) return [await readDump(path, path, about, signal)];
  const names = (await readdir(path)).filter((name) => /\.(sql|dump)(\.(gz|zst|xz|bz2|lz4))?$/i.test(name));
  const found = await Promise.all(names.map(async (name) => ({ name, about: await stat(join(path, name)) })));
  const files = found.filter((file) => file.about.isFile()).toSorted((a, b) => b.about.mtimeMs - a.about.mtimeMs);
  const sets: BackupSet[] = [];
  for (const { name, about: file } of files.slice(0, 20))
    sets.push(await readDump(join(path, name), name, file, signal));
  return sets;
}

async function readBackups(path: string): Promise<BackupSet[]> {
  const entries = await readdir(path, { withFileTypes: true });
  if (entries.some(({ name }) => checkpointNames.includes(name) || infoNames.includes(name)))
    return [await readSingle(path)];
  const folders = entries.filter((entry) => entry.isDirectory()).slice(0, maxSets);
  const sets = await Promise.all(folders.map(({ name }) => readBackup(join(path, name), name)));
  await openNewest(path, sets);
  const streams = entries
    .filter(({ name }) => /\.(xb|mb|mbstream|xbstream)(\.(gz|zst|lz4))?$/i.test(name))
    .slice(0, maxSets);
  const streamSets = await Promise.all(streams.map(({ name }) => readStream(join(path, name), name)));
  return [...sets.filter((set) => set !== undefined), ...streamSets];
}

async function readSingle(path: string): Promise<BackupSet> {
  const set = await readBackup(path, path);
  const cut = set.broken === undefined ? await findCutTablespace(path) : undefined;
  return cut === undefined ? set : { ...set, broken: cut };
}

/** Looks into the files of the newest backup that seems whole, and of the next one where it is not: opening all takes too long. */
async function openNewest(path: string, sets: BackupSet[]): Promise<void> {
  const newestFirst = sets.toSorted((a, b) => b.finishedAtMs - a.finishedAtMs);
  for (const set of newestFirst.filter(({ broken }) => broken === undefined).slice(0, maxOpened)) {
    const cut = await findCutTablespace(join(path, set.name));
    if (cut === undefined) return;
    sets[sets.indexOf(set)] = { ...set, broken: cut };
  }
}

async function readBackup(folder: string, name: string): Promise<BackupSet> {
  const files = await readdir(folder);
  const about = await stat(folder);
  const info = await readFirst(folder, infoNames);
  const checkpoints = await readFirst(folder, checkpointNames);
  const binlog = await readFirst(folder, binlogNames);
  const value = (text: string | undefined, key: string) =>
    new RegExp(`^${key}\\s*=\\s*(.+)$`, 'm').exec(text ?? '')?.[1]?.trim();
  const type = value(checkpoints?.text, 'backup_type') ?? '';
  const said = Date.parse(`${value(info?.text, 'end_time') ?? ''}`.replace(' ', 'T'));
  const times = [said, about.mtimeMs, info?.about.mtimeMs, checkpoints?.about.mtimeMs].filter((time): time is number =>
    Number.isFinite(time),
  );
  const lsn = (key: string) => {
    const text = value(checkpoints?.text, key);
    return text === undefined ? undefined : Number(text);
  };
  const incremental = /incremental/i.test(type) || /^[yY1]/.test(value(info?.text, 'incremental') ?? 'N');
  return {
    name,
    kind: incremental ? 'incremental' : 'full',
    finishedAtMs: Math.min(...times),
    sizeBytes: await folderSize(folder, files),
    broken: brokenBackup(files, checkpoints?.text, info?.text, type),
    fromLsn: lsn('from_lsn'),
    toLsn: lsn('to_lsn'),
    binlogFile: binlog?.text.split(/\s/)[0] || /filename '([^']+)'/.exec(value(info?.text, 'binlog_pos') ?? '')?.[1],
  };
}

/** mariadb-backup writes its checkpoints and info files last: without them it did not come to its end. */
function brokenBackup(
  files: readonly string[],
  checkpoints: string | undefined,
  info: string | undefined,
  type: string,
): string | undefined {
  if (files.length === 0) return 'the folder is empty';
  if (checkpoints === undefined) return 'the checkpoints file is missing: the backup did not come to its end';
  if (info === undefined) return 'the info file is missing: the backup did not come to its end';
  if (!/^(full-backuped|full-prepared|incremental|log-applied)/.test(type)) return 'the checkpoints file is damaged';
  return undefined;
}

async function readStream(file: string, name: string): Promise<BackupSet> {
  const about = await stat(file);
  return {
    name,
    kind: 'full',
    finishedAtMs: about.mtimeMs,
    sizeBytes: about.size,
    broken: about.size === 0 ? 'the file is empty' : undefined,
    fromLsn: undefined,
    toLsn: undefined,
    binlogFile: undefined,
  };
}

async function readFirst(
  folder: string,
  names: readonly string[],
): Promise<{ readonly text: string; readonly about: Stats } | undefined> {
  for (const name of names) {
    const path = join(folder, name);
    try {
      const about = await stat(path);
      return { text: about.size > 1_000_000 ? await readStart(path) : await readFile(path, 'utf8'), about };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}

async function readStart(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(65_536), 0, 65_536, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The size of the files in a backup, two levels deep, which is where MariaDB's tablespaces lie. */
async function folderSize(folder: string, names: readonly string[]): Promise<number> {
  let total = 0;
  for (const name of names.slice(0, 5_000)) {
    const about = await stat(join(folder, name));
    if (about.isFile()) total += about.size;
    else if (about.isDirectory()) {
      for (const inner of (await readdir(join(folder, name))).slice(0, 5_000))
        total += (await stat(join(folder, name, inner))).size;
    }
  }
  return total;
}
