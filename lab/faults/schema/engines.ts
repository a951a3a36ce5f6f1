import { defineSqlFault } from '../sql-fault.ts';

export const myisam = defineSqlFault({
  id: 'myisam',
  title: 'A MyISAM table among InnoDB tables',
  question: 'are all tables of shop crash-safe?',
  statements: [
    'CREATE TABLE shop.legacy (id INT PRIMARY KEY, note VARCHAR(100)) ENGINE=MyISAM',
    "INSERT INTO shop.legacy SELECT seq, 'old' FROM shop.seq_1_to_1000",
  ],
  proof: "SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_NAME = 'legacy' AND ENGINE = 'MyISAM'",
  undo: ['DROP TABLE shop.legacy'],
  expect: { required: [{ code: 'schema.non_transactional_engine', subject: 'shop.legacy' }] },
});

export const oddEngines = defineSqlFault({
  id: 'odd-engines',
  title: 'Tables in Aria, CSV and MEMORY hold data that people think is safe',
  question: 'review the schema of the warehouse please',
  statements: [
    'CREATE DATABASE warehouse',
    'CREATE TABLE warehouse.bins (id INT PRIMARY KEY, place VARCHAR(20)) ENGINE=Aria',
    'CREATE TABLE warehouse.imports (id INT NOT NULL, line VARCHAR(100) NOT NULL) ENGINE=CSV',
    'CREATE TABLE warehouse.baskets (id INT PRIMARY KEY, total INT) ENGINE=MEMORY',
    'CREATE TABLE warehouse.pallets (id INT PRIMARY KEY, bin INT) ENGINE=InnoDB',
    "INSERT INTO warehouse.bins SELECT seq, CONCAT('A', seq) FROM warehouse.seq_1_to_100",
    'INSERT INTO warehouse.baskets SELECT seq, seq FROM warehouse.seq_1_to_100',
    "INSERT INTO warehouse.imports SELECT seq, 'line' FROM warehouse.seq_1_to_100",
  ],
  proof:
    "SELECT TABLE_NAME, ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'warehouse' AND ENGINE <> 'InnoDB'",
  undo: ['DROP DATABASE warehouse'],
  expect: {
    required: ['bins', 'imports', 'baskets'].map((table) => ({
      code: 'schema.non_transactional_engine',
      subject: `warehouse.${table}`,
    })),
    absent: [{ code: 'schema.non_transactional_engine', subject: 'warehouse.pallets' }],
    // A CSV table cannot have a key.
    allowed: ['schema.no_primary_key'],
  },
});
