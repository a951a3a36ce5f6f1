import { z } from 'zod';
import {
  type BackupContext,
  type BinlogView,
  backupUnknown,
  estimateRecovery,
  hoursSince,
  judgeBackupSets,
  judgeBinlogs,
  markBrokenChains,
} from '../judgements/backups.ts';
import { backupFolder } from '../probes/backup-folder.ts';
import { backupHistory } from '../probes/backup-history.ts';
import type { BackupSet } from '../probes/backup-set.ts';
import { binaryLogs } from '../probes/binary-logs.ts';
import { dataOf, evidenceOf } from '../probes/probe.ts';
import type { FindingDraft } from '../report/finding.ts';
import { isOn, numericVariable } from '../targets/server-facts.ts';
import { defineAgent } from './agent.ts';

export const backup = defineAgent({
  name: 'backup',
  tool: 'check_backup_health',
  title: 'Backups',
  description: 'Last good backup, RPO and RTO, point-in-time recovery gaps.',
  useCases: ['Are backups working', 'How long would a restore take'],
  checks: [
    'mariadb-backup folders and dumps: age, completeness, chains of incremental backups, damaged archives',
    'the history that mariadb-backup records in the server',
    'binary log: on, reaching back to the last backup, bounded',
    'an RPO and an RTO with the arithmetic behind them',
  ],
  routing: [
    '\\bbin(ary)?[ -]?logs?\\b(?!.{0,25}(\\d ?([gmt]i?b|%)|disk|space|huge|big|fill|eat))',
    'back-?ups?\\b',
    'backed up',
    'restor(e|ed|ing)\\b',
    '(?<!crash )recover(y|able|ed)?\\b(?! (from|after) (a |the |its )?crash)',
    'point.in.time|\\bpitr\\b',
    'dumps?\\b(?! thread)',
    '\\brpo\\b|\\brto\\b',
    'sicherung(en)?',
    'sauvegardes?',
    'copias? de seguridad|respaldos?',
    'mariabackup|mariadb-backup|xtrabackup',
    '^(?!.*\\bpower\\b).*(what|much|data|anything) .{0,20}\\blos[es]',
    'data loss',
    '(go|get|come) back (to|in time)(?! (bed|sleep|work|normal|you|me|home|business|us))|by (accident|mistake)|undelete|(accidental(ly)?|somebody|someone|wrongly) (deleted|dropped)|back to .{0,20}before',
    'wiederherstell|restaur(er|ar|ation|acion)|recuperar|\\bbackup\\b',
    '^(?!.*\\bpower\\b).*\\blos(e|ing) (any |some |much )?data',
    '\\bsnapshots?\\b|\\bundo (a|an|the|my) (delete|drop|truncate|update)',
    '\\bdata .{0,15}\\blost\\b',
    '\\bget .{0,20}\\b(data|rows?|tables?) back\\b|\\b(deleted|dropped|overwritten|truncated) .{0,30}\\b(back|undo)\\b',
  ],
  parameters: z.object({
    /** The target's own backups.maxAgeHours (26 by default) where the question sets none. */
    max_age_hours: z.number().min(1).max(8_760).optional(),
  }),
  instead: 'incident_triage',
  async collect(collector) {
    const [folder, history, logs] = await Promise.all([
      collector.read(backupFolder, undefined, { essential: true }),
      collector.read(backupHistory, undefined, { optional: true }),
      collector.read(binaryLogs, undefined, { optional: !isOn(collector.facts, 'log_bin') }),
    ]);
    return { folder, history, logs, facts: collector.facts };
  },
  diagnose({ folder, history, logs, facts }, { params, target, thresholds, nowMs }) {
    const context: BackupContext = {
      target: target.name,
      evidence: evidenceOf(folder, history),
      nowMs,
      maxAgeHours: params.max_age_hours ?? target.backups?.maxAgeHours ?? 26,
      thresholds,
    };
    const recorded = dataOf(history, []).map((row, index): BackupSet => {
      return {
        name: `recorded run ${index + 1}`,
        kind: row.incremental?.startsWith('Y') ? 'incremental' : 'full',
        finishedAtMs: nowMs - row.age_seconds * 1_000,
        sizeBytes: 0,
        broken: undefined,
        fromLsn: undefined,
        toLsn: undefined,
        binlogFile: /filename '([^']+)'/.exec(row.binlog_position ?? '')?.[1],
      };
    });
    const sets = dataOf(folder, []);
    const view: BinlogView = {
      enabled: isOn(facts, 'log_bin'),
      files:
        logs.status === 'read'
          ? logs.data.map(({ Log_name, File_size }) => ({ name: Log_name, sizeBytes: File_size }))
          : undefined,
      expirySeconds:
        numericVariable(facts, 'binlog_expire_logs_seconds') ??
        (numericVariable(facts, 'expire_logs_days') ?? 0) * 86_400,
      evidence: evidenceOf(logs),
    };
    const good = markBrokenChains(sets).find(({ broken }) => broken === undefined);
    const findings: FindingDraft[] =
      folder.status === 'read' ? judgeBackupSets(sets, context) : [backupUnknown(context)];
    findings.push(...judgeBinlogs(good ?? recorded[0], view, context));
    if (good) findings.push(estimateRecovery(good, view, context));
    const newest = good ?? recorded[0];
    return {
      findings,
      headline: newest ? `last backup ${ageInWords(hoursSince(newest, context))} ago` : 'no backup seen',
    };
  },
});

function ageInWords(hours: number): string {
  return hours < 1 ? 'less than 1 h' : `${hours} h`;
}
