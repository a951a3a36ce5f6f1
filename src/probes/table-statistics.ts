import { z } from 'zod';
import { sqlProbe } from './probe.ts';

const statistics = z.object({
  table_schema: z.string(),
  table_name: z.string(),
  counted_rows: z.coerce.number(),
  age_seconds: z.coerce.number(),
});

export type TableStatistics = z.output<typeof statistics>;

/**
 * The rows that InnoDB's persistent statistics believe in, partitions added up. What the optimizer plans by is loaded
 * from here when a table is opened; information_schema.TABLES goes on counting inserts and deletes from there.
 */
export const tableStatistics = sqlProbe({
  name: 'table-statistics',
  needs: ['SELECT'],
  sql: `SELECT database_name AS table_schema, SUBSTRING_INDEX(LOWER(table_name), '#p#', 1) AS table_name,
       SUM(n_rows) AS counted_rows, MIN(TIMESTAMPDIFF(SECOND, last_update, NOW())) AS age_seconds
  FROM mysql.innodb_table_stats
 WHERE database_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
 GROUP BY 1, 2 LIMIT 20001`,
  row: statistics,
  maxRows: 20_000,
});
