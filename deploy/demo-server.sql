-- The demo server of compose.yml: a small shop, the account that dbcheck looks with, and the one that approved actions use.
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;
CREATE TABLE shop.customers (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name VARCHAR(100) NOT NULL
) ENGINE = InnoDB;
CREATE TABLE shop.orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id BIGINT UNSIGNED NOT NULL,
  status VARCHAR(20) NOT NULL,
  placed_at DATETIME NOT NULL,
  KEY customer (customer_id)
) ENGINE = InnoDB;
INSERT INTO shop.customers (name) SELECT CONCAT('customer ', seq) FROM seq_1_to_1000;
INSERT INTO shop.orders (customer_id, status, placed_at)
  SELECT 1 + seq % 1000, IF(seq % 7 = 0, 'open', 'paid'), NOW() - INTERVAL seq MINUTE FROM seq_1_to_20000;

CREATE USER dbcheck@'%' IDENTIFIED BY 'demo-only';
GRANT SELECT, PROCESS, SHOW DATABASES, SHOW VIEW, EVENT, REPLICA MONITOR, BINLOG MONITOR ON *.* TO dbcheck@'%';
CREATE USER dbcheck_action@'%' IDENTIFIED BY 'demo-only-too';
GRANT CONNECTION ADMIN, PROCESS ON *.* TO dbcheck_action@'%';
