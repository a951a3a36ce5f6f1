import { z } from 'zod';
import { isOn, type ServerFacts } from '../targets/server-facts.ts';
import { sqlProbe } from './probe.ts';

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

/** A row is a metadata lock that a session holds or waits for. Empty where the instrument was off when the lock was taken. */
export const metadataLocks = sqlProbe({
  name: 'metadata-locks',
  needs: ['SELECT'],
  blocked: (facts: ServerFacts) =>
    isOn(facts, 'performance_schema')
      ? undefined
      : {
          code: 'coverage.performance_schema_off',
          summary: 'metadata locks: performance_schema is off',
          fix: 'performance_schema = ON in the server configuration, a restart, then the instrument wait/lock/metadata/sql/mdl',
        },
  sql: `SELECT t.processlist_id AS thread, CONCAT_WS('.', NULLIF(m.object_schema, ''), NULLIF(m.object_name, '')) AS object,
       m.object_type AS kind, m.lock_type, m.lock_status
  FROM performance_schema.metadata_locks m JOIN performance_schema.threads t ON t.thread_id = m.owner_thread_id
 WHERE t.processlist_id IS NOT NULL AND t.processlist_id <> CONNECTION_ID()
   AND m.object_type IN ('TABLE', 'SCHEMA', 'GLOBAL', 'BACKUP', 'USER LEVEL LOCK', 'COMMIT') LIMIT 5001`,
  row: metadataLock,
  maxRows: 5_000,
});

/** How a DBA turns the instrument on; it sees locks that are taken from then on. */
export const metadataLockFix = enableInstrument;
