import { describe, expect, it } from 'vitest';
import { readPredicates, tableNames } from '../../src/judgements/predicates.ts';

const orders = { names: new Set(['o', 'orders']), has: (column: string) => /^(id|user_id|city|day|x)$/.test(column) };

describe('the predicates of one table among several', () => {
  it.each([
    [
      'its qualified columns',
      "SELECT 1 FROM orders o JOIN users u ON u.id = o.user_id WHERE o.city = 'b' AND u.day = 1",
      { equal: ['city'], joined: ['user_id'] },
    ],
    ['columns by their bare name', "SELECT 1 FROM orders WHERE city = 'b' AND other = 2", { equal: ['city'] }],
    [
      'a join by USING',
      'SELECT 1 FROM users JOIN orders o USING (user_id) WHERE o.x > 3',
      { joined: ['user_id'], range: ['x'] },
    ],
    ['the right side of an equation', "SELECT 1 FROM orders o WHERE 'b' = o.city", { equal: ['city'] }],
    ['a value that a function computes', 'SELECT 1 FROM orders WHERE day = NOW()', { equal: ['day'] }],
    ['an OR across columns, which narrows by neither', 'SELECT 1 FROM orders WHERE city = 1 OR x = 2', {}],
    [
      'an OR within a group beside an AND',
      'SELECT 1 FROM orders WHERE day = 3 AND (city = 1 OR x = 2)',
      { equal: ['day'] },
    ],
    ['an OR of one column', 'SELECT 1 FROM orders WHERE (city = 1 OR city = 2) AND x = 3', { equal: ['city', 'x'] }],
    [
      'a subquery of its own',
      'SELECT 1 FROM orders WHERE x IN (SELECT id FROM users WHERE city = 1) AND day = 2',
      { equal: ['x', 'day'] },
    ],
    [
      'unequal and quoted text',
      "SELECT 1 FROM orders WHERE x != 3 AND city <> 'a = day' AND day = 'x > 1'",
      { equal: ['day'] },
    ],
    ['one order', 'SELECT 1 FROM orders ORDER BY day DESC, id DESC LIMIT 5', { orderBy: ['day', 'id'] }],
    ['an order in two directions', 'SELECT 1 FROM orders ORDER BY day DESC, id LIMIT 5', {}],
    ['an order by two tables', 'SELECT 1 FROM orders o, users u ORDER BY o.day, u.name', {}],
    ['a UNION', 'SELECT 1 FROM orders WHERE x = 1 UNION SELECT 1 FROM orders WHERE city = 2', { equal: ['x'] }],
  ])('take %s', (_, sql, expected) => {
    const nothing = { equal: [], joined: [], range: [], orderBy: [], unusable: [] };
    expect(readPredicates(sql, orders)).toMatchObject({ ...nothing, ...expected });
  });
});

describe('the names of tables in a statement', () => {
  it.each([
    ['SELECT 1 FROM orders o JOIN b.users AS u ON 1', ['s.orders o', 'b.users u']],
    ['SELECT 1 FROM orders, `odd ``name` WHERE x', ['s.orders orders', 's.odd `name odd `name']],
    ['UPDATE orders SET x = 1 WHERE city = 2', ['s.orders orders']],
    ['DELETE FROM orders WHERE id IN (SELECT id FROM users)', ['s.orders orders']],
    ['SELECT 1', []],
  ])('%s', (sql, expected) => {
    expect(tableNames(sql, 's').map(({ table, alias }) => `${table} ${alias}`)).toEqual(expected);
  });
});

describe('columns compared with a number', () => {
  it.each([
    ['SELECT 1 FROM orders o WHERE o.city = 49171 AND x > -3', ['city', 'x']],
    ['SELECT 1 FROM orders WHERE city IN (1, 2) AND x BETWEEN 1 AND 2 AND day <= 7', ['city', 'x', 'day']],
    ['SELECT 1 FROM orders o WHERE 5 = o.city', ['city']],
    ["SELECT 1 FROM orders WHERE city = '49171' AND x IN ('1', '2')", []],
    ['SELECT 1 FROM orders WHERE city = ? AND x = day AND DATE(day) = 1', []],
    ["SELECT 1 FROM orders WHERE city LIKE '1%' AND x IS NULL LIMIT 5", []],
  ])('%s', (sql, numeric) => {
    expect(readPredicates(sql, orders).numeric).toEqual(numeric);
  });
});
