import { z } from 'zod';
import { sqlProbe } from './probe.ts';

const count = z.coerce.number().default(0);

const table = z.object({
  schema: z.string(),
  table: z.string(),
  engine: z.string(),
  rows: count,
  dataBytes: count,
  indexBytes: count,
  /** Free space inside the table's own file. For a table in a shared tablespace it is that of all its tables. */
  freeBytes: count,
  schemaBytes: count,
  schemaTables: count,
  totalBytes: count,
  innodbBytes: count,
  tables: count,
});

export type TableSize = z.output<typeof table>;

/** More tables than this are summed up but not listed. */
const listedTables = 200;

/** A row is one of the largest tables; each carries the sums of its schema and of the server. Rows are estimates. */
export const tableSizes = sqlProbe({
  name: 'table-sizes',
  needs: ['SELECT'],
  sql:
    'SELECT TABLE_SCHEMA AS `schema`, TABLE_NAME AS `table`, ENGINE AS engine, TABLE_ROWS AS `rows`, ' +
    'DATA_LENGTH AS dataBytes, INDEX_LENGTH AS indexBytes, DATA_FREE AS freeBytes, ' +
    'SUM(DATA_LENGTH + INDEX_LENGTH) OVER (PARTITION BY TABLE_SCHEMA) AS schemaBytes, ' +
    'COUNT(*) OVER (PARTITION BY TABLE_SCHEMA) AS schemaTables, ' +
    'SUM(DATA_LENGTH + INDEX_LENGTH) OVER () AS totalBytes, ' +
    "SUM(IF(ENGINE = 'InnoDB', DATA_LENGTH + INDEX_LENGTH, 0)) OVER () AS innodbBytes, COUNT(*) OVER () AS tables " +
    "FROM information_schema.TABLES WHERE TABLE_TYPE = 'BASE TABLE' AND ENGINE IS NOT NULL AND " +
    "TABLE_SCHEMA NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys') " +
    `ORDER BY DATA_LENGTH + INDEX_LENGTH + DATA_FREE DESC LIMIT ${listedTables}`,
  row: table,
});
