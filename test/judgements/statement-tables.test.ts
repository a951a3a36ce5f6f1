import { describe, expect, it } from 'vitest';
import { tablesIn } from '../../src/judgements/statement-tables.ts';

describe('the tables that a statement names', () => {
  it.each([
    ['CREATE INDEX by_stock ON products(stock)', ['shop.products']],
    ['CREATE OR REPLACE UNIQUE INDEX IF NOT EXISTS u ON billing.invoices (number)', ['billing.invoices']],
    ['DROP INDEX by_stock ON `order items`', ['shop.order items']],
    ['CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW SET @a = 1', ['shop.orders']],
    ['SELECT a.id FROM a JOIN b ON b.id = a.id', ['shop.a', 'shop.b']],
    ['CREATE TABLE c AS SELECT a.id FROM a JOIN b ON b.id = a.id', ['shop.c', 'shop.a', 'shop.b']],
  ])('%s', (sql, tables) => {
    expect(tablesIn(sql, 'shop')).toEqual(tables);
  });
});
