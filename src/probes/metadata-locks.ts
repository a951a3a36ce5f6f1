import { z } from 'zod';
import { isOn, type ServerFacts } from '../targets/server-facts.ts';
import type { Blindness, Probe } from './probe.ts';

const metadataLock = z.object({
  thread: z.number(),
  /** `shop.orders`; empty for a global or a user lock. */
  object: z.string(),
  kind: z.string(),
  lock_type: z.string(),
  lock_status: z.string(),
});

export type MetadataLock = z.output<typeof metadataLock>;

const enableInstrument =
  "UPDATE performance_schema.setup_instruments SET enabled = 'YES', timed = 'YES' WHERE name = 'wait/lock/metadata/sql/mdl';";

const maxLocks = 5_000;

const checkSql = `SELECT (SELECT COUNT(*) FROM performance_schema.setup_instruments
         WHERE name = 'wait/lock/metadata/sql/mdl' AND enabled = 'YES') AS instrument,
       (SELECT COUNT(*) FROM information_schema.PLUGINS
         WHERE plugin_name = 'METADATA_LOCK_INFO' AND plugin_status = 'ACTIVE') AS plugin`;

/** Locks on what somebody waits for; the others are left out, as every table in use has some. */
const instrumentSql = `SELECT t.processlist_id AS thread,
       CONCAT_WS('.', NULLIF(m.object_schema, ''), NULLIF(m.object_name, '')) AS object,
       m.object_type AS kind, m.lock_type, m.lock_status
  FROM performance_schema.metadata_locks m JOIN performance_schema.threads t ON t.thread_id = m.owner_thread_id
 WHERE t.processlist_id IS NOT NULL AND t.processlist_id <> CONNECTION_ID()
   AND (m.object_type, COALESCE(m.object_schema, ''), COALESCE(m.object_name, '')) IN
       (SELECT object_type, COALESCE(object_schema, ''), COALESCE(object_name, '')
          FROM performance_schema.metadata_locks WHERE lock_status = 'PENDING')
 LIMIT ${maxLocks}`;

/** The plugin lists granted locks only; the name of a user lock stands where the schema does. */
const pluginSql = `SELECT thread_id AS thread, CONCAT_WS('.', NULLIF(table_schema, ''), NULLIF(table_name, '')) AS object,
       CASE lock_type WHEN 'Table metadata lock' THEN 'TABLE' WHEN 'Schema metadata lock' THEN 'SCHEMA'
            WHEN 'Backup lock' THEN 'BACKUP' WHEN 'User lock' THEN 'USER LEVEL LOCK' ELSE UPPER(lock_type) END AS kind,
       REPLACE(lock_mode, 'MDL_', '') AS lock_type, 'GRANTED' AS lock_status
  FROM information_schema.METADATA_LOCK_INFO WHERE thread_id <> CONNECTION_ID()
 ORDER BY lock_time_ms DESC LIMIT ${maxLocks}`;

/**
 * A row is a metadata lock that a session holds or, by the instrument, waits for. Blind unless the instrument or the
 * plugin METADATA_LOCK_INFO is on. Empty where the instrument was off when the locks were taken.
 */
export const metadataLocks: Probe<void, readonly MetadataLock[]> = {
  name: 'metadata-locks',
  needs: ['SELECT'],
  async collect(source) {
    const [seen] = (await source.query(checkSql)).rows;
    const sql = Number(seen?.['instrument']) > 0 ? instrumentSql : Number(seen?.['plugin']) > 0 ? pluginSql : undefined;
    if (sql === undefined) return blindness(source.facts);
    const { rows } = await source.query(sql);
    return {
      data: rows.map((row) => metadataLock.parse(row)),
      rows,
      sql: `${checkSql}; ${sql}`,
      truncated: rows.length >= maxLocks,
    };
  },
};

function blindness(facts: ServerFacts): Blindness {
  return isOn(facts, 'performance_schema')
    ? { code: 'coverage.instrument_off', summary: 'metadata locks: the instrument is off', fix: enableInstrument }
    : {
        code: 'coverage.performance_schema_off',
        summary: 'metadata locks: performance_schema is off',
        fix: "performance_schema = ON in the server configuration, a restart, then the instrument wait/lock/metadata/sql/mdl; without a restart: INSTALL SONAME 'metadata_lock_info';",
      };
}

/** How a DBA turns the instrument on; it sees locks that are taken from then on. */
export const metadataLockFix = enableInstrument;
