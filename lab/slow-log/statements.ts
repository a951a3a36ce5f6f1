import type { Random } from './random.ts';

/** A statement that comes again and again with other values. */
export interface Template {
  readonly schema: string;
  /** Typical query time. */
  readonly medianUs: number;
  /** How often it comes, compared with others. */
  readonly weight: number;
  /** Written by hand, so that it is a second opinion on what the digest makes of `write`. */
  readonly fingerprint: string;
  write(random: Random): string;
}

const tables = ['orders', 'customers', 'invoices', 'shipments', 'sessions', 'tickets', 'reviews', 'stock_moves'];
const schemas = ['shop', 'crm', 'billing'];

/** About 150 statements: what applications send, and what makes digests stumble. */
export const templates: readonly Template[] = tables.flatMap((table, i) =>
  templatesOf(table, schemas[i % 3] as string),
);

function templatesOf(table: string, schema: string): Template[] {
  const define = (
    weight: number,
    medianUs: number,
    fingerprint: string,
    write: (random: Random) => string,
  ): Template => ({
    schema,
    medianUs,
    weight,
    fingerprint,
    write,
  });
  return [
    define(20, 900, `select * from ${table} where id = ?`, (r) => `SELECT * FROM ${table} WHERE id = ${number(r)}`),
    define(
      8,
      30_000,
      `select id, state from ${table} where id in(?+) order by id`,
      (r) => `SELECT id, state FROM ${table} WHERE id IN (${list(r, 3, 300, number)}) ORDER BY id ASC`,
    ),
    define(
      1,
      400_000,
      `select * from ${table} where code in(?+) and deleted is ?`,
      (r) => `SELECT * FROM ${table} WHERE code IN(${list(r, 200, 2000, string)}) AND deleted IS NULL`,
    ),
    define(
      6,
      250_000,
      `select count(*) from ${table} where note like ? and state <> ?`,
      (r) => `select count(*)\n  from ${table}\n where note like ${string(r)}\n   and state <> ${string(r)}`,
    ),
    define(
      5,
      60_000,
      `select t.id, c.email from \`${table}\` t join customers c on c.id = t.customer_id where t.total > ? limit ?`,
      (r) =>
        `SELECT t.id, c.email FROM \`${table}\` t JOIN customers c ON c.id = t.customer_id\r\n\tWHERE t.total > ${number(r)}.${number(r)} LIMIT ${number(r)}, ${number(r)}`,
    ),
    define(
      4,
      5_000,
      `update ${table} set state = ?, changed = now() where id = ? and note = ?`,
      (r) =>
        `UPDATE ${table} SET state = ${string(r)}, changed = NOW() WHERE id = ${number(r)} AND note = ${string(r)}`,
    ),
    define(
      4,
      2_000,
      `insert into ${table} (a, b, c) values(?+)`,
      (r) => `INSERT INTO ${table} (a, b, c) VALUES ${list(r, 1, 40, (it) => `(${number(it)}, ${string(it)}, NULL)`)}`,
    ),
    define(
      2,
      2_500,
      `insert into ${table} (a, b) values (now(), ?) on duplicate key update b = values(b)`,
      (r) =>
        `INSERT INTO ${table} (a, b) VALUES ${list(r, 1, 9, (it) => `(NOW(), ${string(it)})`)} ON DUPLICATE KEY UPDATE b = VALUES(b)`,
    ),
    define(
      2,
      90_000,
      `delete from ${table} where created < ? limit ?`,
      (r) => `DELETE FROM ${table} WHERE created < ${date(r)} LIMIT ${number(r)}`,
    ),
    define(
      3,
      40_000,
      `select sum(total) from ${table} where shop_id = ? and day between ? and ?`,
      (r) =>
        `/* app=${r.pick(['web', 'api'])} it's request ${number(r)} */ SELECT SUM(total) FROM ${table} -- day's sum ${number(r)}\n WHERE shop_id = ${number(r)} AND day BETWEEN ${date(r)} AND ${date(r)}`,
    ),
    define(
      2,
      20_000,
      `select max(id) from ${table} where owner = ? `,
      (r) => `SELECT MAX(id) FROM ${table} WHERE owner = ${string(r)} -- asked by ${r.pick(['anna', "o'neil"])}`,
    ),
    define(
      2,
      300_000,
      `with recursive path as (select id, parent from ${table} where id = ? union all select t.id, t.parent from ${table} t join path p on t.parent = p.id) select * from path`,
      (r) =>
        `WITH RECURSIVE path AS (\n  SELECT id, parent FROM ${table} WHERE id = ${number(r)}\n  UNION ALL\n  SELECT t.id, t.parent FROM ${table} t JOIN path p ON t.parent = p.id\n)\nSELECT * FROM path`
          .replaceAll('(\n  ', '(')
          .replaceAll('\n)', ')'),
    ),
    define(2, 15_000, `call refresh_${table}`, (r) => `CALL refresh_${table}(${number(r)}, ${string(r)})`),
    define(
      1,
      12_000,
      `(select id from ${table} where kind = ? limit ?) union all (select id from ${table} where kind = ? limit ?)`,
      (r) =>
        `(SELECT id FROM ${table} WHERE kind = ${number(r)} LIMIT 5) UNION ALL (SELECT id FROM ${table} WHERE kind = ${number(r)} LIMIT 5)`,
    ),
    define(
      1,
      7_000,
      `select flags from ${table} where mask = ? and bits = ? and raw = ? and f = ?`,
      (r) =>
        `SELECT flags FROM ${table} WHERE mask = 0x${r
          .integer(0, 2 ** 31)
          .toString(16)
          .toUpperCase()} AND bits = b'101' AND raw = x'${r.integer(16, 255).toString(16)}' AND f = ${r.integer(1, 9)}E${r.integer(1, 9)}`,
    ),
    define(1, 1_000, `set names utf?`, () => 'SET NAMES utf8'),
    define(
      1,
      3_000,
      `create procedure tidy_${table}() begin delete from ${table} where id < ?; select count(*) from ${table}; end`,
      (r) =>
        `CREATE PROCEDURE tidy_${table}() BEGIN DELETE FROM ${table} WHERE id < ${number(r)};\n# what is left\nSELECT COUNT(*) FROM ${table}; END`,
    ),
    define(
      1,
      2_000,
      `insert into notes (t, body) values(?+)`,
      (r) => `INSERT INTO notes (t, body) VALUES (${string(r)}, '${r.pick(pasted)}')`,
    ),
  ];
}

