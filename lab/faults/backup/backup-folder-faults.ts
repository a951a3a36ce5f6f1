import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineFault, type Fault } from '../fault.ts';
import { prove } from '../steps.ts';
import { writeDump, writeMariadbBackup } from './folder.ts';

const hourMs = 3_600_000;

export const backupStale = defineFault({
  id: 'backup-stale',
  title: 'The last mariadb-backup is nine days old; the nightly job has failed silently since',
  question: 'when was the last good backup of orders-prod?',
  async inject(world) {
    const backups = join(world.primary.directory, 'old-backups');
    const folder = await writeMariadbBackup(world.primary, backups, {
      endedAt: new Date(Date.now() - 9 * 24 * hourMs),
    });
    world.retarget(world.primary, { backups: { kind: 'mariadb-backup', path: backups, maxAgeHours: 26 } });
    return {
      async gate() {
        const info = await readFile(join(folder, 'xtrabackup_info'), 'utf8');
        const ended = /end_time = (.+)/.exec(info)?.[1];
        const ageHours = (Date.now() - Date.parse(`${ended}Z`)) / hourMs;
        prove(
          ageHours > 200 && world.targets[0]?.backups?.path === backups,
          `the backup is ${ageHours.toFixed(0)} h old`,
        );
        return `the only backup ended ${ageHours.toFixed(0)} h ago`;
      },
      undo: async () => world.retarget(world.primary, {}),
      expect: {
        required: [{ code: 'backup.stale' }],
        rootCause: { codes: ['backup.stale'] },
        // The binary logs of the days between are gone too.
        allowed: ['backup.pitr_gap'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});

export const backupNone = defineFault({
  id: 'backup-none',
  title: 'The backup folder is empty',
  question: 'can we restore orders-prod?',
  async inject(world) {
    const backups = join(world.primary.directory, 'no-backups');
    await mkdir(backups);
    world.retarget(world.primary, { backups: { kind: 'mariadb-backup', path: backups, maxAgeHours: 26 } });
    return {
      async gate() {
        const names = await readdir(backups);
        prove(names.length === 0 && world.targets[0]?.backups?.path === backups, names.join(', '));
        return `${backups} is empty`;
      },
      undo: async () => world.retarget(world.primary, {}),
      expect: {
        required: [{ code: 'backup.none' }],
        rootCause: { codes: ['backup.none'] },
        allowed: ['backup.pitr_gap'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});

export const backupCorrupt = defineFault({
  id: 'backup-corrupt',
  title: "Last night's dump ends in the middle",
  question: 'is the backup of orders-prod fine?',
  async inject(world) {
    const backups = join(world.primary.directory, 'dumps');
    await mkdir(backups);
    const dump = join(backups, 'shop.sql');
    await writeDump(dump, { endedAt: new Date(Date.now() - 5 * hourMs), complete: false });
    world.retarget(world.primary, { backups: { kind: 'dump', path: backups, maxAgeHours: 26 } });
    return {
      async gate() {
        const text = await readFile(dump, 'utf8');
        prove(!text.includes('Dump completed') && world.targets[0]?.backups?.path === backups, 'the dump is complete');
        return `shop.sql ends with "${text.slice(-30).replaceAll('\n', ' ')}"`;
      },
      undo: async () => world.retarget(world.primary, {}),
      expect: {
        required: [{ code: 'backup.corrupt' }],
        rootCause: { codes: ['backup.corrupt'] },
        allowed: ['backup.none', 'backup.stale', 'backup.pitr_gap'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});

export const pitrGap: Fault = defineFault({
  id: 'pitr-gap',
  title: 'The backup is fresh, but the binary logs since then were purged',
  question: 'how far back can we recover orders-prod?',
  async inject(world) {
    const { primary } = world;
    const backups = join(primary.directory, 'gap-backups');
    await writeMariadbBackup(primary, backups, { endedAt: new Date(Date.now() - 3 * hourMs) });
    for (let turn = 0; turn < 3; turn++) {
      await primary.query(`UPDATE shop.orders SET note = 'after the backup ${turn}' WHERE id = 1`);
      await primary.query('FLUSH BINARY LOGS');
    }
    const newest = (await primary.query<{ Log_name: string }>('SHOW BINARY LOGS')).at(-1)?.Log_name ?? '';
    await primary.query(`PURGE BINARY LOGS TO '${newest}'`);
    world.retarget(primary, { backups: { kind: 'mariadb-backup', path: backups, maxAgeHours: 26 } });
    return {
      async gate() {
        const logs = (await primary.query<{ Log_name: string }>('SHOW BINARY LOGS')).map((row) => row.Log_name);
        prove(!logs.includes('binlog.000001') && world.targets[0]?.backups?.path === backups, logs.join(', '));
        return `the backup stands at binlog.000001; there are ${logs.join(', ')}`;
      },
      undo: async () => world.retarget(primary, {}),
      expect: {
        required: [{ code: 'backup.pitr_gap' }],
        rootCause: { codes: ['backup.pitr_gap'] },
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
