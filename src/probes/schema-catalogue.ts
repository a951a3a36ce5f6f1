import { z } from 'zod';
import type { Row } from '../report/evidence.ts';
import { quotedName, quotedText, tableName } from '../sql/quote.ts';
import type { Probe, ProbeSource } from './probe.ts';

export interface CatalogueTable {
  /** `shop.orders`. */
  readonly name: string;
  readonly engine: string;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly autoIncrement: number | undefined;
  /** CREATE_OPTIONS, such as `stats_auto_recalc=0`. */
  readonly options?: string;
}

/** One column of an index. Columns are in lower case: MariaDB does not tell them apart by case. */
export interface CataloguePart {
  readonly column: string;
  /** Characters (or bytes) that are indexed, where it is not the whole column. */
  readonly prefix: number | undefined;
  readonly descending: boolean;
  readonly nullable: boolean;
}

export interface CatalogueIndex {
  readonly table: string;
  readonly name: string;
  readonly unique: boolean;
  /** BTREE, FULLTEXT, SPATIAL, HASH. */
  readonly type: string;
  readonly parts: readonly CataloguePart[];
  readonly cardinality: number;
  readonly ignored: boolean;
}

export interface CatalogueColumn {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly charset: string | undefined;
  readonly autoIncrement: boolean;
}

export interface CatalogueForeignKey {
  readonly table: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly references: string;
  readonly referencedColumns: readonly string[];
}

export interface CatalogueSequence {
  readonly name: string;
  readonly next: number;
  readonly most: number;
  readonly cycles: boolean;
}

export interface Catalogue {
  readonly tables: readonly CatalogueTable[];
  readonly indexes: readonly CatalogueIndex[];
  readonly columns: readonly CatalogueColumn[];
  readonly foreignKeys: readonly CatalogueForeignKey[];
  readonly sequences: readonly CatalogueSequence[];
}

const systemSchemas = "('mysql', 'information_schema', 'performance_schema', 'sys')";
const text = z.string();
const count = z.coerce.number();

/**
 * All user tables with their indexes, the columns that matter to them, foreign keys and sequences: six statements,
 * whatever the number of tables, and one more for every hundred sequences. Judging is done here and not in SQL, because views such as sys's take seconds for it.
 */
export const schemaCatalogue: Probe<void, Catalogue> = {
  name: 'schema-catalogue',
  needs: ['SELECT'],
  async collect(source) {
    const everyTable = await readTables(source);
    const everyIndex = await readIndexes(source);
    // Where a cap cut the indexes off, the tables behind it would look as if they had none.
    const complete = everyIndex.truncated ? readWholly(everyIndex.list) : () => true;
    const tables = everyTable.list.filter(({ name }) => complete(name));
    const indexes = everyIndex.list.filter(({ table }) => complete(table));
    const columns = await readColumns(source);
    const foreignKeys = await readForeignKeys(source);
    const everySequence = await readSequences(source);
    const data: Catalogue = { tables, indexes, columns, foreignKeys, sequences: everySequence.list };
    const rows: Row[] = tables
      .slice(0, 500)
      .map(({ name, engine, rows: estimate, sizeBytes }) => ({ table: name, engine, rows: estimate, sizeBytes }));
    return {
      data,
      rows,
      sql: 'information_schema.TABLES, STATISTICS, COLUMNS, KEY_COLUMN_USAGE; the sequences',
      truncated: tables.length > 500 || everyTable.truncated || everyIndex.truncated || everySequence.truncated,
    };
  },
};

/** Tables of which every index was read: all that were met but the last, where reading may have ended in the middle. */
function readWholly(indexes: readonly CatalogueIndex[]): (table: string) => boolean {
  const met = new Set(indexes.map(({ table }) => table));
  met.delete(indexes.at(-1)?.table ?? '');
  return (table) => met.has(table);
}

interface Listing<Item> {
  readonly list: readonly Item[];
  readonly truncated: boolean;
}

async function readTables(source: ProbeSource): Promise<Listing<CatalogueTable>> {
  const row = z.object({
    table_schema: text,
    table_name: text,
    engine: text.nullable(),
    table_rows: count.nullable(),
    size_bytes: count.nullable(),
    auto_increment: count.nullable(),
    create_options: text.nullable(),
  });
  const { rows, truncated } =
    await source.query(`SELECT table_schema AS table_schema, table_name AS table_name, engine AS engine, table_rows AS table_rows,
       data_length + index_length AS size_bytes, auto_increment AS auto_increment, create_options AS create_options
  FROM information_schema.TABLES WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ${systemSchemas} LIMIT 20000`);
  const list = rows.map((raw) => {
    const one = row.parse(raw);
    return {
      name: tableName(one.table_schema, one.table_name),
      engine: one.engine ?? '',
      rows: one.table_rows ?? 0,
      sizeBytes: one.size_bytes ?? 0,
      autoIncrement: one.auto_increment ?? undefined,
      options: one.create_options ?? '',
    };
  });
  return { list, truncated };
}

