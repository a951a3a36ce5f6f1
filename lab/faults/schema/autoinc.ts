import { defineSqlFault } from '../sql-fault.ts';

export const autoinc = defineSqlFault({
  id: 'autoinc',
  title: 'An INT auto-increment has nearly reached its end',
  question: 'will any id column overflow soon?',
  statements: [
    'CREATE TABLE shop.tickets (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, note VARCHAR(50)) ENGINE=InnoDB',
    "INSERT INTO shop.tickets VALUES (2147480000, 'almost there')",
  ],
  proof: `SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'tickets'
          AND AUTO_INCREMENT / 2147483647 > 0.99`,
  undo: ['DROP TABLE shop.tickets'],
  expect: {
    required: [{ code: 'schema.autoinc_near_limit', subject: 'shop.tickets' }],
    rootCause: { codes: ['schema.autoinc_near_limit'], subject: 'shop.tickets' },
  },
});

export const autoincDecoys = defineSqlFault({
  id: 'autoinc-decoys',
  title: 'A SMALLINT UNSIGNED is nearly full; larger numbers in wider columns are far from it',
  question: 'check the auto-increment columns of shop',
  statements: [
    'CREATE TABLE shop.coupons (id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB',
    'INSERT INTO shop.coupons VALUES (64900)',
    'CREATE TABLE shop.visits (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB',
    'INSERT INTO shop.visits VALUES (9000000000000)',
    'CREATE TABLE shop.carts (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY) ENGINE=InnoDB',
    'INSERT INTO shop.carts VALUES (2147480000)',
  ],
  proof: `SELECT TABLE_NAME, AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop'
          AND TABLE_NAME IN ('coupons', 'visits', 'carts')`,
  undo: ['DROP TABLE shop.coupons, shop.visits, shop.carts'],
  expect: {
    required: [{ code: 'schema.autoinc_near_limit', subject: 'shop.coupons' }],
    absent: [
      { code: 'schema.autoinc_near_limit', subject: 'shop.visits' },
      { code: 'schema.autoinc_near_limit', subject: 'shop.carts' },
    ],
  },
});

export const sequenceNearLimit = defineSqlFault({
  id: 'sequence-near-limit',
  title: 'A sequence without CYCLE has nearly reached its MAXVALUE',
  question: 'invoicing fails sometimes, are we out of numbers?',
  statements: [
    'CREATE SEQUENCE shop.invoice_number START WITH 1 MAXVALUE 100000 NOCACHE NOCYCLE',
    'SELECT SETVAL(shop.invoice_number, 99500)',
  ],
  proof: 'SELECT next_not_cached_value, maximum_value FROM shop.invoice_number WHERE next_not_cached_value > 99000',
  undo: ['DROP SEQUENCE shop.invoice_number'],
  expect: { required: [{ code: 'schema.autoinc_near_limit', subject: 'shop.invoice_number' }] },
});
