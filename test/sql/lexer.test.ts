import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultMode, lexicalMode, tokenize } from '../../src/sql/lexer.ts';

function scan(sql: string, mode = defaultMode): string[] {
  return [...tokenize(sql, mode)].map((token) => `${token.kind} ${sql.slice(token.start, token.end)}`);
}

describe('SQL lexer', () => {
  it.each([
    [`'it''s' 'it\\'s' "a""b"`, ["string 'it''s'", "string 'it\\'s'", 'string "a""b"']],
    ['`a``b`.`c`', ['quoted `a``b`', 'symbol .', 'quoted `c`']],
    ["N'a' x'4D' B'01' _utf8'a'", ["string N'a'", "string x'4D'", "string B'01'", 'word _utf8', "string 'a'"]],
    [
      '1 1.5 .5 1. 1e5 1.5E-3 0x1f 0b01',
      ['1', '1.5', '.5', '1.', '1e5', '1.5E-3', '0x1f', '0b01'].map((n) => `number ${n}`),
    ],
    ['0X1f 0B01 0xg 1ab 2024_orders', ['0X1f', '0B01', '0xg', '1ab', '2024_orders'].map((n) => `word ${n}`)],
    [
      '1e5into .5into 1.into 1into',
      ['number 1e5', 'word into', 'number .5', 'word into', 'number 1.', 'word into', 'word 1into'],
    ],
    ['t.1into t.5 t .5', ['word t', 'symbol .', 'word 1into', 'word t', 'symbol .', 'word 5', 'word t', 'number .5']],
    [
      '@a.b @`a``b` @@x @@global.y',
      ['variable @a.b', 'variable @`a``b`', 'variable @@x', 'variable @@global', 'symbol .', 'word y'],
    ],
    ['a:=? \\N', ['word a', 'symbol :=', 'placeholder ?', 'symbol \\', 'word N']],
    ['1--1 -- c', ['number 1', 'symbol -', 'symbol -', 'number 1', 'comment -- c']],
    ["# it's\n1", ["comment # it's", 'number 1']],
    [
      '/* a */ /*! b */ /*M!1 c */ /*+ d */',
      ['comment /* a */', 'executable-comment /*! b */', 'executable-comment /*M!1 c */', 'hint /*+ d */'],
    ],
    ['naïve 数据 a\u00a0b', ['word naïve', 'word 数据', 'word a\u00a0b']],
  ])('splits %s', (sql, expected) => {
    expect(scan(sql)).toEqual(expected);
  });

  it('reads double quotes as names under ANSI_QUOTES, and in the modes that include it', () => {
    expect(scan('"a\\" b', lexicalMode('ANSI_QUOTES'))).toEqual(['quoted "a\\"', 'word b']);
    expect(scan('"a"', lexicalMode('PIPES_AS_CONCAT,ORACLE'))).toEqual(['quoted "a"']);
    expect(scan('"a"', lexicalMode('STRICT_TRANS_TABLES'))).toEqual(['string "a"']);
  });

  it('ends a string at a quote behind a backslash under NO_BACKSLASH_ESCAPES', () => {
    expect(scan("'a\\' b", lexicalMode('NO_BACKSLASH_ESCAPES'))).toEqual(["string 'a\\'", 'word b']);
  });

  it.each(["'a", '"a\\"', '`a', '/* a', '/*', '/*/', "@'a", "N'a"])('marks the open end of %s', (sql) => {
    expect([...tokenize(sql)].at(-1)?.closed).toBe(false);
  });

  it('never throws, goes forward, and leaves out nothing but white space', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        "'",
        '"',
        '`',
        '\\',
        '/*',
        '*/',
        '/*!',
        '-- ',
        '#',
        '\n',
        '@',
        '.',
        '0x',
        '1e',
        ';',
        'a',
        ' ',
        'é',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const sql = pieces.join('');
        let end = 0;
        for (const token of tokenize(sql)) {
          expect(sql.slice(end, token.start)).toMatch(/^[\t-\r ]*$/);
          expect(token.end).toBeGreaterThan(token.start);
          end = token.end;
        }
        expect(sql.slice(end)).toMatch(/^[\t-\r ]*$/);
      }),
      { numRuns: 500 },
    );
  });
});
