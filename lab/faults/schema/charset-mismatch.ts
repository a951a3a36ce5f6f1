import { defineSqlFault } from '../sql-fault.ts';

export const charsetMismatch = defineSqlFault({
  id: 'charset-mismatch',
  title: 'Two tables are joined by a column that is latin1 on one side and utf8mb4 on the other; the index is useless',
  question: 'the join of partners and their orders is slow although both have an index, why?',
  statements: [
    `CREATE TABLE shop.partners (code VARCHAR(20) CHARACTER SET latin1 NOT NULL PRIMARY KEY, name VARCHAR(50)) ENGINE=InnoDB`,
    `CREATE TABLE shop.partner_orders (id INT PRIMARY KEY, code VARCHAR(20) CHARACTER SET utf8mb4 NOT NULL,
       KEY code (code)) ENGINE=InnoDB`,
    "INSERT INTO shop.partners SELECT CONCAT('P', seq), 'Partner' FROM shop.seq_1_to_2000",
    "INSERT INTO shop.partner_orders SELECT seq, CONCAT('P', 1 + seq % 2000) FROM shop.seq_1_to_5000",
    'ANALYZE TABLE shop.partners, shop.partner_orders',
  ],
  proof: `SELECT a.CHARACTER_SET_NAME AS partners, b.CHARACTER_SET_NAME AS orders
          FROM information_schema.COLUMNS a JOIN information_schema.COLUMNS b ON a.COLUMN_NAME = b.COLUMN_NAME
          WHERE a.TABLE_NAME = 'partners' AND b.TABLE_NAME = 'partner_orders' AND a.COLUMN_NAME = 'code'
            AND a.CHARACTER_SET_NAME <> b.CHARACTER_SET_NAME`,
  undo: ['DROP TABLE shop.partners, shop.partner_orders'],
  expect: {
    required: [
      {
        code: 'schema.charset_mismatch',
        subject: ['shop.partners', 'shop.partner_orders', 'shop.partners.code', 'shop.partner_orders.code'],
      },
    ],
    allowed: ['schema.charset_mismatch'],
  },
});
