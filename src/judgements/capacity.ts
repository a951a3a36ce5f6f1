import type { Thresholds } from '../agents/thresholds.ts';
import type { LogPattern } from '../error-log/pattern.ts';
import { type Counters, gauge } from '../probes/counters.ts';
import type { TableSize } from '../probes/table-sizes.ts';
import type { Volume } from '../probes/volumes.ts';
import type { FindingDraft, Recommendation, Severity } from '../report/finding.ts';
import { sizeInWords } from '../report/units.ts';
import { quotedName, tableName } from '../sql/quote.ts';
import { isOn, numericVariable, type ServerFacts } from '../targets/server-facts.ts';

/** Volumes of the server that run out of room or of inodes. Subject: the directory. */
export function judgeVolumes(
  volumes: readonly Volume[],
  facts: ServerFacts,
  thresholds: Thresholds,
  evidence: readonly string[],
): FindingDraft[] {
  return volumes.flatMap((volume) => {
    const severity = severityOf(volume, thresholds);
    if (severity === undefined) return [];
    const inodes = volume.inodesUsedPercent ?? 0;
    const byInodes = inodes >= thresholds.inodesUsedPercent && volume.usedPercent < thresholds.diskUsedPercent;
    return [
      {
        code: 'capacity.disk_near_full',
        severity,
        subject: volume.path,
        title: byInodes ? `No inodes left (${inodes} % used)` : `Disk ${volume.usedPercent} % full`,
        summary: byInodes
          ? `The volume has room, but ${inodes} % of its inodes are used. It holds ${volume.holds.join(', ')}.`
          : `${sizeInWords(volume.freeBytes)} of ${sizeInWords(volume.sizeBytes)} are left where the server keeps ${volume.holds.join(', ')}. When it is full, writes stop.`,
        confidence: 'certain',
        facts: {
          path: volume.path,
          usedPercent: volume.usedPercent,
          freeBytes: volume.freeBytes,
          sizeBytes: volume.sizeBytes,
          holds: volume.holds.join(', '),
          ...(volume.inodesUsedPercent === undefined ? {} : { inodesUsedPercent: volume.inodesUsedPercent }),
        },
        evidence,
        impact: severity === 'critical' ? 60 : 20,
        thresholds: ['diskUsedPercent', 'diskUsedCriticalPercent', 'diskPlentyGibibytes', 'inodesUsedPercent'],
        recommendations: roomActions(volume, facts),
      },
    ];
  });
}

function severityOf(volume: Volume, thresholds: Thresholds): Severity | undefined {
  if ((volume.inodesUsedPercent ?? 0) >= thresholds.inodesUsedPercent) return 'warning';
  if (volume.freeBytes >= thresholds.diskPlentyGibibytes * 1_024 ** 3) return undefined;
  if (volume.usedPercent >= thresholds.diskUsedCriticalPercent) return 'critical';
  return volume.usedPercent >= thresholds.diskUsedPercent ? 'warning' : undefined;
}

function roomActions(volume: Volume, facts: ServerFacts): Recommendation[] {
  const binaryLogs = isOn(facts, 'log_bin') && volume.holds.includes('binary logs');
  return [
    {
      action: `See what fills it: df -h ${volume.path} names the mount point, du -xh --max-depth=2 on it the folders`,
      risk: 'safe',
      rollback: 'nothing changes',
    },
    ...(binaryLogs
      ? [
          {
            action:
              'Remove binary logs that every replica and every backup has passed; check SHOW ALL SLAVES STATUS first',
            sql: 'PURGE BINARY LOGS BEFORE NOW() - INTERVAL 3 DAY;',
            risk: 'destructive',
            rollback: 'none: purged logs are gone for replicas and for point-in-time recovery',
          } as const,
        ]
      : []),
    { action: 'Grow the volume', risk: 'needs_staging', rollback: 'none needed' },
  ];
}

