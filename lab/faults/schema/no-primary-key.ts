import { defineSqlFault } from '../sql-fault.ts';

export const noPrimaryKey = defineSqlFault({
  id: 'no-primary-key',
  title: 'A table without a primary key',
  question: 'any tables without a key on orders-prod?',
  statements: [
    'CREATE TABLE shop.audit_log (at DATETIME NOT NULL, what VARCHAR(100) NOT NULL, KEY at (at)) ENGINE=InnoDB',
    "INSERT INTO shop.audit_log SELECT '2026-01-01' + INTERVAL seq MINUTE, 'login' FROM shop.seq_1_to_2000",
    'ANALYZE TABLE shop.audit_log',
  ],
  proof: "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'audit_log'",
  undo: ['DROP TABLE shop.audit_log'],
  expect: { required: [{ code: 'schema.no_primary_key', subject: 'shop.audit_log' }] },
});
