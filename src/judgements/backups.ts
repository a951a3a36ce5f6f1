import type { Thresholds } from '../agents/thresholds.ts';
import type { BackupSet } from '../probes/backup-set.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { sizeInWords } from '../report/units.ts';

export interface BackupContext {
  readonly target: string;
  readonly evidence: readonly string[];
  readonly nowMs: number;
  readonly maxAgeHours: number;
  readonly thresholds: Thresholds;
}

const takeBackup: Recommendation = {
  action: 'Take a full backup now, then find out why the scheduled one did not run',
  sql: 'mariadb-backup --backup --target-dir=/path/to/backup-$(date +%F)',
  risk: 'safe',
  rollback: 'nothing changes; it reads every page once',
};

/** What the configured folder says: nothing there, the newest too old, or not restorable. Sets come newest first. */
export function judgeBackupSets(sets: readonly BackupSet[], context: BackupContext): FindingDraft[] {
  const common = { subject: context.target, confidence: 'certain', evidence: context.evidence } as const;
  if (sets.length === 0) {
    return [
      {
        ...common,
        code: 'backup.none',
        severity: 'critical',
        title: 'There is no backup',
        summary: 'The configured backup folder holds no backup at all.',
        facts: { backups: 0 },
        impact: 10,
        recommendations: [takeBackup],
      },
    ];
  }
  const checked = markBrokenChains(sets);
  const good = checked.find(({ broken }) => broken === undefined);
  const findings: FindingDraft[] = [];
  const [newest] = checked as [BackupSet];
  if (newest.broken !== undefined) {
    findings.push({
      ...common,
      code: 'backup.corrupt',
      severity: good && hoursSince(good, context) <= context.maxAgeHours ? 'warning' : 'critical',
      title: 'The newest backup cannot be restored',
      summary: `${newest.name}, ${ageInWords(newest, context)} old: ${newest.broken}. ${good ? `The last good one is ${good.name}, ${ageInWords(good, context)} old.` : 'No other backup in the folder is complete.'}`,
      facts: {
        backup: newest.name,
        reason: newest.broken,
        ageHours: hoursSince(newest, context),
        goodBackups: checked.filter(({ broken }) => broken === undefined).length,
      },
      impact: 10,
      recommendations: [takeBackup],
    });
  }
  const ageHours = good && hoursSince(good, context);
  if (good && ageHours !== undefined && ageHours > context.maxAgeHours) {
    findings.push({
      ...common,
      code: 'backup.stale',
      severity: ageHours > context.maxAgeHours * context.thresholds.backupCriticalAgeFactor ? 'critical' : 'warning',
      title: `The last good backup is ${ageInWords(good, context)} old`,
      summary: `${good.name} was finished ${ageHours} h ago; ${context.maxAgeHours} h are allowed.`,
      facts: { backup: good.name, ageHours, maxAgeHours: context.maxAgeHours },
      impact: 5,
      thresholds: ['backupCriticalAgeFactor'],
      recommendations: [takeBackup],
    });
  }
  return findings;
}

/** An incremental backup is worth nothing without a base that ends where it begins. */
export function markBrokenChains(sets: readonly BackupSet[]): readonly BackupSet[] {
  const isReachable = (set: BackupSet, seen: ReadonlySet<BackupSet>): boolean => {
    if (set.broken !== undefined) return false;
    if (set.kind !== 'incremental') return true;
    const bases = sets.filter(
      (base) => base !== set && !seen.has(base) && base.toLsn !== undefined && base.toLsn === set.fromLsn,
    );
    return bases.some((base) => isReachable(base, new Set([...seen, set])));
  };
  return sets.map((set) =>
    set.broken === undefined && !isReachable(set, new Set())
      ? {
          ...set,
          broken: `its base backup (ending at LSN ${set.fromLsn ?? 'unknown'}) is not in the folder or is broken`,
        }
      : set,
  );
}

export interface BinlogView {
  readonly enabled: boolean;
  /** undefined where the list could not be read. */
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[] | undefined;
  /** Seconds after which the server removes a binary log; 0 means never. */
  readonly expirySeconds: number;
  readonly evidence: readonly string[];
}

