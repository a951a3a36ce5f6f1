import type { Thresholds } from '../agents/thresholds.ts';
import { type Counters, perSecond, round } from '../probes/counters.ts';
import type { FindingDraft } from '../report/finding.ts';
import { shortNumber, sizeInWords } from '../report/units.ts';
import { numericVariable } from '../targets/server-facts.ts';
import { type SettingView, settingFinding } from './setting.ts';

const logSize = 'innodb_log_file_size';
const ageName = 'Innodb_checkpoint_age';
/** A younger server has no usual work yet. */
const youngSeconds = 600;
const stepBytes = 64 * 1_024 ** 2;

/**
 * A redo log that is full: writers wait until pages are flushed and a checkpoint frees room. It is too small where the
 * work of the window fills it within minutes; full without such writing is a slow disk, which no size mends.
 */
export function judgeRedoLog(view: SettingView, counters: Counters, thresholds: Thresholds): FindingDraft[] {
  // The age falls with each checkpoint: the fuller of the two looks tells how far it gets.
  const age = Math.max(counters.first[ageName] ?? 0, counters.last[ageName] ?? 0);
  const most = counters.last['Innodb_checkpoint_max_age'] ?? 0;
  const sizeBytes =
    (numericVariable(view.facts, logSize) ?? 0) * (numericVariable(view.facts, 'innodb_log_files_in_group') ?? 1);
  const writtenPerSecond = perSecond(counters, 'Innodb_os_log_written') ?? 0;
  if (most === 0 || sizeBytes === 0 || writtenPerSecond === 0) return [];
  const fullPercent = (100 * age) / most;
  const secondsToFill = sizeBytes / writtenPerSecond;
  const isFull = fullPercent >= thresholds.redoLogFullPercent && secondsToFill <= thresholds.redoLogFillSeconds;
  // Overwritten in no time, it is full again and again between the looks, whatever they see.
  const isSpun = secondsToFill <= thresholds.redoLogSpunSeconds;
  if (!isFull && !isSpun) return [];
  // One large statement fills any log once; where that is usual, the log is too small for the work.
  const usualSeconds = (sizeBytes * counters.uptimeSeconds) / Math.max(counters.last['Innodb_os_log_written'] ?? 0, 1);
  const isUsual = counters.uptimeSeconds >= youngSeconds && usualSeconds <= thresholds.redoLogFillSeconds;
  const pool = numericVariable(view.facts, 'innodb_buffer_pool_size') ?? 0;
  // More log than the pool has pages to keep dirty cannot be used.
  const wish = Math.min(writtenPerSecond * 3_600, Math.max(pool, 2 * sizeBytes));
  const to = Math.ceil(Math.max(wish, 2 * sizeBytes) / stepBytes) * stepBytes;
  return [
    settingFinding(view, {
      code: 'config.redo_log_small',
      severity: isSpun || isUsual ? 'warning' : 'info',
      variable: logSize,
      title: `The redo log of ${sizeInWords(sizeBytes)} is too small for the writing`,
      summary:
        `${sizeInWords(writtenPerSecond)} a second are written, so it is overwritten every ${round(secondsToFill)} s, and writers wait each time ` +
        `it is full: ${sizeInWords(age)} of the ${sizeInWords(most)} that may wait for a checkpoint at the fuller of two looks.`,
      facts: {
        sizeBytes,
        checkpointAgeBytes: age,
        checkpointMaxAgeBytes: most,
        fullPercent: Number(shortNumber(fullPercent)),
        writtenPerSecondBytes: Math.round(writtenPerSecond),
        secondsToFill: round(secondsToFill),
        windowSeconds: counters.windowSeconds,
      },
      // Who waits for a lock, or what does not work at all, comes first.
      impact: 0.5,
      thresholds: ['redoLogFullPercent', 'redoLogFillSeconds', 'redoLogSpunSeconds'],
      to: String(to),
      action: `Give it ${sizeInWords(to)}: an hour of this writing, but no more than the buffer pool; mind the room on its volume`,
      risk: 'needs_staging',
    }),
  ];
}
