import { defineSqlFault } from '../sql-fault.ts';

export const duplicateForeignKey = defineSqlFault({
  id: 'duplicate-foreign-key',
  title: 'A migration ran twice and left the same foreign key twice',
  question: 'inserts into order_items got slower after the migration, anything wrong with the table?',
  statements: [
    `ALTER TABLE shop.order_items ADD CONSTRAINT items_product_again
       FOREIGN KEY (product_id) REFERENCES shop.products (id)`,
  ],
  proof: `SELECT CONSTRAINT_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = 'shop'
          AND CONSTRAINT_NAME = 'items_product_again'`,
  undo: ['ALTER TABLE shop.order_items DROP FOREIGN KEY items_product_again'],
  expect: {
    required: [
      {
        code: 'schema.duplicate_foreign_key',
        subject: ['shop.order_items', 'shop.order_items.items_product_again', 'shop.order_items.items_product'],
      },
    ],
  },
});
