/**
 * The counters of SHOW GLOBAL STATUS that history keeps: every one that a judgement makes a rate of, and what people
 * look at over weeks. A sample holds their values in this order, so a name is only ever added at the end.
 */
export const counterNames = [
  'Aborted_clients',
  'Aborted_connects',
  'Access_denied_errors',
  'Bytes_received',
  'Bytes_sent',
  'Com_commit',
  'Com_delete',
  'Com_insert',
  'Com_rollback',
  'Com_select',
  'Com_update',
  'Connection_errors_max_connections',
  'Connections',
  'Created_tmp_disk_tables',
  'Created_tmp_tables',
  'Handler_read_rnd_next',
  'Innodb_buffer_pool_read_requests',
  'Innodb_deadlocks',
  'Innodb_os_log_written',
  'Innodb_pages_read',
  'Innodb_row_lock_time',
  'Innodb_row_lock_waits',
  'Qcache_hits',
  'Qcache_inserts',
  'Qcache_lowmem_prunes',
  'Questions',
  'Select_full_join',
  'Select_scan',
  'Slow_queries',
  'Sort_merge_passes',
  'Sort_priority_queue_sorts',
  'Sort_range',
  'Sort_scan',
  'Max_statement_time_exceeded',
] as const;

export type CounterName = (typeof counterNames)[number];

/** Gauges of the same view; in their order in a sample, so a name is only ever added at the end. */
export const gaugeNames = ['Threads_connected', 'Threads_running'] as const;

export type GaugeName = (typeof gaugeNames)[number];
