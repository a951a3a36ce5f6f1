import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprint, fingerprintId, fingerprintOf } from '../../src/sql/fingerprint.ts';
import { tokenize } from '../../src/sql/lexer.ts';
import { LOOKAHEAD, StatementReducer } from '../../src/sql/statement-reducer.ts';

describe('fingerprint, as pt-fingerprint 3 gives it', () => {
  it.each([
    ['SELECT * FROM t WHERE id = 5', 'select * from t where id = ?'],
    ['select  a,b\n\tfrom t where c = \'x\' and d = "y"', 'select a,b from t where c = ? and d = ?'],
    ["select a from t where b = 'O\\'Brien' and c is null", 'select a from t where b = ? and c is ?'],
    ["select a from t where b IN ( 'a' , NULL, -3 ) and c in(1)", 'select a from t where b in(?+) and c in(?+)'],
    ['select a from t where (a, b) in ((1, 2), (3, 4))', 'select a from t where (a, b) in ((?, ?), (?, ?))'],
    ['select a from t where b in (1, 2, (3))', 'select a from t where b in (?, ?, (?))'],
    ['insert into t (a, b) values (1, 2), (3, 4)', 'insert into t (a, b) values(?+)'],
    ['REPLACE INTO t VALUE (1),(2)', 'replace into t value(?+)'],
    ['insert into t values (now(), 1), (now(), 2)', 'insert into t values (now(), ?)'],
    ['insert into t values (now(), 1), (2, 3)', 'insert into t values (now(), ?)'],
    [
      'insert into t values (1) on duplicate key update a = values(a)',
      'insert into t values(?+) on duplicate key update a = values(a)',
    ],
    ['select foo_1 from db1.tab5x where x2 = 1', 'select foo_? from d?ta? where ? = ?'],
    ["select 1.5, .5, 5., 1e5, -1, 0x1f, b'01', x'4d' from t", 'select ?, ?, ?, ?, ?, ?, ?, ? from t'],
    ['select a-b, a - b, 5 - 3 from t', 'select a?, a ? b, ? ? ? from t'],
    ['select 1 union select 2 union select 3', 'select ? /*repeat union*/'],
    ['(select 1 union all select 2) union select 3', '(select ? /*repeat union all*/) union select ?'],
    ['select a from t union select b from t', 'select a from t union select b from t'],
    ['select a from t order by b asc, c desc, d ASC limit 5, 10', 'select a from t order by b, c desc, d limit ?'],
    ['select a from t limit 5 offset 10', 'select a from t limit ?'],
    ['select ascii(a), b asc from t', 'select ascii(a), b asc from t'],
    ['CALL  Shop.refresh2(1, "x")', 'call  shop.refresh2'],
    ['call p (1)', 'call p (?)'],
    ['call refresh9', 'call refresh?'],
    ['USE shop1', 'use ?'],
    ['/* a */ select 1 -- b\nfrom t # c', 'select ? from t '],
    ['select a--b\nfrom t', 'select a from t'],
    ['/*!40101 SET NAMES utf8 */', '/*!? set names utf? */'],
    ['SELECT /*!40001 SQL_NO_CACHE */ * FROM `film`', 'mysqldump'],
    ['/*!40001 x*/*', '/*!? x*/*'],
    ['REPLACE /*shop.orders:3/9*/ INTO sums VALUES (1)', 'percona-toolkit'],
    ['administrator command: Init DB', 'administrator command: Init DB'],
    ['select 1\n', 'select ?'],
    ['select 1 \n', 'select ? '],
    ['  select `T1`.`c` from `naïve`', 'select `t?`.`c` from `naïve`'],
    ["select 'a' from 数据", 'select ? from 数据'],
    ['', ''],
  ])('%s', (sql, expected) => {
    expect(fingerprint(sql)).toBe(expected);
  });

  it('has the id that pt-query-digest 3 shows', () => {
    expect(fingerprintId('select * from t where id = ?')).toBe('86A4FD498C70095E35FC3906162972DA');
    expect(fingerprintId('administrator command: Ping')).toBe('E8390778DC20D4CC04FE01C5B31FD305');
  });
});

/** Statement, what pt-fingerprint makes of it, what we make of it. The document lists them in this order. */
const differences: readonly (readonly [string, string, string])[] = [
  ["select 1 from t where a = 'it''s'", 'select ? from t where a = ??', 'select ? from t where a = ?'],
  ['select \'a"b\', "c"', 'select \'a?c"', 'select ?, ?'],
  ["select 'a\\\\', 'b'", "select ?b'", 'select ?, ?'],
  ["select a from `it's` where b = 'x'", "select a from `it?x'", "select a from `it's` where b = ?"],
  ["select '/* a', b, '*/'", 'select ?', 'select ?, b, ?'],
  ["select 1 -- it's\nfrom t", "select ? ? it's from t", 'select ? from t'],
  ['select /**/ 1 /* x */ from t', 'select from t', 'select ? from t'],
  ['select /*M! 5 */ 1', 'select ?', 'select /*m! ? */ ?'],
  ['select 0xAB12', 'select ?ab?', 'select ?'],
  ['select 1E5, 2E-7', 'select ?e?, ?e?', 'select ?, ?'],
  [
    'insert into t values (1), (2) on duplicate key update a = 3',
    'insert into t values(?+)',
    'insert into t values(?+) on duplicate key update a = ?',
  ],
  ['insert into t values (f(1), (2))', 'insert into t values (f(?)', 'insert into t values (f(?), (?))'],
  [
    '/* c */ insert into t values (now()), (now())',
    'insert into t values (now()), (now())',
    'insert into t values (now())',
  ],
  ["call p('a(b')", "call p('a", 'call p'],
  ["select a from t where b = 'cut", "select a from t where b = 'cut", 'select a from t where b = ?'],
];

