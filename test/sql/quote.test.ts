import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quotedName, quotedTable, splitTable, tableName } from '../../src/sql/quote.ts';

const name = fc.string({
  minLength: 1,
  maxLength: 64,
  unit: fc.constantFrom('a', '.', '`', '``', ' ', 'ü', '"', '\\', '🐘'),
});

describe('the name of a table', () => {
  it('can be taken apart again, whatever stands in schema and table', () => {
    fc.assert(
      fc.property(name, name, (schema, table) => {
        const full = tableName(schema, table);
        expect(splitTable(full)).toEqual({ schema, table });
        expect(quotedTable(full)).toBe(`${quotedName(schema)}.${quotedName(table)}`);
      }),
    );
  });

  it('is the plain one for plain names', () => {
    expect(tableName('shop', 'orders')).toBe('shop.orders');
    expect(tableName('my.shop', 'a.b')).toBe('`my.shop`.a.b');
    expect(splitTable('orders')).toEqual({ schema: undefined, table: 'orders' });
  });
});
