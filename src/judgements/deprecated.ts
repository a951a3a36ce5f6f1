import type { Setting } from '../probes/system-variables.ts';
import type { FindingDraft } from '../report/finding.ts';
import type { SettingView } from './setting.ts';

/**
 * Variables that a long-term series no longer has: the difference of information_schema.SYSTEM_VARIABLES between
 * servers of 10.5.23, 10.11.19 and 11.8.6.
 */
const goneBy: Readonly<Record<'10.11' | '11.8', readonly string[]>> = {
  '10.11': [
    'innodb_adaptive_max_sleep_delay',
    'innodb_background_scrub_data_check_interval',
    'innodb_background_scrub_data_compressed',
    'innodb_background_scrub_data_interval',
    'innodb_background_scrub_data_uncompressed',
    'innodb_buffer_pool_instances',
    'innodb_commit_concurrency',
    'innodb_concurrency_tickets',
    'innodb_file_format',
    'innodb_force_load_corrupted',
    'innodb_large_prefix',
    'innodb_lock_schedule_algorithm',
    'innodb_log_checksums',
    'innodb_log_compressed_pages',
    'innodb_log_files_in_group',
    'innodb_log_optimize_ddl',
    'innodb_page_cleaners',
    'innodb_replication_delay',
    'innodb_scrub_log',
    'innodb_scrub_log_speed',
    'innodb_sync_array_size',
    'innodb_thread_concurrency',
    'innodb_thread_sleep_delay',
    'innodb_undo_logs',
    'wsrep_replicate_myisam',
    'wsrep_strict_ddl',
  ],
  '11.8': [
    'debug_no_thread_alarm',
    'innodb_buffer_pool_in_core_dump',
    'innodb_change_buffer_max_size',
    'innodb_change_buffering',
    'innodb_defragment',
    'innodb_defragment_fill_factor',
    'innodb_defragment_fill_factor_n_recs',
    'innodb_defragment_frequency',
    'innodb_defragment_n_pages',
    'innodb_defragment_stats_accuracy',
    'max_tmp_tables',
    'old_alter_table',
    'wsrep_causal_reads',
    'wsrep_load_data_splitting',
  ],
};

/** Deprecated by the start-up message of 11.x; their comment in SYSTEM_VARIABLES does not say so. */
const deprecatedFrom110000: readonly string[] = ['innodb_flush_method', 'innodb_file_per_table'];

/** Options that somebody set and that do nothing any more or go away with an upgrade. Information: nothing is broken. */
export function judgeDeprecated(view: SettingView): FindingDraft[] {
  return view.settings
    .filter(({ origin }) => origin === 'CONFIG' || origin === 'COMMAND-LINE' || origin === 'SQL')
    .flatMap((setting) => {
      const why = reason(setting, view.facts.versionNumber);
      return why === undefined ? [] : [finding(setting, why, view)];
    });
}

function reason({ name, deprecated }: Setting, version: number): string | undefined {
  if (deprecated !== null) {
    return /no effect|ignored/i.test(deprecated)
      ? 'the server says that it has no effect any more'
      : `the server says: ${deprecated}`;
  }
  if (version >= 110_000 && deprecatedFrom110000.includes(name)) return 'it is deprecated from MariaDB 11.0 on';
  if (version < 101_100 && goneBy['10.11'].includes(name)) return 'MariaDB 10.11 no longer has it';
  if (version < 110_800 && goneBy['11.8'].includes(name)) return 'MariaDB 11.8 no longer has it';
  return undefined;
}

function finding(setting: Setting, why: string, view: SettingView): FindingDraft {
  const where =
    setting.path ?? (setting.origin === 'COMMAND-LINE' ? 'the command line of the server' : 'the option file');
  return {
    code: 'config.deprecated',
    severity: 'info',
    subject: setting.name,
    title: `${setting.name} is set, though it is on its way out`,
    summary: `It is set to ${setting.value ?? 'nothing'} in ${where}; ${why}.`,
    confidence: 'certain',
    facts: { value: setting.value, origin: setting.origin, path: setting.path, restartNeeded: false },
    evidence: view.evidence,
    recommendations: [
      {
        action: `Remove ${setting.name} from ${where} before the next upgrade`,
        risk: 'safe',
        rollback: `put ${setting.name} = ${setting.value ?? ''} back`,
      },
    ],
  };
}