describe('fingerprint, where pt-fingerprint depends on values or misreads strings and comments', () => {
  it.each(differences)('%s is not %s', (sql, theirs, ours) => {
    expect(fingerprint(sql)).toBe(ours);
    expect(ours).not.toBe(theirs);
  });
});

const literal = fc.oneof(
  fc.integer({ min: -99999, max: 99999 }).map(String),
  fc.string({ maxLength: 12 }).map((text) => `'${text.replace(/[\\']/g, (sign) => sign + sign)}'`),
  fc.string({ maxLength: 12 }).map((text) => `"${text.replace(/[\\"]/g, '\\$&')}"`),
  fc.constantFrom('NULL', '1.5', '0xAB', '1E5', '.5', "x'4D'", "'it''s'"),
);

describe('fingerprint', () => {
  it('is the same whatever the literals are', () => {
    fc.assert(
      fc.property(
        fc.array(literal, { minLength: 3, maxLength: 30 }),
        fc.array(literal, { minLength: 1 }),
        (some, more) => {
          const [a, b, c] = some;
          expect(
            fingerprint(`SELECT x FROM t WHERE a = ${a} AND b IN (${some.join(', ')}) OR c BETWEEN ${b} AND ${c}`),
          ).toBe('select x from t where a = ? and b in(?+) or c between ? and ?');
          expect(fingerprint(`INSERT INTO t VALUES ${more.map((it) => `(f(${it}), ${it})`).join(',')}`)).toBe(
            'insert into t values (f(?), ?)',
          );
        },
      ),
    );
  });

  it('does not depend on where the bytes are cut into pieces', () => {
    fc.assert(
      fc.property(anySql, fc.array(fc.nat(40), { minLength: 1 }), (sql, cuts) => {
        expect(Buffer.from(fingerprintInPieces(Buffer.from(sql), cuts), 'latin1').toString()).toBe(fingerprint(sql));
      }),
      { numRuns: 2000 },
    );
  });

  it('ends strings and comments where the lexer of the guard does', () => {
    fc.assert(
      fc.property(anySql, (text) => {
        // A comment before CALL keeps pt-fingerprint from seeing that it is one.
        const sql = `x ${text}`;
        expect(fingerprint(sql)).toBe(fingerprint(withoutSpans(sql)));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes a time that grows with the length', () => {
    const startedAt = performance.now();
    fingerprint(`select ${'(1),'.repeat(250_000)}`);
    fingerprint(`select * from t where a in (${'1, '.repeat(500_000)}now())`);
    fingerprint('select a union '.repeat(20_000));
    fingerprint(`${'order by asc '.repeat(50_000)}`);
    fingerprint(`${'in ,,'.repeat(100_000)}`);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    'select ',
    'insert into t ',
    'values ',
    'in ',
    'call p',
    'null',
    '(',
    ')',
    ', ',
    "`a'b`",
    'x9',
    ' ',
    '\n',
  ),
  fc.constantFrom(
    "/* c' */ ",
    "-- it's\n",
    '#"\n',
    '/*! x */',
    '0xAF',
    '1e5',
    '- ',
    '+3',
    '.5',
    ';',
    '*',
    'é',
    'union ',
  ),
  literal.map((text) => `${text} `),
);
const anySql = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));

function fingerprintInPieces(sql: Buffer, cuts: readonly number[]): string {
  const reducer = new StatementReducer();
  const bytes = new Uint8Array(sql.length + LOOKAHEAD);
  bytes.set(sql);
  let at = 0;
  for (let i = 0; at < sql.length; i++) {
    const end = Math.min(sql.length, at + 1 + (cuts[i % cuts.length] ?? 0));
    at = reducer.run(bytes, at, end);
  }
  reducer.finish();
  return fingerprintOf(reducer);
}

/** The lexer's view: strings are empty, comments are gone but for the line break behind. */
function withoutSpans(sql: string): string {
  let text = '';
  let end = 0;
  for (const token of tokenize(sql)) {
    text += sql.slice(end, token.start);
    const written = sql.slice(token.start, token.end);
    if (token.kind === 'string') text += `${/^[nxb]/i.exec(written)?.[0] ?? ''}'' `.trimEnd();
    else if (token.kind !== 'comment') text += written;
    end = token.end;
  }
  return text + sql.slice(end);
}
