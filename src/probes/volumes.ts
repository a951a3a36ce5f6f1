import { stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Row } from '../report/evidence.ts';
import { isBesideServer, serverPath } from '../targets/locality.ts';
import type { ServerFacts } from '../targets/server-facts.ts';
import type { Target } from '../targets/target.ts';
import type { Blindness, Collected, Probe, ProbeSource } from './probe.ts';

/** A file system that the server writes to. */
export interface Volume {
  /** The first of the server's directories that lies on it. */
  readonly path: string;
  /** What lies on it: data, temporary files, binary logs … */
  readonly holds: readonly string[];
  readonly sizeBytes: number;
  /** What an unprivileged process may still write. */
  readonly freeBytes: number;
  readonly usedPercent: number;
  /** Undefined where the file system has no fixed number of inodes. */
  readonly inodesUsedPercent: number | undefined;
}

/** What is asked of the system; a test or a lab may answer in its place. */
export interface FileSystem {
  /** A number that is equal for paths on one file system. Rejects where the path cannot be seen. */
  device(path: string): Promise<number>;
  space(path: string): Promise<Space>;
}

export interface Space {
  readonly blockBytes: number;
  readonly blocks: number;
  readonly freeBlocks: number;
  readonly availableBlocks: number;
  readonly inodes: number;
  readonly freeInodes: number;
}

const systemFiles: FileSystem = {
  device: async (path) => (await stat(path)).dev,
  async space(path) {
    const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
    return { blockBytes: bsize, blocks, freeBlocks: bfree, availableBlocks: bavail, inodes: files, freeInodes: ffree };
  },
};

export const volumes = createVolumesProbe(systemFiles);

/** The volumes of the server: by statfs where dbcheck sees its directories, else by the plugin DISKS. */
export function createVolumesProbe(files: FileSystem): Probe<void, readonly Volume[]> {
  return {
    name: 'volumes',
    needs: [],
    async collect(source) {
      const places = visibleDirectories(source.target, source.facts);
      if (places.length === 0) return askDisksPlugin(source);
      const seen = new Map<number, { path: string; holds: string[] }>();
      for (const { path, holds } of places) {
        const device = await files.device(path).catch(() => undefined);
        if (device === undefined) continue;
        const known = seen.get(device);
        if (known) known.holds.push(holds);
        else seen.set(device, { path, holds: [holds] });
      }
      if (seen.size === 0) return unseen(source.target, `${places[0]?.path} cannot be read`);
      const data: Volume[] = [];
      for (const place of seen.values()) data.push(volumeOf(place, await files.space(place.path)));
      return { data, rows: data.map(rowOf), sql: `statfs of ${[...seen.values()].map(({ path }) => path).join(', ')}` };
    },
  };
}

/** Used as df counts it: blocks that only root may use are neither free nor part of the whole. */
function volumeOf(place: { path: string; holds: readonly string[] }, space: Space): Volume {
  const used = space.blocks - space.freeBlocks;
  const usable = used + space.availableBlocks;
  return {
    ...place,
    sizeBytes: space.blocks * space.blockBytes,
    freeBytes: space.availableBlocks * space.blockBytes,
    usedPercent: percent(used, usable),
    inodesUsedPercent: space.inodes > 0 ? percent(space.inodes - space.freeInodes, space.inodes) : undefined,
  };
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1_000 * part) / whole) / 10;
}

/** The data directory first. Those that the server names are looked at only where dbcheck runs beside it. */
function visibleDirectories(target: Target, facts: ServerFacts): Directory[] {
  const named = isBesideServer(target, facts) ? namedDirectories(facts) : [];
  if (target.dataDirectory === undefined) return named;
  return [{ path: target.dataDirectory, holds: 'data' }, ...named.filter(({ holds }) => holds !== 'data')];
}

interface Directory {
  readonly path: string;
  readonly holds: string;
}

function namedDirectories(facts: ServerFacts): Directory[] {
  const places: [string, string | undefined][] = [
    ['data', serverPath(facts, 'datadir')],
    ['temporary files', serverPath(facts, 'tmpdir')?.split(':')[0]],
    ['binary logs', parentOf(serverPath(facts, 'log_bin_basename'))],
    ['redo log', serverPath(facts, 'innodb_log_group_home_dir')],
    ['undo logs', serverPath(facts, 'innodb_undo_directory')],
    ['relay logs', parentOf(serverPath(facts, 'relay_log_basename'))],
    ['slow log', parentOf(serverPath(facts, 'slow_query_log_file'))],
  ];
  return places.flatMap(([holds, path]) => (path === undefined ? [] : [{ path, holds }]));
}

function parentOf(path: string | undefined): string | undefined {
  return path === undefined ? undefined : dirname(path);
}

/** The plugin shows the volumes of the host to accounts with the FILE right only, and dbcheck should not have it. */
async function askDisksPlugin(source: ProbeSource): Promise<Collected<readonly Volume[]> | Blindness> {
  const installed = await source.query(
    "SELECT COUNT(*) AS n FROM information_schema.PLUGINS WHERE PLUGIN_NAME = 'DISKS' AND PLUGIN_STATUS = 'ACTIVE'",
  );
  if (Number(installed.rows[0]?.['n'] ?? 0) === 0) return unseen(source.target, 'its file system is not in sight');
  const sql = 'SELECT Path AS path, Total AS total, Used AS used, Available AS available FROM information_schema.DISKS';
  const { rows, truncated } = await source.query(sql);
  if (rows.length === 0) return unseen(source.target, 'the plugin DISKS shows nothing to this account');
  const mounts = rows.map((row) => String(row['path']));
  const holdings = new Map<string, string[]>();
  for (const { path, holds } of namedDirectories(source.facts)) {
    const mount = mountOf(path, mounts);
    if (mount !== undefined) holdings.set(mount, [...(holdings.get(mount) ?? []), holds]);
  }
  const data = rows.flatMap((row): Volume[] => {
    const path = String(row['path']);
    const holds = holdings.get(path);
    const [total, used, available] = [Number(row['total']), Number(row['used']), Number(row['available'])];
    const sizes = {
      sizeBytes: total * 1_024,
      freeBytes: available * 1_024,
      usedPercent: percent(used, used + available),
    };
    return holds === undefined ? [] : [{ path, holds, ...sizes, inodesUsedPercent: undefined }];
  });
  if (data.length === 0) return unseen(source.target, 'the plugin DISKS does not list its volumes');
  return { data, rows: data.map(rowOf), sql, truncated };
}

/** The mount point with the longest common beginning. */
function mountOf(path: string, mounts: readonly string[]): string | undefined {
  return mounts
    .filter((mount) => path === mount || path.startsWith(mount.endsWith('/') ? mount : `${mount}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function rowOf({ holds, inodesUsedPercent, ...volume }: Volume): Row {
  return { ...volume, holds: holds.join(', '), inodesUsedPercent: inodesUsedPercent ?? null };
}

function unseen(target: Target, why: string): Blindness {
  return {
    code: 'coverage.disk_unseen',
    summary: `the disk of ${target.name} cannot be seen: ${why}`,
    fix: `run dbcheck where it sees the data directory and name it as dataDirectory of ${target.name} in dbcheck.yml`,
  };
}
