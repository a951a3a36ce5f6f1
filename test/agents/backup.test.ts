import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { checkAgents } from '../support/check.ts';

const root = mkdtempSync(join(tmpdir(), 'dbcheck-backup-'));
let server: LabServer;
let folder: string;
let count = 0;

beforeAll(async () => {
  server = await startServer({ args: ['--log-bin=binlog', '--server-id=1'] });
});
afterAll(async () => {
  await server?.stop();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  folder = join(root, `b${++count}`);
  mkdirSync(folder);
});

function check(kind: 'mariadb-backup' | 'dump', params = {}, path = folder) {
  const entry = targetEntry(server, { name: 'crm-prod', backups: { kind, path } });
  return checkAgents([entry], ['backup'], { params });
}

interface Shape {
  readonly daysOld: number;
  readonly fromLsn?: number;
  readonly toLsn?: number;
  readonly without?: string;
  readonly binlog?: string;
}

function writeBackup(
  name: string,
  { daysOld, fromLsn = 0, toLsn = 5000, without, binlog = 'binlog.000001' }: Shape,
): void {
  const path = join(folder, name);
  mkdirSync(path);
  const end = new Date(Date.now() - daysOld * 86_400_000);
  const type = fromLsn === 0 ? 'full-backuped' : 'incremental';
  const local = new Date(end.getTime() - end.getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace('T', ' ');
  const files: Record<string, string> = {
    xtrabackup_checkpoints: `backup_type = ${type}\nfrom_lsn = ${fromLsn}\nto_lsn = ${toLsn}\nlast_lsn = ${toLsn}\n`,
    xtrabackup_info: `uuid = x\nend_time = ${local}\nincremental = ${fromLsn === 0 ? 'N' : 'Y'}\n`,
    xtrabackup_binlog_info: `${binlog}\t1234\t0-1-9\n`,
    ibdata1: 'x'.repeat(1000),
  };
  for (const [file, text] of Object.entries(files)) {
    if (file === without) continue;
    writeFileSync(join(path, file), text);
    utimesSync(join(path, file), end, end);
  }
  utimesSync(path, end, end);
}

const codes = (report: { readonly findings: readonly { readonly code: string; readonly severity: string }[] }) =>
  report.findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code);

describe('backup agent, on mariadb-backup folders', () => {
  it('is content with a complete backup of last night and estimates recovery with its arithmetic', async () => {
    writeBackup('2026-full', { daysOld: 0.5 });
    const report = await check('mariadb-backup');
    expect(codes(report)).toEqual([]);
    expect(report.verdict).toBe('healthy');
    expect(report.results[0]?.headline).toBe('last backup 12 h ago');
    expect(
      report.findings.find(({ code }) => code === 'backup.recovery_estimate')?.facts['restoreBytes'],
    ).toBeGreaterThan(1000);
  });

  it('reports a backup of nine days ago as stale, with its age and the allowed one', async () => {
    writeBackup('old', { daysOld: 9 });
    const [finding] = (await check('mariadb-backup')).findings;
    expect(finding).toMatchObject({
      code: 'backup.stale',
      severity: 'critical',
      facts: { ageHours: 216, maxAgeHours: 26 },
    });
  });

  it('takes the allowed age from the question', async () => {
    writeBackup('old', { daysOld: 9 });
    expect(codes(await check('mariadb-backup', { max_age_hours: 300 }))).toEqual([]);
  });

  it('reports an empty folder as no backup', async () => {
    expect(codes(await check('mariadb-backup'))).toEqual(['backup.none']);
  });

  it('reports a backup that did not come to its end, beside the last good one', async () => {
    writeBackup('good', { daysOld: 0.9 });
    writeBackup('cut', { daysOld: 0.1, without: 'xtrabackup_info' });
    const report = await check('mariadb-backup');
    expect(report.findings[0]).toMatchObject({
      code: 'backup.corrupt',
      severity: 'warning',
      facts: { backup: 'cut', goodBackups: 1 },
    });
  });

  it('reports a backup with a table file that was cut off, and trusts the one before it', async () => {
    writeBackup('good', { daysOld: 0.9 });
    writeBackup('cut', { daysOld: 0.1 });
    mkdirSync(join(folder, 'cut', 'shop'));
    writeFileSync(join(folder, 'cut', 'shop', 'orders.ibd'), 'x'.repeat(40));
    const end = new Date(Date.now() - 0.1 * 86_400_000);
    utimesSync(join(folder, 'cut'), end, end);
    const report = await check('mariadb-backup');
    expect(report.findings[0]).toMatchObject({
      code: 'backup.corrupt',
      severity: 'warning',
      facts: { backup: 'cut', reason: 'shop/orders.ibd is cut off after 40 bytes', goodBackups: 1 },
    });
    expect(report.results[0]?.headline).toBe('last backup 21.6 h ago');
  });

  it('does not trust an incremental backup whose base is missing', async () => {
    writeBackup('full', { daysOld: 2, toLsn: 5000 });
    writeBackup('inc', { daysOld: 0.2, fromLsn: 7000, toLsn: 8000 });
    expect(codes(await check('mariadb-backup')).toSorted()).toEqual(['backup.corrupt', 'backup.stale']);
  });

  it('follows a chain of incremental backups to its base', async () => {
    writeBackup('full', { daysOld: 2, toLsn: 5000 });
    writeBackup('inc1', { daysOld: 1, fromLsn: 5000, toLsn: 6000 });
    writeBackup('inc2', { daysOld: 0.2, fromLsn: 6000, toLsn: 7000 });
    expect(codes(await check('mariadb-backup'))).toEqual([]);
  });

  it('sees that binary logs since the backup are gone', async () => {
    await server.query('FLUSH BINARY LOGS');
    const files = async () => {
      const logs = await server.query<{ Log_name: string }>('SHOW BINARY LOGS');
      await server.query(`PURGE BINARY LOGS TO '${logs.at(-1)?.Log_name}'`);
      return logs.length;
    };
    await expect.poll(files).toBe(1);
    writeBackup('full', { daysOld: 0.5, binlog: 'binlog.000001' });
    expect(codes(await check('mariadb-backup'))).toEqual(['backup.pitr_gap']);
  });
});