async function readIndexes(source: ProbeSource): Promise<Listing<CatalogueIndex>> {
  const ignorable = source.facts.versionNumber >= 100_600;
  const row = z.object({
    table_schema: text,
    table_name: text,
    index_name: text,
    non_unique: count,
    column_name: text.nullable(),
    sub_part: count.nullable(),
    collation: text.nullable(),
    nullable: text.nullable(),
    index_type: text,
    cardinality: count.nullable(),
    ignored: text,
  });
  const { rows, truncated } = await source.query(
    `SELECT table_schema AS table_schema, table_name AS table_name, index_name AS index_name, non_unique AS non_unique, column_name AS column_name,
       sub_part AS sub_part, collation AS collation, nullable AS nullable, index_type AS index_type, cardinality AS cardinality, ${ignorable ? 'ignored' : "'NO'"} AS ignored
  FROM information_schema.STATISTICS WHERE table_schema NOT IN ${systemSchemas} ORDER BY 1, 2, 3, seq_in_index LIMIT 100000`,
    { maxRows: 100_000 },
  );
  const parts = rows.map((raw) => row.parse(raw));
  const groups = Map.groupBy(parts, (one) => `${one.table_schema}.${one.table_name}\u0000${one.index_name}`);
  const list = [...groups.values()].map((list) => {
    const [first] = list as [z.output<typeof row>];
    return {
      table: tableName(first.table_schema, first.table_name),
      name: first.index_name,
      unique: first.non_unique === 0,
      type: first.index_type,
      parts: list.map(({ column_name, sub_part, collation, nullable }) => ({
        column: (column_name ?? '').toLowerCase(),
        prefix: sub_part || undefined,
        descending: collation === 'D',
        nullable: nullable === 'YES',
      })),
      cardinality: Math.max(0, ...list.map(({ cardinality }) => cardinality ?? 0)),
      ignored: first.ignored === 'YES',
    };
  });
  return { list, truncated };
}

/** Only columns with an auto-increment, character columns that are part of a key, and those named `id`. */
async function readColumns(source: ProbeSource): Promise<CatalogueColumn[]> {
  const row = z.object({
    table_schema: text,
    table_name: text,
    column_name: text,
    column_type: text,
    charset: text.nullable(),
    extra: text,
  });
  const { rows } = await source.query(
    `SELECT table_schema AS table_schema, table_name AS table_name, column_name AS column_name, column_type AS column_type,
       character_set_name AS charset, extra AS extra
  FROM information_schema.COLUMNS WHERE table_schema NOT IN ${systemSchemas}
   AND (extra LIKE '%auto_increment%' OR column_name = 'id' OR (character_set_name IS NOT NULL AND column_key <> '')) LIMIT 50000`,
    { maxRows: 50_000 },
  );
  return rows.map((raw) => {
    const one = row.parse(raw);
    return {
      table: tableName(one.table_schema, one.table_name),
      name: one.column_name.toLowerCase(),
      type: one.column_type.toLowerCase(),
      charset: one.charset ?? undefined,
      autoIncrement: /auto_increment/i.test(one.extra),
    };
  });
}

async function readForeignKeys(source: ProbeSource): Promise<CatalogueForeignKey[]> {
  const row = z.object({
    table_schema: text,
    table_name: text,
    constraint_name: text,
    column_name: text,
    referenced_schema: text,
    referenced_table: text,
    referenced_column: text,
  });
  const { rows } = await source.query(
    `SELECT table_schema AS table_schema, table_name AS table_name, constraint_name AS constraint_name, column_name AS column_name,
       referenced_table_schema AS referenced_schema, referenced_table_name AS referenced_table, referenced_column_name AS referenced_column
  FROM information_schema.KEY_COLUMN_USAGE WHERE referenced_table_name IS NOT NULL AND table_schema NOT IN ${systemSchemas}
 ORDER BY 1, 2, 3, ordinal_position LIMIT 50000`,
    { maxRows: 50_000 },
  );
  const groups = Map.groupBy(
    rows.map((raw) => row.parse(raw)),
    (one) => `${one.table_schema}.${one.table_name}\u0000${one.constraint_name}`,
  );
  return [...groups.values()].map((list) => {
    const [first] = list as [z.output<typeof row>];
    return {
      table: tableName(first.table_schema, first.table_name),
      name: first.constraint_name,
      columns: list.map(({ column_name }) => column_name.toLowerCase()),
      references: tableName(first.referenced_schema, first.referenced_table),
      referencedColumns: list.map(({ referenced_column }) => referenced_column.toLowerCase()),
    };
  });
}

/** Each is read by a SELECT of its own, a hundred of them in one statement. */
const sequencesPerStatement = 100;
const maxSequences = 1_000;

async function readSequences(source: ProbeSource): Promise<Listing<CatalogueSequence>> {
  const { rows: names } = await source.query(
    `SELECT table_schema AS s, table_name AS t FROM information_schema.TABLES WHERE table_type = 'SEQUENCE' AND table_schema NOT IN ${systemSchemas} LIMIT ${maxSequences + 1}`,
  );
  const parts = names.slice(0, maxSequences).map(({ s, t }) => {
    const [schema, table] = [String(s), String(t)];
    return `SELECT ${quotedText(tableName(schema, table))} AS name, next_not_cached_value AS next, maximum_value AS most, cycle_option AS cycles FROM ${quotedName(schema)}.${quotedName(table)}`;
  });
  const row = z.object({ name: text, next: count, most: count, cycles: count });
  const list: CatalogueSequence[] = [];
  for (let at = 0; at < parts.length; at += sequencesPerStatement) {
    const { rows } = await source.query(parts.slice(at, at + sequencesPerStatement).join(' UNION ALL '));
    for (const raw of rows) {
      const one = row.parse(raw);
      list.push({ name: one.name, next: one.next, most: one.most, cycles: one.cycles !== 0 });
    }
  }
  return { list, truncated: names.length > maxSequences };
}
