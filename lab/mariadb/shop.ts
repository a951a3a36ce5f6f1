import type { Connection } from 'mariadb';

/** Rows per table of a fresh shop. */
export const shopSize = { customers: 1_000, products: 500, orders: 20_000, orderItems: 40_000 } as const;

/**
 * The schema `shop` of the lab: sensible keys, nothing redundant, every table in InnoDB with a primary key, so that
 * a healthy server gives no finding. Values are computed, not random: every shop is the same.
 */
export const shopStatements: readonly string[] = [
  `CREATE DATABASE shop CHARACTER SET utf8mb4`,
  `CREATE TABLE shop.customers (
     id INT UNSIGNED NOT NULL AUTO_INCREMENT, email VARCHAR(120) NOT NULL, name VARCHAR(80) NOT NULL,
     city VARCHAR(60) NOT NULL, created_at DATETIME NOT NULL,
     PRIMARY KEY (id), UNIQUE KEY email (email)) ENGINE=InnoDB`,
  `CREATE TABLE shop.products (
     id INT UNSIGNED NOT NULL AUTO_INCREMENT, sku CHAR(10) NOT NULL, name VARCHAR(80) NOT NULL,
     price DECIMAL(10,2) NOT NULL, stock INT NOT NULL,
     PRIMARY KEY (id), UNIQUE KEY sku (sku)) ENGINE=InnoDB`,
  `CREATE TABLE shop.orders (
     id INT UNSIGNED NOT NULL AUTO_INCREMENT, customer_id INT UNSIGNED NOT NULL,
     status ENUM('new','paid','packed','sent','returned') NOT NULL, total DECIMAL(10,2) NOT NULL,
     note VARCHAR(200) NOT NULL DEFAULT '', created_at DATETIME NOT NULL,
     PRIMARY KEY (id), KEY customer_id (customer_id), KEY status_created (status, created_at),
     CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES shop.customers (id)) ENGINE=InnoDB`,
  `CREATE TABLE shop.order_items (
     order_id INT UNSIGNED NOT NULL, line_number TINYINT UNSIGNED NOT NULL, product_id INT UNSIGNED NOT NULL,
     quantity SMALLINT UNSIGNED NOT NULL, price DECIMAL(10,2) NOT NULL,
     PRIMARY KEY (order_id, line_number), KEY product_id (product_id),
     CONSTRAINT items_order FOREIGN KEY (order_id) REFERENCES shop.orders (id),
     CONSTRAINT items_product FOREIGN KEY (product_id) REFERENCES shop.products (id)) ENGINE=InnoDB`,
  `INSERT INTO shop.customers
     SELECT seq, CONCAT('customer', seq, '@example.com'), CONCAT('Customer ', seq),
            ELT(1 + seq % 5, 'Berlin', 'Helsinki', 'Lisbon', 'Osaka', 'Quito'),
            '2024-01-01' + INTERVAL seq * 7 HOUR
     FROM shop.seq_1_to_${shopSize.customers}`,
  `INSERT INTO shop.products
     SELECT seq, CONCAT('SKU', LPAD(seq, 7, '0')), CONCAT('Product ', seq), 1 + seq * 37 % 9999 / 100, seq * 13 % 400
     FROM shop.seq_1_to_${shopSize.products}`,
  `INSERT INTO shop.orders
     SELECT seq, 1 + seq * 7919 % ${shopSize.customers}, ELT(1 + seq % 5, 'new', 'paid', 'packed', 'sent', 'returned'),
            5 + seq * 31 % 90000 / 100, '', '2025-01-01' + INTERVAL seq * 11 MINUTE
     FROM shop.seq_1_to_${shopSize.orders}`,
  `INSERT INTO shop.order_items
     SELECT 1 + (seq - 1) DIV 2, 1 + (seq - 1) % 2, 1 + seq * 101 % ${shopSize.products}, 1 + seq % 4, 5 + seq % 900 / 10
     FROM shop.seq_1_to_${shopSize.orderItems}`,
  `ANALYZE TABLE shop.customers, shop.products, shop.orders, shop.order_items`,
];

/**
 * Adds a table `big` of `rows` rows (id, v, pad) without an index on `v`; about 270 bytes a row.
 * `v` has `rows / 10` different values.
 */
export async function createBigTable(connection: Connection, rows: number, table = 'shop.big'): Promise<void> {
  await connection.query(
    `CREATE TABLE ${table} (id INT UNSIGNED NOT NULL AUTO_INCREMENT, v INT NOT NULL, pad CHAR(200) NOT NULL,
       PRIMARY KEY (id)) ENGINE=InnoDB`,
  );
  await connection.query(
    `INSERT INTO ${table} SELECT seq, seq * 7919 % ${Math.ceil(rows / 10)}, REPEAT(CHAR(97 + seq % 26), 200) FROM shop.seq_1_to_${rows}`,
  );
  await connection.query(`ANALYZE TABLE ${table}`);
}
