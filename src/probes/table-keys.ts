import { z } from 'zod';
import { quotedText, splitTable, tableName } from '../sql/quote.ts';
import type { Probe } from './probe.ts';

const column = z.object({
  table_schema: z.string(),
  table_name: z.string(),
  column_name: z.string(),
  column_type: z.string(),
});
const part = z.object({
  table_schema: z.string(),
  table_name: z.string(),
  index_name: z.string(),
  column_name: z.string().nullable(),
  seq_in_index: z.coerce.number(),
});

export interface TableKeys {
  /** `shop.orders`. */
  readonly table: string;
  /** Columns with their types, by lower-case name. */
  readonly columns: ReadonlyMap<string, string>;
  /** Columns of each index in order, by index name. */
  readonly indexes: ReadonlyMap<string, readonly string[]>;
}

/** Columns and indexes of the tables that slow statements name; two statements for all of them. */
export const tableKeys: Probe<{ readonly tables: readonly string[] }, readonly TableKeys[]> = {
  name: 'table-keys',
  needs: ['SELECT'],
  async collect(source, { tables }) {
    if (tables.length === 0) return { data: [], rows: [], sql: 'no table named' };
    const pairs = tables
      .slice(0, 40)
      .map(splitTable)
      .map(({ schema, table }) => `(${quotedText(schema ?? '')}, ${quotedText(table)})`);
    const where = `WHERE (table_schema, table_name) IN (${pairs.join(', ')})`;
    const columnSql = `SELECT table_schema, table_name, column_name, column_type FROM information_schema.COLUMNS ${where} ORDER BY ordinal_position`;
    const indexSql = `SELECT table_schema, table_name, index_name, column_name, seq_in_index FROM information_schema.STATISTICS ${where} ORDER BY index_name, seq_in_index`;
    const columns = (await source.query(columnSql)).rows.map((row) => column.parse(lower(row)));
    const parts = (await source.query(indexSql)).rows.map((row) => part.parse(lower(row)));
    const names = [...new Set(columns.map(({ table_schema, table_name }) => tableName(table_schema, table_name)))];
    const data = names.map((table): TableKeys => {
      const own = <T extends { table_schema: string; table_name: string }>(list: readonly T[]) =>
        list.filter((one) => tableName(one.table_schema, one.table_name) === table);
      const byIndex = Map.groupBy(own(parts), ({ index_name }) => index_name);
      return {
        table,
        columns: new Map(own(columns).map(({ column_name, column_type }) => [column_name.toLowerCase(), column_type])),
        indexes: new Map(
          [...byIndex].map(([name, list]) => [name, list.map(({ column_name }) => (column_name ?? '').toLowerCase())]),
        ),
      };
    });
    const rows = data.map(({ table, indexes }) => ({
      table,
      indexes: [...indexes].map(([name, list]) => `${name}(${list.join(',')})`).join(' '),
    }));
    return { data, rows, sql: `${columnSql}; ${indexSql}` };
  },
};

function lower(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
}
