import { describe, expect, it } from 'vitest';
import { judgeRepeatedIndexes, judgeUnusedIndexes } from '../../src/judgements/indexes.ts';
import { judgeTables } from '../../src/judgements/tables.ts';
import type { Catalogue, CatalogueIndex, CataloguePart } from '../../src/probes/schema-catalogue.ts';
import { thresholds } from '../support/judge.ts';

/** `a, b(10), c DESC` */
function parts(text: string): CataloguePart[] {
  return text.split(', ').map((part) => ({
    column: part.replace(/\(.*| DESC$/g, ''),
    prefix: Number(/\((\d+)\)/.exec(part)?.[1] ?? 0) || undefined,
    descending: part.endsWith(' DESC'),
    nullable: part.startsWith('n_'),
  }));
}

function index(name: string, columns: string, more: Partial<CatalogueIndex> = {}): CatalogueIndex {
  const unique = name === 'PRIMARY' || name.startsWith('u_');
  const base = { table: 's.t', name, unique, type: 'BTREE', parts: parts(columns), cardinality: 10, ignored: false };
  return { ...base, ...more };
}

function catalogueOf(more: Partial<Catalogue>): Catalogue {
  return { tables: [], indexes: [], columns: [], foreignKeys: [], sequences: [], ...more };
}

const view = { canIgnore: true, evidence: ['e1'], thresholds };
const repeated = (...indexes: CatalogueIndex[]) =>
  judgeRepeatedIndexes({ ...view, catalogue: catalogueOf({ indexes }) });

describe('indexes that repeat another', () => {
  it.each<[string, CatalogueIndex[], string[]]>([
    ['two equal ones', [index('x', 'a'), index('y', 'a')], ['schema.duplicate_index y']],
    ['the beginning of a longer one', [index('x', 'a'), index('y', 'a, b')], ['schema.redundant_index x']],
    ['a plain one beside a unique one', [index('x', 'a'), index('u_y', 'a')], ['schema.duplicate_index x']],
    ['a plain one beside the primary key', [index('x', 'id'), index('PRIMARY', 'id')], ['schema.duplicate_index x']],
    ['a unique one that begins a longer one', [index('u_x', 'a'), index('y', 'a, b')], []],
    ['the same columns in another order', [index('x', 'a, b'), index('y', 'b, a')], []],
    ['another direction', [index('x', 'a'), index('y', 'a DESC')], []],
    ['a prefix of the same column', [index('x', 'a(10)'), index('y', 'a')], ['schema.redundant_index x']],
    ['a shorter prefix at the end', [index('x', 'b, a(10)'), index('y', 'b, a(20), c')], ['schema.redundant_index x']],
    ['a prefix in the middle', [index('x', 'a(10), b'), index('y', 'a, b')], []],
    ['a unique prefix, which is a rule of its own', [index('u_x', 'a(10)'), index('u_y', 'a')], []],
    ['another kind of index', [index('x', 'a', { type: 'FULLTEXT' }), index('y', 'a')], []],
    [
      'two equal full-text indexes',
      [index('x', 'a', { type: 'FULLTEXT' }), index('y', 'a', { type: 'FULLTEXT' })],
      ['schema.duplicate_index y'],
    ],
    ['one that is ignored already', [index('x', 'a'), index('y', 'a, b', { ignored: true })], []],
    [
      'three equal ones',
      ['x', 'y', 'z'].map((name) => index(name, 'a')),
      ['schema.duplicate_index y', 'schema.duplicate_index z'],
    ],
    ['equal ones of two tables', [index('x', 'a'), index('y', 'a', { table: 's.other' })], []],
  ])('of %s', (_, indexes, expected) => {
    const found = repeated(...indexes).map(({ code, facts }) => `${code} ${facts['index']}`);
    expect(found.toSorted()).toEqual(expected);
  });

  it('can be made again as they were, whatever their names hold', () => {
    const [found] = repeated(
      index('u_a`b', 'my `first` column(10), c DESC', { table: 's.a`t' }),
      index('u_a', 'my `first` column(10), c DESC', { table: 's.a`t' }),
    );
    expect(found?.recommendations.at(-1)?.rollback).toBe(
      'ALTER TABLE `s`.`a``t` ADD UNIQUE INDEX `u_a``b` (`my ``first`` column`(10), `c` DESC);',
    );
  });
});

describe('indexes that nothing reads', () => {
  const used = [{ table_schema: 's', table_name: 't', index_name: 'PRIMARY' }];
  const foreignKeys = [{ table: 's.t', name: 'f', columns: ['a'], references: 's.p', referencedColumns: ['id'] }];
  const unused = (more: Partial<Catalogue>) =>
    judgeUnusedIndexes({ ...view, catalogue: catalogueOf(more) }, used, 8 * 86_400).map(({ subject }) => subject);

  it.each<[string, Partial<Catalogue>, string[]]>([
    ['is named', { indexes: [index('x', 'a')] }, ['s.t.x']],
    ['is left alone where a foreign key stands on it', { indexes: [index('x', 'a, b')], foreignKeys }, []],
    ['is left alone where it is a rule', { indexes: [index('u_x', 'a')] }, []],
    ['is left alone where the whole table is unread', { indexes: [index('x', 'a', { table: 's.quiet' })] }, []],
  ])('%s', (_, more, expected) => {
    expect(unused(more)).toEqual(expected);
  });

  it.each([
    ['an hour', 3600, 'info', ['safe']],
    ['a fortnight', 14 * 86_400, 'warning', ['safe', 'needs_staging']],
  ])('since %s ago', (_, uptimeSeconds, severity, risks) => {
    const indexes = [index('x', 'a')];
    const [found] = judgeUnusedIndexes({ ...view, catalogue: catalogueOf({ indexes }) }, used, uptimeSeconds);
    expect([found?.severity, found?.recommendations.map(({ risk }) => risk)]).toEqual([severity, risks]);
  });
});

describe('tables', () => {
  const tables = [{ name: 's.t', engine: 'InnoDB', rows: 10, sizeBytes: 1, autoIncrement: undefined }];
  const codes = (more: Partial<Catalogue>) =>
    judgeTables({ ...view, catalogue: catalogueOf({ tables, ...more }) }).map(({ code }) => code);

  it.each<[string, CatalogueIndex[], string[]]>([
    ['a primary key', [index('PRIMARY', 'id')], []],
    ['a unique key without NULL', [index('u_a', 'a, b')], []],
    ['a unique key that takes NULL', [index('u_a', 'a, n_b')], ['schema.no_primary_key']],
    ['a plain index only', [index('x', 'a')], ['schema.no_primary_key']],
  ])('with %s', (_, indexes, expected) => {
    expect(codes({ indexes })).toEqual(expected);
  });

  it('get a new key under a name that is free', () => {
    const columns = [{ table: 's.t', name: 'id', type: 'int(11)', charset: undefined, autoIncrement: false }];
    const [found] = judgeTables({ ...view, catalogue: catalogueOf({ tables, columns }) });
    expect(found?.recommendations[0]?.sql).toMatch(/ADD COLUMN `row_id` /);
  });

  const code = (table: string, charset: string) => ({ table, name: 'code', type: 'x', charset, autoIncrement: false });
  const keyOf = (table: string, unique: boolean) => index('k', 'code', { table, unique });
  it.each<[string, Partial<Catalogue>, string[]]>([
    [
      'a key and a column that refers to it',
      { columns: [code('s.p', 'latin1'), code('s.q', 'utf8mb4')], indexes: [keyOf('s.p', true), keyOf('s.q', false)] },
      ['warning s.p.code'],
    ],
    [
      'two columns that merely share a name',
      { columns: [code('s.p', 'latin1'), code('s.q', 'utf8mb4')], indexes: [keyOf('s.p', false), keyOf('s.q', false)] },
      [],
    ],
    [
      'two lists of their own',
      { columns: [code('s.p', 'latin1'), code('s.q', 'utf8mb4')], indexes: [keyOf('s.p', true), keyOf('s.q', true)] },
      ['info s.p.code'],
    ],
    [
      'utf8mb3 beside utf8mb4',
      { columns: [code('s.p', 'utf8mb3'), code('s.q', 'utf8mb4')], indexes: [keyOf('s.p', true), keyOf('s.q', false)] },
      [],
    ],
  ])('differ in character set: %s', (_, more, expected) => {
    const found = judgeTables({ ...view, catalogue: catalogueOf(more) });
    expect(found.map(({ severity, subject }) => `${severity} ${subject}`)).toEqual(expected);
  });

  it.each([
    [127, 99.2, '1 number is left'],
    [128, 100, 'has used up all numbers to 127'],
  ])('that go on at %i of 127 have used %d %% of their numbers', (autoIncrement, usedPercent, words) => {
    const indexes = [index('PRIMARY', 'id')];
    const columns = [{ table: 's.t', name: 'id', type: 'tinyint(4)', charset: undefined, autoIncrement: true }];
    const counted = tables.map((table) => ({ ...table, autoIncrement }));
    const [found] = judgeTables({ ...view, catalogue: catalogueOf({ tables: counted, columns, indexes }) });
    expect(found).toMatchObject({ code: 'schema.autoinc_near_limit', facts: { usedPercent } });
    expect(found?.summary).toContain(words);
  });
});