/** Point-in-time recovery: is there a binary log at all, does it reach back to the backup, and does it end anywhere. */
export function judgeBinlogs(good: BackupSet | undefined, view: BinlogView, context: BackupContext): FindingDraft[] {
  const common = {
    subject: context.target,
    confidence: 'certain',
    evidence: [...context.evidence, ...view.evidence],
  } as const;
  if (!view.enabled) {
    return [
      {
        ...common,
        code: 'backup.no_binlog',
        severity: 'info',
        title: 'No binary log: recovery ends at the last backup',
        summary: 'log_bin is OFF, so changes after the last backup cannot be recovered, and no replica can follow.',
        facts: { logBin: false },
        recommendations: [
          {
            action: 'Turn the binary log on in the server configuration (log_bin) at the next restart',
            risk: 'needs_staging',
            rollback: 'remove log_bin and restart',
          },
        ],
      },
    ];
  }
  const findings: FindingDraft[] = [];
  const files = view.files;
  if (
    good?.binlogFile !== undefined &&
    files &&
    files.length > 0 &&
    !files.some(({ name }) => name === good.binlogFile)
  ) {
    findings.push({
      ...common,
      code: 'backup.pitr_gap',
      severity: 'warning',
      title: 'Binary logs since the last backup are missing',
      summary: `The backup ${good.name} ends in ${good.binlogFile}, but the oldest binary log here is ${files[0]?.name}: changes in between cannot be replayed.`,
      facts: { backupBinlog: good.binlogFile, oldestBinlog: files[0]?.name ?? null },
      recommendations: [takeBackup],
    });
  }
  if (view.expirySeconds === 0 && files) findings.push(unbounded(files, context, common));
  return findings;
}

function unbounded(
  files: readonly { readonly sizeBytes: number }[],
  context: BackupContext,
  common: Pick<FindingDraft, 'subject' | 'confidence' | 'evidence'>,
): FindingDraft {
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const many = files.length >= context.thresholds.binlogFilesMany || totalBytes >= context.thresholds.binlogBytesMany;
  return {
    ...common,
    code: 'backup.binlog_unbounded',
    severity: many ? 'warning' : 'info',
    title: 'Binary logs are never removed',
    summary: `binlog_expire_logs_seconds is 0; ${files.length} files take ${totalBytes} bytes and grow without a limit.`,
    facts: { binlogFiles: files.length, totalBytes, expirySeconds: 0 },
    thresholds: ['binlogFilesMany', 'binlogBytesMany'],
    recommendations: [
      {
        action:
          'Keep them for a week (longer than the longest replica outage and the time between backups); also in the server configuration',
        sql: 'SET GLOBAL binlog_expire_logs_seconds = 604800;',
        risk: 'disruptive',
        rollback: 'SET GLOBAL binlog_expire_logs_seconds = 0; removed files do not come back',
      },
    ],
  };
}

/** How much could be lost and how long a restore takes, with the reasoning; information, because nobody can measure it from here. */
export function estimateRecovery(good: BackupSet, view: BinlogView, context: BackupContext): FindingDraft {
  const { restoreMegabytesPerSecond, replayMegabytesPerSecond } = context.thresholds;
  const since = view.files?.findIndex(({ name }) => name === good.binlogFile) ?? -1;
  const replayBytes =
    since < 0 ? 0 : (view.files ?? []).slice(since).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const restoreMinutes = Math.ceil(good.sizeBytes / 1e6 / restoreMegabytesPerSecond / 60);
  const replayMinutes = Math.ceil(replayBytes / 1e6 / replayMegabytesPerSecond / 60);
  const lossHours = hoursSince(good, context);
  const loss =
    view.enabled && since >= 0
      ? 'what the last binary log held, if the host is lost with it'
      : `${lossHours} h, back to the backup`;
  return {
    code: 'backup.recovery_estimate',
    severity: 'info',
    subject: context.target,
    title: `Recovery: about ${restoreMinutes + replayMinutes} min, losing ${loss}`,
    summary: `Restore ${sizeInWords(good.sizeBytes)} at ${restoreMegabytesPerSecond} MB/s (${restoreMinutes} min), replay ${sizeInWords(replayBytes)} of binary log at ${replayMegabytesPerSecond} MB/s (${replayMinutes} min). Both speeds are assumptions; measure a restore.`,
    confidence: 'possible',
    facts: {
      rtoMinutes: restoreMinutes + replayMinutes,
      rpoHours: view.enabled && since >= 0 ? 0 : lossHours,
      restoreBytes: good.sizeBytes,
      replayBytes,
      restoreMegabytesPerSecond,
      replayMegabytesPerSecond,
      restoreMinutes,
      replayMinutes,
    },
    evidence: [...context.evidence, ...view.evidence],
    thresholds: ['restoreMegabytesPerSecond', 'replayMegabytesPerSecond'],
    recommendations: [],
  };
}

/** Nothing is configured: that is a gap in sight, not a fault. */
export function backupUnknown(context: BackupContext): FindingDraft {
  return {
    code: 'backup.unknown',
    severity: 'info',
    subject: context.target,
    title: 'Backups cannot be seen',
    summary: 'No readable backup source is configured for this target; whether a backup exists is unknown.',
    confidence: 'certain',
    facts: { configured: false },
    evidence: [],
    recommendations: [],
  };
}

export function hoursSince(set: BackupSet, context: Pick<BackupContext, 'nowMs'>): number {
  return Math.max(0, Math.round((context.nowMs - set.finishedAtMs) / 360_000) / 10);
}

function ageInWords(set: BackupSet, context: BackupContext): string {
  const hours = hoursSince(set, context);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
