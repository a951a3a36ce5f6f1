import { defineSqlFault } from '../sql-fault.ts';

export const duplicateIndex = defineSqlFault({
  id: 'duplicate-index',
  title: 'Two equal indexes, and one that another one covers',
  question: 'do we have useless indexes in shop?',
  statements: [
    'ALTER TABLE shop.products ADD KEY name_first (name), ADD KEY name_again (name)',
    'ALTER TABLE shop.products ADD KEY price_only (price), ADD KEY price_stock (price, stock)',
    'ANALYZE TABLE shop.products',
  ],
  proof: `SELECT INDEX_NAME, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) AS cols FROM information_schema.STATISTICS
          WHERE TABLE_SCHEMA = 'shop' AND INDEX_NAME IN ('name_first', 'name_again', 'price_only', 'price_stock')
          GROUP BY INDEX_NAME`,
  undo: [
    'ALTER TABLE shop.products DROP KEY name_first, DROP KEY name_again, DROP KEY price_only, DROP KEY price_stock',
  ],
  expect: {
    required: [
      {
        code: 'schema.duplicate_index',
        subject: ['shop.products.name_first', 'shop.products.name_again', 'shop.products'],
      },
      { code: 'schema.redundant_index', subject: ['shop.products.price_only', 'shop.products'] },
    ],
    absent: [{ subject: 'shop.products.price_stock' }, { subject: 'shop.orders.customer_id' }],
  },
});
