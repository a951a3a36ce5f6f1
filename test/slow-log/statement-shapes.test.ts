import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digester } from '../../src/slow-log/digester.ts';
import { QueryClass } from '../../src/slow-log/query-class.ts';
import { StatementShapes } from '../../src/slow-log/statement-shapes.ts';
import { LOOKAHEAD, StatementReducer } from '../../src/sql/statement-reducer.ts';
import { event } from './slow-log-text.ts';

type Counts = ReadonlyMap<string, number>;

function countInLog(statements: readonly string[]): Counts {
  const digester = new Digester({});
  digester.beginLog();
  digester.write(Buffer.from(statements.map((sql) => event({ sql })).join('')));
  digester.endLog();
  return new Map([...digester.table.classes.values()].map(({ fingerprint, count }) => [fingerprint, count]));
}

/** Each in a log of its own, so that none is like an earlier one. */
function countOneByOne(statements: readonly string[]): Counts {
  const counts = new Map<string, number>();
  for (const sql of statements) {
    for (const fingerprint of countInLog([sql]).keys()) counts.set(fingerprint, (counts.get(fingerprint) ?? 0) + 1);
  }
  return counts;
}

/** What is open at the end of one statement would go on in the next. */
function isClosed(sql: string): boolean {
  const reducer = new StatementReducer();
  const bytes = Buffer.from(sql);
  reducer.run(Buffer.concat([bytes, Buffer.alloc(LOOKAHEAD)]), 0, bytes.length);
  return !reducer.isInside;
}

const number = fc.oneof(
  fc.nat().map(String),
  fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => value.toFixed(2)),
  fc.constantFrom('0', '00', '1.', '0x1F', '0xag', '7E2', '3e', '5-3', '1e5', '12ab', '-4', '--4', '.5', '1--2'),
);
const letters = fc.array(
  fc.constantFrom(
    'a',
    'ü',
    ' ',
    "''",
    '""',
    "\\'",
    '\\\\',
    ';',
    '(',
    ')',
    ',',
    '#',
    '-- ',
    '/*',
    '*/',
    '5',
    '\n',
    '\n#',
  ),
  { maxLength: 6 },
);
const string = fc.oneof(
  letters.map((text) => `'${text.join('').replaceAll('""', '')}'`),
  letters.map((text) => `"${text.join('').replaceAll("''", '').replaceAll("\\'", '')}"`),
);
const literal = fc.oneof(number, string, fc.constantFrom('NULL', 'null'));
const list = fc
  .tuple(fc.array(literal, { minLength: 1, maxLength: 4 }), fc.constantFrom(',', ', ', ' ,\n'))
  .map(([literals, comma]) => `(${literals.join(comma)})`);
const rows = fc
  .tuple(fc.array(list, { minLength: 1, maxLength: 3 }), fc.constantFrom(',', ', ', ',\n'))
  .map(([all, comma]) => all.join(comma));
const comment = fc.oneof(
  fc.nat().map((id) => `/* request ${id} it's */`),
  fc.nat().map((id) => `-- it's ${id}\n`),
  fc.nat().map((id) => `# "${id}\n`),
  fc.constantFrom('/*! 5 */', '/*a.b:1/2*/', '--x\n', '-- ;\n'),
);
/** What differs between the statements of one shape, and what does not. */
const kinds = { number, string, literal, list, rows, comment } as const;
type Part = { readonly text: string } | { readonly kind: keyof typeof kinds };
const part: fc.Arbitrary<Part> = fc.oneof(
  fc
    .constantFrom(
      'SELECT ',
      'select',
      ' a',
      '`b 5`',
      ' = ',
      '=',
      ' IN ',
      'in',
      ' VALUES ',
      'INSERT INTO t1 ',
      ' + ',
      '-',
      '(',
    )
    .map((text) => ({ text })),
  fc
    .constantFrom(')', ', ', ',', ' x', '.', ' LIMIT ', 'NOW()', '\n', ' ', 'CALL p', ' x', 'b', '@')
    .map((text) => ({ text })),
  fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])).map((kind) => ({ kind })),
);
/** Eight statements that differ in their literals, lists and comments only. */
const statements = fc.array(part, { minLength: 1, maxLength: 9 }).chain((parts) =>
  fc.array(
    fc
      .tuple(...parts.map((it) => ('kind' in it ? kinds[it.kind] : fc.constant(it.text))))
      .map((texts) => `SELECT ${texts.join('')} x`),
    { minLength: 8, maxLength: 8 },
  ),
);