describe('backup agent, on dumps', () => {
  const dump =
    '-- MariaDB dump\nCREATE TABLE t (a INT);\nINSERT INTO t VALUES (1);\n-- Dump completed on 2099-01-01  2:00:00\n';

  it('accepts a dump that ends with its last line, packed or not', async () => {
    writeFileSync(join(folder, 'a.sql'), dump);
    writeFileSync(join(folder, 'b.sql.gz'), gzipSync(dump));
    expect(codes(await check('dump'))).toEqual([]);
  });

  it('calls a dump without its last line corrupt', async () => {
    writeFileSync(join(folder, 'a.sql'), dump.split('\n').slice(0, 2).join('\n'));
    expect(codes(await check('dump'))).toEqual(['backup.corrupt']);
  });

  it('calls a packed dump that was cut off corrupt', async () => {
    writeFileSync(join(folder, 'a.sql.gz'), gzipSync(dump.repeat(50)).subarray(0, 60));
    expect(codes(await check('dump'))).toEqual(['backup.corrupt']);
  });
});

describe('backup agent without sight', () => {
  it('says that it cannot see where nothing is configured, and is not healthy by that', async () => {
    const report = await checkAgents([targetEntry(server, { name: 'crm-prod' })], ['backup']);
    expect(report.findings.map(({ code }) => code)).toContain('backup.unknown');
    expect(report.coverage.map(({ code }) => code)).toContain('coverage.backup_unconfigured');
    expect(report.verdict).toBe('unknown');
  });

  it('names a folder that cannot be read as a gap', async () => {
    const report = await check('mariadb-backup', {}, join(folder, 'missing'));
    expect(report.coverage[0]).toMatchObject({
      code: 'coverage.backup_unreadable',
      summary: expect.stringMatching(/ENOENT/),
    });
    chmodSync(folder, 0o755);
  });

  it('reports binary logs that are never removed once there are many', async () => {
    writeBackup('full', { daysOld: 0.1, binlog: 'none' });
    for (let round = 0; round < 100; round++) await server.query('FLUSH BINARY LOGS');
    const report = await check('mariadb-backup');
    expect(report.findings.find(({ code }) => code === 'backup.binlog_unbounded')).toMatchObject({
      severity: 'warning',
    });
  });
});
