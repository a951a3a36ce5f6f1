import { z } from 'zod';
import { sqlProbe } from './probe.ts';

/** Variables whose value is worth knowing even where nobody set it. */
const alwaysRead = [
  'binlog_format',
  'character_set_server',
  'collation_server',
  'default_storage_engine',
  'explicit_defaults_for_timestamp',
  'general_log',
  'innodb_buffer_pool_size',
  'innodb_doublewrite',
  'innodb_flush_log_at_trx_commit',
  'innodb_flush_method',
  'innodb_force_recovery',
  'innodb_log_file_size',
  'join_buffer_size',
  'log_output',
  'lower_case_table_names',
  'max_allowed_packet',
  'max_connections',
  'max_heap_table_size',
  'query_cache_size',
  'query_cache_type',
  'read_buffer_size',
  'read_only',
  'read_rnd_buffer_size',
  'require_secure_transport',
  'secure_file_priv',
  'skip_name_resolve',
  'slow_query_log',
  'sort_buffer_size',
  'sql_mode',
  'sync_binlog',
  'tmp_table_size',
] as const;

const setting = z.object({
  name: z.string(),
  value: z.string().nullable(),
  /** CONFIG, COMMAND-LINE, SQL, AUTO, COMPILE-TIME or ENVIRONMENT. */
  origin: z.string(),
  /** The option file that set it. */
  path: z.string().nullable(),
  readOnly: z.coerce.boolean(),
  /** True where sessions have a value of their own: a change holds for new ones only. */
  perSession: z.coerce.boolean(),
  /** The server's own word that the option is deprecated; null where it does not say so. */
  deprecated: z.string().nullable(),
});

export type Setting = z.output<typeof setting>;

/** A row is a variable that somebody set, or one of those above, with where its value comes from. */
export const systemVariables = sqlProbe({
  name: 'system-variables',
  needs: [],
  sql:
    'SELECT LOWER(VARIABLE_NAME) AS name, LEFT(GLOBAL_VALUE, 1000) AS value, GLOBAL_VALUE_ORIGIN AS origin, ' +
    "GLOBAL_VALUE_PATH AS path, READ_ONLY = 'YES' AS readOnly, VARIABLE_SCOPE = 'SESSION' AS perSession, " +
    "IF(VARIABLE_COMMENT LIKE '%deprecated%', LEFT(VARIABLE_COMMENT, 200), NULL) AS deprecated " +
    'FROM information_schema.SYSTEM_VARIABLES ' +
    "WHERE GLOBAL_VALUE_ORIGIN IN ('CONFIG', 'COMMAND-LINE', 'SQL', 'ENVIRONMENT') " +
    `OR VARIABLE_NAME IN (${alwaysRead.map((name) => `'${name}'`).join(', ')})`,
  row: setting,
});
