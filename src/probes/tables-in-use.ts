import { z } from 'zod';
import type { Row } from '../report/evidence.ts';
import { quotedText, tableName } from '../sql/quote.ts';
import type { Probe } from './probe.ts';

const key = z.object({ table_schema: z.string(), table_name: z.string(), unique_keys: z.coerce.number() });

export interface TableInUse {
  readonly table: string;
  /** Sessions that use or lock it at this moment. */
  readonly uses: number;
  /** Whether rows of it can be found by a primary or unique key. */
  readonly hasUniqueKey: boolean;
}

/** The user tables that are open in some session right now. Two statements, whatever the number of tables. */
export const tablesInUse: Probe<void, readonly TableInUse[]> = {
  name: 'tables-in-use',
  needs: ['SELECT'],
  async collect(source) {
    const open = await source.query('SHOW OPEN TABLES WHERE In_use > 0', { maxRows: 200 });
    const used = open.rows.filter((row) => !isSystemSchema(String(row['Database'])));
    if (used.length === 0)
      return { data: [], rows: [], sql: 'SHOW OPEN TABLES WHERE In_use > 0', truncated: open.truncated };
    const pairs = used
      .map((row) => `(${quotedText(String(row['Database']))}, ${quotedText(String(row['Table']))})`)
      .join(', ');
    const sql = `SELECT t.table_schema, t.table_name, COUNT(s.index_name) AS unique_keys
  FROM information_schema.TABLES t
  LEFT JOIN information_schema.STATISTICS s ON s.table_schema = t.table_schema AND s.table_name = t.table_name
       AND s.non_unique = 0 AND s.seq_in_index = 1
 WHERE (t.table_schema, t.table_name) IN (${pairs}) GROUP BY 1, 2`;
    const keys = (await source.query(sql)).rows.map((row) => key.parse(lowerKeys(row)));
    const data = used.map((row): TableInUse => {
      const name = tableName(String(row['Database']), String(row['Table']));
      const found = keys.find(({ table_schema, table_name }) => tableName(table_schema, table_name) === name);
      return { table: name, uses: Number(row['In_use']), hasUniqueKey: (found?.unique_keys ?? 1) > 0 };
    });
    return {
      data,
      rows: data.map((item) => ({ ...item })),
      sql: `SHOW OPEN TABLES WHERE In_use > 0; ${sql}`,
      truncated: open.truncated,
    };
  },
};

function isSystemSchema(schema: string): boolean {
  return ['mysql', 'information_schema', 'performance_schema', 'sys'].includes(schema.toLowerCase());
}

function lowerKeys(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
}
