import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guardStatement } from '../../src/sql/guard.ts';
import { unescapeLine } from '../../src/sql/guard-line.ts';
import { tokenize } from '../../src/sql/lexer.ts';

/** `\n` in capitals is NULL, and so another statement. */
const refused = readFileSync(new URL('fixtures/guard-statements.tsv', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('deny\t') && !line.includes('\\\\n'))
  .map((line) => unescapeLine(line.slice(5)));

const separators = [' ', '\t', '\n', '\r\n', '\f', ' /**/ ', '/* ; */', "/*'*/", '-- x\n', '#"\n', '/* ` */', '  '];

describe('a refused statement', () => {
  it('stays refused however its white space, comments and letters are written', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...refused),
        fc.infiniteStream(fc.constantFrom(...separators)),
        fc.infiniteStream(fc.boolean()),
        (sql, gaps, coins) => {
          const written = rewrite(sql, gaps, coins);
          expect({ written, allow: guardStatement(written).allow }).toEqual({ written, allow: false });
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('stays refused with anything that only reads around it', () => {
    const frames: ((sql: string) => string)[] = [
      (sql) => `SELECT 1 UNION ${sql}`,
      (sql) => `SELECT 1; ${sql}`,
      (sql) => `EXPLAIN ${sql}`,
      (sql) => `SELECT * FROM (${sql}\n) t`,
      (sql) => `WITH t AS (${sql}\n) SELECT * FROM t`,
      (sql) => `/* x */ ${sql}`,
      (sql) => `(${sql}\n)`,
      (sql) => `SHOW STATUS WHERE Value = (${sql}\n)`,
    ];
    const whole = refused.filter((sql) => /^(SELECT|WITH|DELETE|UPDATE|INSERT|DROP|SET|CALL|DO|KILL)\b.{9}/i.test(sql));
    fc.assert(
      fc.property(fc.constantFrom(...whole), fc.constantFrom(...frames), (sql, frame) => {
        const written = frame(sql);
        expect({ written, allow: guardStatement(written).allow }).toEqual({ written, allow: false });
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['sleep', 'GET_LOCK', 'load_file', 'sys_exec', 'nextval'])('stays refused with %s in quotes', (name) => {
    for (const call of [`${name}(1)`, `\`${name}\`(1)`, `shop.${name}(1)`, `\`shop\`.\`${name}\` (1)`]) {
      expect(guardStatement(`SELECT ${call}`).allow).toBe(false);
    }
    expect(guardStatement(`SELECT "${name}"(1)`, { sqlMode: 'ANSI_QUOTES' }).allow).toBe(false);
  });
});

describe('the guard', () => {
  it('refuses every call of a name that it does not know', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{2,12}$/).map((text) => `${text}_fn`);
    const place = fc.constantFrom(
      (call: string) => `SELECT ${call}`,
      (call: string) => `SELECT 1 FROM t WHERE a = b + ${call}`,
      (call: string) => `SELECT 1 ORDER BY 1, ${call}`,
      (call: string) => `SHOW VARIABLES WHERE ${call}`,
      (call: string) => `WITH t(a) AS (SELECT ${call}) SELECT a FROM t`,
      (call: string) => `EXPLAIN SELECT CASE WHEN 1 THEN ${call} END`,
    );
    fc.assert(
      fc.property(name, place, fc.constantFrom(...separators, ''), (called, put, gap) => {
        expect(guardStatement(put(`${called}${gap}(1)`)).allow).toBe(false);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(typeof guardStatement(`SELECT ${text}`).allow).toBe('boolean');
        expect(typeof guardStatement(text).allow).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });
});

/** The same tokens with other gaps and capitals. What touches a dot goes on touching it: that makes it a name. */
function rewrite(sql: string, gaps: Iterator<string>, coins: Iterator<boolean>): string {
  let written = '';
  let end = 0;
  for (const { kind, start, end: tokenEnd } of tokenize(sql)) {
    const text = sql.slice(start, tokenEnd);
    const touchesDot = start === end && (text === '.' || sql[start - 1] === '.');
    const isEscape = sql[start - 1] === '\\';
    // A gap behind the second of two minus signs would begin a comment.
    const mayOpenComment = start === end && sql[start - 1] === '-';
    if (start > end || !(touchesDot || isEscape || mayOpenComment || start === 0 || coins.next().value))
      written += gaps.next().value;
    written += kind === 'word' && !isEscape ? flipCase(text, coins) : text;
    if (kind === 'comment' && !text.startsWith('/*')) written += '\n';
    end = tokenEnd;
  }
  return written;
}

function flipCase(text: string, coins: Iterator<boolean>): string {
  return [...text].map((letter) => (coins.next().value ? letter.toUpperCase() : letter.toLowerCase())).join('');
}