describe('statements of one shape', () => {
  it('are of the class that each has when it is alone', () => {
    let met = 0;
    fc.assert(
      fc.property(statements, (all) => {
        const closed = all.filter(isClosed);
        met += closed.length;
        expect(countInLog(closed)).toEqual(countOneByOne(closed));
      }),
      { numRuns: 1000 },
    );
    expect(met).toBeGreaterThan(4_000);
  });
});

describe('a shape that was learned', () => {
  const many = '1, '.repeat(200);

  it.each([
    ['another number', 'SELECT a FROM t WHERE b = 5 AND c', 'SELECT a FROM t WHERE b = 0.77 AND c'],
    ['a number with an exponent', 'SELECT a FROM t LIMIT 7', 'SELECT a FROM t LIMIT 7E2'],
    ['another string', "SELECT a FROM t WHERE b = 'x'", "SELECT a FROM t WHERE b = 'O\\'Brien; it''s\n(5'"],
    ['the other quotes', "SELECT a FROM t WHERE b = 'x'", 'SELECT a FROM t WHERE b = "x"'],
    ['a longer list', 'SELECT a FROM t WHERE b IN (1)', `SELECT a FROM t WHERE b IN (${many}-2.5, NULL, 'x')`],
    ['more rows', 'INSERT INTO t VALUES (1), (2)', "INSERT INTO t VALUES (1, 'a'), (2, NULL),\n(3, '')"],
    ['another comment', '/* request 5 */ SELECT a', "/* it's 67 */ SELECT a"],
    ['another rest of a line', 'SELECT a -- request 1\nFROM t', "SELECT a -- request 2's\nFROM t"],
  ])('is found for %s', (_, learned, met) => {
    expect(isFound(learned, met)).toBe(true);
  });

  it.each([
    ['another word', 'SELECT a FROM t WHERE b = 5', 'SELECT a FROM u WHERE b = 5'],
    ['a name for a number', 'SELECT a FROM t WHERE b = 5', 'SELECT a FROM t WHERE b = b'],
    ['more behind it', 'SELECT a FROM t WHERE b = 5', 'SELECT a FROM t WHERE b = 5 AND c'],
    ['a call in a list', 'SELECT a FROM t WHERE b IN (1, 2)', 'SELECT a FROM t WHERE b IN (1, NOW())'],
    ['a dot behind a string', 'SELECT a FROM t WHERE b IN (1, 2)', "SELECT a FROM t WHERE b IN (1, 'a'.5)"],
    ['a comment in a list', 'SELECT a FROM t WHERE b IN (1, 2)', 'SELECT a FROM t WHERE b IN (1, --2)\n)'],
    ['one row for many, as a blank behind it stays', 'INSERT INTO t VALUES (1), (2) ', 'INSERT INTO t VALUES (1) '],
    ['many rows for one', 'INSERT INTO t VALUES (1) ', 'INSERT INTO t VALUES (1), (2) '],
    ["a toolkit's comment", 'REPLACE /* a */ INTO t VALUES (1)', 'REPLACE /*shop.orders:3/9*/ INTO t VALUES (1)'],
    ['a comment that is executed', 'SELECT /* a */ 1', 'SELECT /*! a */ 1'],
    ['a comment that ends the statement', 'SELECT 1 -- a\n FROM t', 'SELECT 1 -- a;\n FROM t'],
    ['a string with a line of an event', "SELECT a, 'x'", "SELECT a, 'x\n# Time: 240115 10:00:00\n'"],
    ['a string without an end', "SELECT a, 'x'", "SELECT a, 'x"],
  ])('is not found for %s', (_, learned, met) => {
    expect(isFound(learned, learned)).toBe(true);
    expect(isFound(learned, met)).toBe(false);
  });

  it('is none where a list decides whether two minus signs begin a comment', () => {
    const sql = "SELECT 1 --a IN (1) 'x'\nFROM t";
    expect(isFound(sql, sql)).toBe(false);
  });
});

/** Whether the second statement is of the class for which the first was learned. */
function isFound(learned: string, met: string): boolean {
  const shapes = new StatementShapes();
  const reducer = new StatementReducer();
  const end = Buffer.byteLength(learned);
  reducer.run(inLog(learned), 0, end + 1, true);
  const queryClass = new QueryClass('id', 'fingerprint');
  shapes.learn(queryClass, inLog(learned), 0, end, reducer.literals);
  const isKnown = shapes.find(inLog(met), 0, Buffer.byteLength(met) + 1) === queryClass;
  if (isKnown) expect(shapes.end).toBe(Buffer.byteLength(met));
  return isKnown;
}

function inLog(sql: string): Buffer {
  return Buffer.concat([Buffer.from(`${sql};\n`), Buffer.alloc(LOOKAHEAD)]);
}
