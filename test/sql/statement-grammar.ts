import fc from 'fast-check';

/** Statements about the lab's shop: reads, writes, and reads that do more than read, in all mixtures. */
export const anyStatement: fc.Arbitrary<string> = fc.letrec<Record<string, string>>((tie) => {
  const sep = fc.constantFrom(' ', ' ', ' ', '\n', '\t', '/**/', ' /* ; */ ', ' -- x\n');
  const literal = fc.constantFrom(
    '1',
    '0',
    '-1.5',
    "'a'",
    "'it''s'",
    "'a;b'",
    '0x41',
    'NULL',
    '@v',
    '@@max_connections',
  );
  const column = fc.constantFrom('id', 'status', 'o.id', '`status`', 'o.total');
  const table = fc.constantFrom('shop.orders o', '`shop`.`orders` o', 'shop.orders AS o', 'shop . orders o');
  const calm = fc.constantFrom<(a: string, b: string) => string>(
    (a, b) => `CONCAT(${a}, ${b})`,
    (a, b) => `COALESCE (${a}, ${b})`,
    (a, b) => `IF(${a}, ${b}, 0)`,
    (a, b) => `REPLACE(${a}, ${b}, 'y')`,
    (a, b) => `LOWER(${a}) = MD5(${b})`,
    (a, b) => `HEX(${a}) IN (${b}, 'z')`,
  );
  const wild = fc.constantFrom(
    ...['SLEEP(2)', "GET_LOCK('guard', 1)", 'shop.touch(1)', 'NEXTVAL(shop.seq)', 'NEXT VALUE FOR shop.seq'],
    ...['SETVAL(shop.seq, 900)', 'LAST_INSERT_ID(77)', '@v := 5', '`sleep`(2)', '`shop`.`touch` (1)', 'touch(1)'],
    ...["RELEASE_LOCK('guard')", "LOAD_FILE('/etc/hostname')", 'BENCHMARK(200000000, MD5(1))'],
  );
  return {
    expression: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      literal,
      column,
      wild,
      fc.tuple(calm, tie('expression'), tie('expression')).map(([call, a, b]) => call(a, b)),
      fc
        .tuple(tie('expression'), fc.constantFrom('+', 'AND', 'OR', '<=>', 'XOR'), tie('expression'))
        .map((it) => it.join(' ')),
      tie('query').map((query) => `(SELECT COUNT(*) FROM (${query}) q)`),
      fc.tuple(tie('expression'), tie('expression')).map(([a, b]) => `CASE WHEN ${a} THEN (${b}) ELSE 0 END`),
    ),
    tail: fc.constantFrom(
      ...['', '', '', ' LIMIT 3', ' ORDER BY 1 LIMIT 2', ' FOR UPDATE', ' LOCK IN SHARE MODE', ' LIMIT 1 INTO @v'],
      ...[
        " LIMIT 1 INTO OUTFILE 'exfiltrated'",
        ' /*! FOR UPDATE */',
        ' /*M!100000 LOCK IN SHARE MODE */',
        ' LIMIT 2 ;',
      ],
      ...[' -- FOR UPDATE\n', " LIMIT 1 INTO/**/DUMPFILE 'exfiltrated'"],
    ),
    query: fc
      .tuple(sep, tie('expression'), sep, table, fc.option(tie('expression'), { nil: '1' }), tie('tail'))
      .map(
        ([a, what, b, from, where, tail]) =>
          `SELECT${a}${what} AS c${b}FROM ${from} WHERE (${where}) AND id < 9${tail}`,
      ),
    read: fc.oneof(
      { weight: 4, arbitrary: tie('query') },
      fc
        .tuple(tie('expression'), tie('tail'))
        .map(([what, tail]) => `SELECT ${what} FROM shop.orders o WHERE id = 1${tail}`),
      fc.tuple(tie('query'), tie('query')).map(([a, b]) => `(${a}) UNION ALL (${b})`),
      fc.tuple(tie('query'), tie('query')).map(([a, b]) => `WITH w(c) AS (${a}) SELECT * FROM w, (${b}) x`),
      tie('expression').map((what) => `VALUES ((SELECT ${what} FROM shop.orders o LIMIT 1))`),
      tie('expression').map((what) => `SHOW STATUS WHERE Variable_name = (SELECT ${what} FROM shop.orders o LIMIT 1)`),
      tie('expression').map((what) => `SHOW TABLES FROM shop WHERE (SELECT ${what} FROM shop.orders o LIMIT 1)`),
    ),
    write: fc.constantFrom(
      ...["UPDATE shop.orders SET status = 'x' WHERE id = 1", 'DELETE FROM shop.orders WHERE id = 2'],
      ...['INSERT INTO shop.touched VALUES (9)', 'CREATE TABLE shop.made (a INT)', 'SET GLOBAL max_connections = 77'],
      ...["GRANT SELECT ON shop.* TO made@localhost IDENTIFIED BY 'x'", 'DO shop.touch(2)', 'CALL shop.touch_all()'],
      ...['WITH w AS (SELECT 1) DELETE FROM shop.orders WHERE id = 3', 'LOCK TABLES shop.orders WRITE', 'FLUSH STATUS'],
      ...['/*! DELETE FROM shop.orders WHERE id = 4 */', '/*M! DROP TABLE shop.touched */', 'TRUNCATE shop.touched'],
      ...['ANALYZE TABLE shop.orders', 'SELECT 1; DELETE FROM shop.orders WHERE id = 5', "SET @v = 'z'", 'USE mysql'],
    ),
    statement: fc.oneof(
      { weight: 8, arbitrary: tie('read') },
      { weight: 2, arbitrary: tie('write') },
      fc
        .tuple(fc.constantFrom('EXPLAIN ', 'EXPLAIN FORMAT=JSON ', 'ANALYZE ', 'DESC '), tie('read'))
        .map((it) => it.join('')),
      fc.tuple(fc.constantFrom('EXPLAIN ', 'ANALYZE ', 'DESCRIBE '), tie('write')).map((it) => it.join('')),
      fc.tuple(tie('read'), tie('write')).map((it) => it.join(' ; ')),
      fc.tuple(tie('write'), tie('read')).map(([write, read]) => `/* ${write.replaceAll('*/', '')} */ ${read}`),
    ),
  };
}).statement as fc.Arbitrary<string>;
