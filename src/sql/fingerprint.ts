import { createHash } from 'node:crypto';
import { LOOKAHEAD, StatementReducer } from './statement-reducer.ts';

/** Beyond this size a fingerprint keeps its repeated UNIONs: finding them takes time that grows with the square. */
const UNION_SEARCH_LIMIT = 1 << 16;

const reducer = new StatementReducer();

/**
 * What is the same for every run of one statement: `select * from t where id = ?`. As pt-fingerprint's, except where
 * that depends on the values or reads strings and comments wrongly; docs/slow-log-digest.md lists the differences.
 * Never throws; cut statements are welcome.
 */
export function fingerprint(sql: string): string {
  if (sql.startsWith(ADMINISTRATOR)) return sql;
  const size = Buffer.byteLength(sql);
  const bytes = new Uint8Array(size + LOOKAHEAD);
  Buffer.from(bytes.buffer).write(sql);
  reducer.reset();
  reducer.run(bytes, 0, size);
  reducer.finish();
  return Buffer.from(fingerprintOf(reducer), 'latin1').toString();
}

/** How the slow log writes what is not a statement, such as `administrator command: Ping`; kept as it is. */
const ADMINISTRATOR = 'administrator command: ';

/** The id of a fingerprint in pt-query-digest 3: its MD5 in upper-case hexadecimal. */
export function fingerprintId(fingerprint: string | Uint8Array): string {
  return createHash('md5').update(fingerprint).digest('hex').toUpperCase();
}

/** The fingerprint of a statement that has been read to its end, a character for each byte. */
export function fingerprintOf({ text, isVerbatim }: StatementReducer): string {
  const reduced = Buffer.from(text.bytes.buffer, 0, text.length).toString('latin1');
  if (isVerbatim) return reduced;
  if (reduced.startsWith('select /*!? sql_no_cache */ * from `')) return 'mysqldump';
  if (/^use [^ ]+$/.test(reduced)) return 'use ?';
  const listed = reduced.replace(/\b(in|values?)(?:[\s,]*\([\s?,]*\))+/g, '$1(?+)');
  const limited = collapseUnions(listed).replace(/\blimit \?(?:, ?\?| offset \?)?/, 'limit ?');
  return dropAscending(limited);
}

/** `select a union select a` becomes `select a /*repeat union*\/`. */
function collapseUnions(text: string): string {
  if (text.length > UNION_SEARCH_LIMIT || !text.includes(' union')) return text;
  const unions = [...text.matchAll(/ union(?: all)? /g)].map((it) => ({ start: it.index, word: it[0].trimEnd() }));
  const select = /\bselect /g;
  let result = '';
  let done = 0;
  for (let match = select.exec(text); match !== null; match = select.exec(text)) {
    const start = match.index;
    const first = unions.find(
      (it) => it.start > start + 6 && text.startsWith(text.slice(start, it.start), it.start + it.word.length + 1),
    );
    if (first === undefined) continue;
    const query = text.slice(start, first.start);
    let end = first.start;
    let word = first.word;
    for (let next: string | undefined = word; next !== undefined; ) {
      word = next;
      end += word.length + 1 + query.length;
      next = [' union all', ' union'].find((it) => text.startsWith(`${it} ${query}`, end));
    }
    result += `${text.slice(done, start)}${query} /*repeat${word}*/`;
    done = end;
    select.lastIndex = end;
  }
  return result + text.slice(done);
}

/** ASC is what ORDER BY means without it. */
function dropAscending(text: string): string {
  const match = /\border by /.exec(text);
  if (match === null) return text;
  let from = match.index + match[0].length;
  let result = text.slice(0, from);
  for (let at = text.indexOf(' asc', from + 1); at >= 0; at = text.indexOf(' asc', from + 1)) {
    result += text.slice(from, at);
    from = at + 4;
  }
  return result + text.slice(from);
}