/** Tables of which a large part is free space inside their own file. */
export function judgeBloat(
  tables: readonly TableSize[],
  thresholds: Thresholds,
  evidence: readonly string[],
): FindingDraft[] {
  return tables
    .filter(({ engine }) => /^(InnoDB|MyISAM|Aria)$/i.test(engine))
    .flatMap((table) => {
      const usedBytes = table.dataBytes + table.indexBytes;
      // MyISAM and Aria count the free space into the data file's length, InnoDB does not.
      const fileBytes = /^InnoDB$/i.test(table.engine) ? usedBytes + table.freeBytes : usedBytes;
      const sharePercent = Math.round((100 * table.freeBytes) / Math.max(fileBytes, 1));
      const minimumBytes = thresholds.bloatMinimumMebibytes * 1_024 ** 2;
      if (table.freeBytes < minimumBytes || sharePercent < thresholds.bloatSharePercent) return [];
      return [bloat(table, fileBytes, sharePercent, evidence)];
    })
    .slice(0, 20);
}

function bloat(table: TableSize, fileBytes: number, sharePercent: number, evidence: readonly string[]): FindingDraft {
  const name = tableName(table.schema, table.table);
  return {
    code: 'capacity.table_bloat',
    severity: 'info',
    subject: name,
    title: `${sharePercent} % of the table's file is free space`,
    summary: `${sizeInWords(table.freeBytes)} of ${sizeInWords(fileBytes)} are free inside the file; the table reuses them, the volume does not get them back.`,
    confidence: 'certain',
    facts: { freeBytes: table.freeBytes, fileBytes, sharePercent, engine: table.engine },
    evidence,
    thresholds: ['bloatSharePercent', 'bloatMinimumMebibytes'],
    recommendations: [
      {
        action: `Rebuild it when it will not grow again; that needs about ${sizeInWords(fileBytes - table.freeBytes)} of room`,
        sql: `ALTER TABLE ${quotedName(table.schema)}.${quotedName(table.table)} ENGINE=${table.engine};`,
        risk: 'needs_staging',
        rollback: 'none needed: the contents stay the same',
      },
    ],
  };
}

/** Open files against the limit of the process, and tables that could not be opened in the window. */
export function judgeOpenFiles(
  target: string,
  counters: Counters,
  refused: readonly LogPattern[],
  facts: ServerFacts,
  thresholds: Thresholds,
  evidence: readonly string[],
): FindingDraft[] {
  const limit = numericVariable(facts, 'open_files_limit') ?? 0;
  const open = (gauge(counters, 'Open_files') ?? 0) + (gauge(counters, 'Innodb_num_open_files') ?? 0);
  const refusals = refused
    .filter(({ kind, severity }) => kind === 'open_files' && severity === 'error')
    .reduce((sum, { count }) => sum + count, 0);
  const usedPercent = limit > 0 ? Math.round((100 * open) / limit) : 0;
  if (refusals === 0 && usedPercent < thresholds.openFilesPercent) return [];
  const critical = refusals > 0 || usedPercent >= 95;
  return [
    {
      code: 'capacity.open_files',
      severity: critical ? 'critical' : 'warning',
      subject: target,
      title: refusals > 0 ? 'Files could not be opened' : `${usedPercent} % of the open files are used`,
      summary:
        `${open} of ${limit} files are open` +
        `${refusals > 0 ? `, and the error log tells of ${refusals} that could not be opened` : '; at the limit tables cannot be opened'}.`,
      confidence: 'certain',
      facts: { openFiles: open, limit, usedPercent, refusals },
      evidence,
      impact: critical ? 40 : 10,
      thresholds: ['openFilesPercent'],
      recommendations: [
        {
          action:
            'Raise open_files_limit (and LimitNOFILE of the systemd unit) in the configuration, then restart; until then keep fewer tables open',
          sql: `SET GLOBAL table_open_cache = ${Math.max(64, Math.floor((numericVariable(facts, 'table_open_cache') ?? 2_000) / 2))};`,
          risk: 'needs_staging',
          rollback: `SET GLOBAL table_open_cache = ${numericVariable(facts, 'table_open_cache') ?? 2_000};`,
        },
      ],
    },
  ];
}
