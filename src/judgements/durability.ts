import type { FindingDraft } from '../report/finding.ts';
import { isOn, numericVariable } from '../targets/server-facts.ts';
import { type SettingView, settingFinding } from './setting.ts';

/** Settings that give up committed transactions, or whole pages, when the host loses power. */
export function judgeDurability(view: SettingView): FindingDraft[] {
  return [...redoLog(view), ...binaryLog(view), ...pages(view), ...recovery(view)];
}

/** 1 and 3 flush at every commit; 2 writes and leaves the flush to the system, 0 does not even write. */
function redoLog(view: SettingView): FindingDraft[] {
  const mode = numericVariable(view.facts, 'innodb_flush_log_at_trx_commit');
  if (mode !== 0 && mode !== 2) return [];
  const everySeconds = numericVariable(view.facts, 'innodb_flush_log_at_timeout') ?? 1;
  const when = mode === 0 ? 'a crash of the server or of the host' : 'a crash of the host';
  return [
    settingFinding(view, {
      code: 'config.durability_relaxed',
      severity: 'warning',
      variable: 'innodb_flush_log_at_trx_commit',
      title: `Commits are not flushed to disk (innodb_flush_log_at_trx_commit = ${mode})`,
      summary: `The redo log is flushed about every ${everySeconds} s instead of at each commit: ${when} loses what was committed since.`,
      facts: { flushEverySeconds: everySeconds },
      impact: 10,
      to: '1',
      action: 'Flush at each commit',
      risk: 'needs_staging',
    }),
  ];
}

/** Off is how MariaDB ships it, so alone it is information: InnoDB stays whole, replicas may differ after a crash. */
function binaryLog(view: SettingView): FindingDraft[] {
  if (!isOn(view.facts, 'log_bin') || numericVariable(view.facts, 'sync_binlog') !== 0) return [];
  return [
    settingFinding(view, {
      code: 'config.durability_relaxed',
      severity: 'info',
      variable: 'sync_binlog',
      title: 'The binary log is not flushed at commit (sync_binlog = 0)',
      summary:
        'After a crash of the host the binary log may lack transactions that InnoDB has: replicas and point-in-time recovery miss them.',
      to: '1',
      action: 'Flush the binary log at each commit; group commit makes it one flush for many',
      risk: 'needs_staging',
    }),
  ];
}

function pages(view: SettingView): FindingDraft[] {
  const findings: FindingDraft[] = [];
  const doublewrite = view.facts.variables['innodb_doublewrite'];
  if (doublewrite !== undefined && /^(off|0)$/i.test(doublewrite)) {
    findings.push(
      settingFinding(view, {
        code: 'config.durability_relaxed',
        severity: 'warning',
        variable: 'innodb_doublewrite',
        title: 'Half-written pages cannot be repaired (innodb_doublewrite = OFF)',
        summary:
          'A page that was half written when the host lost power is lost, unless the storage writes 16 KiB atomically.',
        facts: { pageKibibytes: 16 },
        impact: 10,
        to: 'ON',
        action: 'Switch the doublewrite buffer on, unless the file system or the device is known to write whole pages',
        risk: 'disruptive',
      }),
    );
  }
  if (/nosync/i.test(view.facts.variables['innodb_flush_method'] ?? '')) {
    findings.push(
      settingFinding(view, {
        code: 'config.durability_relaxed',
        severity: 'warning',
        variable: 'innodb_flush_method',
        title: 'InnoDB never flushes its files (innodb_flush_method)',
        summary: 'This method is for tests: a crash of the host can damage the whole tablespace.',
        impact: 20,
        to: 'O_DIRECT',
        action: 'Use a method that flushes',
        risk: 'disruptive',
      }),
    );
  }
  return findings;
}

/** A recovery level that was never taken back keeps InnoDB from purging, merging or even writing. */
function recovery(view: SettingView): FindingDraft[] {
  const level = numericVariable(view.facts, 'innodb_force_recovery') ?? 0;
  if (level === 0) return [];
  return [
    settingFinding(view, {
      code: 'config.force_recovery',
      severity: level >= 4 ? 'critical' : 'warning',
      variable: 'innodb_force_recovery',
      title: `InnoDB runs in recovery mode (innodb_force_recovery = ${level})`,
      summary:
        'This mode is for saving data out of a damaged server; in it InnoDB leaves work undone and refuses writes.',
      facts: { level },
      impact: 30,
      to: '0',
      action: 'Once the data is saved and the damage is repaired, leave recovery mode',
      risk: 'disruptive',
    }),
  ];
}
