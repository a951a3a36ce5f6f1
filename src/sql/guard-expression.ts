import { safeFunctions } from './functions.ts';

import type { Part } from './part.ts';
import type { Refusal } from './refusal.ts';
import { levelEnd, readCommonTables } from './table-reference.ts';

/** Reserved words of MariaDB 10.11 that no read needs; as a name they would have to stand in quotes or behind a dot. */
const writingWords = words(`
  ACCESSIBLE ADD ALTER ANALYZE ASENSITIVE BEFORE CALL CASCADE CHANGE CHECK COLUMN CONDITION CONSTRAINT CONTINUE CREATE
  CURSOR DECLARE DELAYED DELETE DELETE_DOMAIN_ID DESCRIBE DETERMINISTIC DO_DOMAIN_IDS DROP EACH ELSEIF ENCLOSED EXIT
  EXPLAIN FOREIGN FULLTEXT GRANT IGNORE_DOMAIN_IDS INFILE INOUT INSENSITIVE INSERT INTO ITERATE KILL LEAVE LINEAR LINES
  LOAD LOCK LOOP LOW_PRIORITY MASTER_DEMOTE_TO_REPLICA MASTER_DEMOTE_TO_SLAVE MASTER_SSL_VERIFY_SERVER_CERT MAXVALUE
  MODIFIES NO_WRITE_TO_BINLOG OPTIMIZE OPTIONALLY OUT OUTFILE PAGE_CHECKSUM PARSE_VCOL_EXPR PORTION PROCEDURE PURGE READ
  READ_WRITE READS REF_SYSTEM_ID REFERENCES RELEASE RENAME REPLACE REQUIRE RESIGNAL RESTRICT RETURN RETURNING REVOKE
  SENSITIVE SET SHOW SIGNAL SPATIAL SPECIFIC SQL SQLEXCEPTION SQLSTATE SQLWARNING SSL STARTING STATS_AUTO_RECALC
  STATS_PERSISTENT STATS_SAMPLE_PAGES TERMINATED TO TRIGGER UNDO UNIQUE UNLOCK UPDATE USAGE WHILE WRITE`);

/** Not reserved, and part of nothing that only reads. */
const refusedWords = words('DUMPFILE SHARE LOCKED SONAME');

/** Words that a parenthesis may follow without being a call. No stored function answers to them without quotes. */
export const wordsBeforeParenthesis = words(`
  ALL AND ANY AS ASC BETWEEN BINARY BY CASE CROSS DEC DECIMAL DESC DISTINCT DISTINCTROW DIV DOUBLE ELSE ENUM EXCEPT EXISTS
  FIXED FLOAT FROM GROUP HAVING HIGH_PRIORITY IN INDEX INT INTEGER INTERSECT IS JOIN KEY LIKE LIMIT MATCH NCHAR NOT
  NUMERIC OFFSET ON OR OVER PARTITION PRIMARY REGEXP RLIKE SELECT SIGNED SMALLINT SOME SQL_BIG_RESULT SQL_BUFFER_RESULT
  SQL_CALC_FOUND_ROWS SQL_NO_CACHE SQL_SMALL_RESULT STRAIGHT_JOIN TEXT THEN TINYINT UNION UNSIGNED USING VALUES VARBINARY
  VARCHAR VARYING WHEN WHERE WITH XOR`);

/** Checks words, calls and parentheses of a query or of what stands behind SHOW and DESCRIBE. */
export function checkExpressions(parts: readonly Part[]): Refusal {
  const columnLists = commonTableColumns(parts);
  let depth = 0;
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at];
    if (part === undefined) break;
    if (part.keyword === '(') depth++;
    else if (part.keyword === ')' && depth-- === 0) return 'parentheses that do not match';
    const opens = parts[at + 1]?.keyword === '(';
    const refusal =
      checkWord(parts, at, opens) ?? (opens && !columnLists.has(at) ? checkCall(parts, at) : checkSequence(parts, at));
    if (refusal !== undefined) return refusal;
  }
  return depth === 0 ? undefined : 'parentheses that do not match';
}

function checkWord(parts: readonly Part[], at: number, opens: boolean): Refusal {
  const word = parts[at]?.keyword ?? '';
  if (refusedWords.has(word)) return `${word} has no place in a read`;
  if (!writingWords.has(word)) return undefined;
  const before = parts[at - 1]?.keyword;
  if (opens && (word === 'INSERT' || word === 'REPLACE')) return undefined;
  if (word === 'SET' && (before === 'CHARACTER' || before === 'CHAR')) return undefined;
  if (word === 'RESTRICT' && parts.some((part) => part.keyword === 'CYCLE')) return undefined;
  return `${word} has no place in a read`;
}

/** What stands directly before an opening parenthesis. */
function checkCall(parts: readonly Part[], at: number): Refusal {
  const part = parts[at];
  if (part === undefined || part.kind === 'symbol') return undefined;
  const { keyword } = part;
  // With space around the dot the server still reads `schema . name (`: a stored function, whatever its name.
  if (keyword === '' || parts[at - 1]?.keyword === '.') return 'a call of something other than a built-in function';
  // Behind a comment `COUNT/**/(1)` is a stored function `count` to the server, and no longer its own.
  if (safeFunctions.has(keyword) && parts[at + 1]?.afterComment)
    return `a comment between ${keyword} and its parenthesis`;
  if (keyword === 'LAST_INSERT_ID') {
    return parts[at + 2]?.keyword === ')' ? undefined : 'LAST_INSERT_ID with a value changes the session';
  }
  if (safeFunctions.has(keyword) || wordsBeforeParenthesis.has(keyword)) return undefined;
  const before = parts[at - 1];
  const isSyntax =
    (keyword === 'AGAINST' && before?.keyword === ')') ||
    (keyword === 'DATETIME' && before?.keyword === 'AS') ||
    (keyword === 'COLUMNS' && before?.kind === 'string') ||
    (keyword === 'JSON_TABLE' && parts.slice(at, levelEnd(parts, at + 2)).some((it) => it.keyword === 'COLUMNS'));
  return isSyntax ? undefined : `the function ${keyword.slice(0, 60)} is not known to be free of side effects`;
}

/** `NEXT VALUE FOR s`, and Oracle's `s.nextval`, take a number from a sequence. */
function checkSequence(parts: readonly Part[], at: number): Refusal {
  const isNext = parts[at]?.keyword === 'NEXT' && parts[at + 1]?.keyword === 'VALUE';
  const isOracle = parts[at]?.keyword === '.' && parts[at + 1]?.name.toUpperCase() === 'NEXTVAL';
  return isNext || isOracle ? 'the next value of a sequence' : undefined;
}

/** Names of a WITH clause that are followed by their columns. */
function commonTableColumns(parts: readonly Part[]): ReadonlySet<number> {
  const found = new Set<number>();
  parts.forEach((part, at) => {
    if (part.keyword !== 'WITH') return;
    const names = at + (parts[at + 1]?.keyword === 'RECURSIVE' ? 2 : 1);
    for (const table of readCommonTables(parts, names)) found.add(table.nameAt);
  });
  return found;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
