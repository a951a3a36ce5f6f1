import { describe, expect, it } from 'vitest';
import { maskCell, maskQuoted, maskRows } from '../../src/sql/redact-cell.ts';

describe('a cell from a server', () => {
  it.each([
    ['info', "UPDATE orders SET note = 'x' WHERE id = 5 -- why", 'UPDATE orders SET note = ? WHERE id = ? /*?*/', 3],
    ['anything', '/* job 7 */ SELECT 1 FROM t', '/*?*/ SELECT ? FROM t', 2],
    ['anything', "(select 'x')", '(select ?)', 1],
    ['lock_data', "7, 'anna'", '?, ?', 2],
    ['TABLE_COMMENT', 'ask Anna before you drop it', '?', 1],
    ['TABLE_COMMENT', '', '', 0],
    ['COLUMN_TYPE', "enum('a','b')", "enum('?','?')", 2],
    ['state', 'Waiting for table metadata lock', 'Waiting for table metadata lock', 0],
    ['table', 'shop.orders', 'shop.orders', 0],
    ['command', 'Sleep', 'Sleep', 0],
    ['name', 'showcase', 'showcase', 0],
  ])('%s: %s', (column, text, expected, masked) => {
    expect(maskCell(column, text)).toEqual({ text: expected, masked });
  });

  it.each([
    ["Duplicate entry 'it's me' for key 'PRIMARY'", "Duplicate entry '?' for key 'PRIMARY'"],
    [
      "Error 'Duplicate entry 'a' for key 'PRIMARY'' on query. Default database: 'shop'. Query: 'INSERT INTO t VALUES ('a')'",
      "Error: Duplicate entry '?' for key 'PRIMARY' on query. Default database: 'shop'. Query: '?'",
    ],
    [
      "Incorrect integer value: 'x' y' for column `shop`.`t`.`a` at row 1",
      "Incorrect integer value: '?' for column `shop`.`t`.`a` at row 1",
    ],
    [
      "Access denied for user 'app'@'10.0.0.5' (using password: YES)",
      "Access denied for user 'app'@'10.0.0.5' (using password: YES)",
    ],
    [
      "You have an error in your SQL syntax near 'card = 41' at line 1",
      "You have an error in your SQL syntax near '?' at line 1",
    ],
    ["Got error reading 'left open", "Got error reading '?'"],
  ])('keeps the sentence of the server without the values in it: %s', (sentence, expected) => {
    expect(maskQuoted(sentence).text).toBe(expected);
  });

  it('hides the value of a setting that opens a door, and of no other', () => {
    const rows = [
      { VARIABLE_NAME: 'REPORT_PASSWORD', VARIABLE_VALUE: 'hunter' },
      { name: 'old_passwords', value: 'OFF' },
      { name: 'wsrep_sst_auth', value: 'sst:word', origin: 'CONFIG' },
      { name: 'max_connections', value: '150' },
    ];
    expect(maskRows(rows)).toEqual({
      masked: 2,
      rows: [
        { VARIABLE_NAME: 'REPORT_PASSWORD', VARIABLE_VALUE: '?' },
        { name: 'old_passwords', value: 'OFF' },
        { name: 'wsrep_sst_auth', value: '?', origin: 'CONFIG' },
        { name: 'max_connections', value: '150' },
      ],
    });
  });

  it('keeps of the InnoDB monitor what is no statement, no client and no row', () => {
    const monitor = [
      ...['INNODB MONITOR OUTPUT', '----------', 'SEMAPHORES', '----------', 'OS WAIT ARRAY INFO: reservation count 5'],
      ...['------------', 'TRANSACTIONS', '------------', 'Trx id counter 71', 'History list length 4'],
      ...['---TRANSACTION 70, ACTIVE 12 sec', '1 lock struct(s), heap size 1128, 1 row lock(s), undo log entries 1'],
      ...['MariaDB thread id 9, OS thread handle 1, query id 4 10.0.0.5 app Updating', "UPDATE t SET a = 'x'"],
      ...['RECORD LOCKS space id 5 page no 3 n bits 8 index PRIMARY of table `shop`.`t` trx id 70 lock_mode X'],
      ...['Record lock, heap no 2 PHYSICAL RECORD: n_fields 3', ' 0: len 4; hex 80000001; asc     ;;'],
      ...['--------', 'FILE I/O', '--------', 'Pending flushes (fsync): 0'],
    ].join('\n');
    const { text, masked } = maskCell('Status', monitor);
    expect(text).not.toMatch(/UPDATE|10\.0\.0\.5|hex/);
    expect(text).toContain('History list length 4');
    expect(text).toContain('RECORD LOCKS space id 5');
    expect(text).toContain('Pending flushes (fsync): 0');
    expect(masked).toBe(4);
  });
});
