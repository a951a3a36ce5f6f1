import { cp, mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabServer } from '../../mariadb/server.ts';

/** `2026-11-23 01:38:39` in UTC: the time format of the files below. */
function stamp(at: Date): string {
  return at.toISOString().slice(0, 19).replace('T', ' ');
}

export type BackupOptions = {
  /** When it ended. */
  readonly endedAt: Date;
  /** Where the binary log stood; the server's own position when absent. */
  readonly position?: { readonly file: string; readonly position: number };
};

/**
 * Leaves a folder as `mariadb-backup --backup` leaves it, with the files that tell what it is. It is a likeness: the
 * tool itself is in a package of its own, and nobody restores from here.
 */
export async function writeMariadbBackup(server: LabServer, backups: string, options: BackupOptions): Promise<string> {
  const { endedAt } = options;
  const startedAt = new Date(endedAt.getTime() - 42_000);
  const folder = join(backups, stamp(endedAt).replaceAll(/[: ]/g, '-'));
  const [own] = await server.query<{ File: string; Position: number }>('SHOW MASTER STATUS');
  const position = options.position ?? (own && { file: own.File, position: own.Position });
  const [gtid] = await server.query<{ gtid: string }>('SELECT @@gtid_binlog_pos AS gtid');
  await mkdir(folder, { recursive: true });
  await cp(join(server.dataDirectory, 'shop'), join(folder, 'shop'), { recursive: true });
  await cp(join(server.dataDirectory, 'ibdata1'), join(folder, 'ibdata1'));
  const files: Record<string, string> = {
    'backup-my.cnf': '[mysqld]\ninnodb_page_size=16384\ninnodb_undo_tablespaces=0\n',
    xtrabackup_checkpoints:
      'backup_type = full-backuped\nfrom_lsn = 0\nto_lsn = 6350109\nlast_lsn = 6353367\nrecover_binlog_info = 0\n',
    xtrabackup_info: [
      'uuid = 9ca32498-e6de-11f1-98ef-02fc00000001',
      'name = ',
      'tool_name = mariadb-backup',
      `tool_command = --backup --target-dir=${folder}`,
      `tool_version = ${server.version}-MariaDB`,
      `ibbackup_version = ${server.version}-MariaDB`,
      `server_version = ${server.version}-MariaDB-log`,
      `start_time = ${stamp(startedAt)}`,
      `end_time = ${stamp(endedAt)}`,
      'lock_time = 0',
      position
        ? `binlog_pos = filename '${position.file}', position '${position.position}', GTID of the last change '${gtid?.gtid}'`
        : 'binlog_pos = ',
      'innodb_from_lsn = 0',
      'innodb_to_lsn = 6350109',
      'partial = N',
      'incremental = N',
      'format = file',
      'compressed = N',
      '',
    ].join('\n'),
    ...(position ? { xtrabackup_binlog_info: `${position.file}\t${position.position}\t${gtid?.gtid}\n` } : {}),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  for (const name of [...Object.keys(files), 'ibdata1', 'shop', '.'])
    await utimes(join(folder, name), endedAt, endedAt);
  return folder;
}

/** A dump as mariadb-dump writes it; `complete: false` leaves out the end, as a full disk or a killed job does. */
export async function writeDump(
  path: string,
  options: { readonly endedAt: Date; readonly complete: boolean },
): Promise<void> {
  const lines = [
    '/*M!999999\\- enable the sandbox mode */ ',
    '-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)',
    '--',
    '-- Host: localhost    Database: shop',
    '-- ------------------------------------------------------',
    '-- Server version\t10.11.19-MariaDB-log',
    '',
    '--',
    '-- Table structure for table `orders`',
    '--',
    '',
    'DROP TABLE IF EXISTS `orders`;',
    'CREATE TABLE `orders` (`id` int(10) unsigned NOT NULL AUTO_INCREMENT, PRIMARY KEY (`id`)) ENGINE=InnoDB;',
    'LOCK TABLES `orders` WRITE;',
    ...Array.from({ length: 500 }, (_, row) => `INSERT INTO \`orders\` VALUES (${row + 1});`),
    'UNLOCK TABLES;',
    '/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;',
    '',
    `-- Dump completed on ${stamp(options.endedAt)}`,
    '',
  ];
  const text = lines.join('\n');
  await writeFile(path, options.complete ? text : text.slice(0, Math.floor(text.length * 0.6)));
  await utimes(path, options.endedAt, options.endedAt);
}