function number(random: Random): string {
  return String(random.integer(1, 10 ** random.integer(1, 7)));
}

/** Strings with everything in them that ends a string, a statement or an event in the eyes of a careless reader. */
function string(random: Random): string {
  const word = 'x'.repeat(random.integer(0, 30));
  return random.pick([
    ...[
      `'${word}'`,
      `"${word}"`,
      "'O\\'Brien'",
      "'it''s'",
      '"say \\"hi\\""',
      "'a;b'",
      "'a;\nb'",
      "'-- no comment'",
      "''",
    ],
    ...[
      "'/* neither */'",
      "'naïve ünïcödé'",
      "'数据库'",
      "'back\\\\slash\\\\'",
      `'"'`,
      `"'"`,
      "'('",
      "'a), (b'",
      "'# x'",
    ],
  ]);
}

function date(random: Random): string {
  const two = (low: number, high: number): string => String(random.integer(low, high)).padStart(2, '0');
  return `'2024-${two(1, 12)}-${two(1, 28)} ${two(0, 23)}:${two(0, 59)}:${two(0, 59)}'`;
}

function list(random: Random, low: number, high: number, item: (random: Random) => string): string {
  return Array.from({ length: random.integer(low, high) }, () => item(random)).join(random.pick([', ', ',']));
}

/** Pieces of a slow log in somebody's note: text, not events. */
const pasted = [
  'look:\n# Time: 240115 10:00:00\n# User@Host: root[root] @ localhost []\nstrange',
  'SELECT 1;\n# User@Host: root[root] @ localhost []\n# Query_time: 9.000000  Lock_time: 0.000000\nSET timestamp=5;\nSELECT 2;\n',
];
