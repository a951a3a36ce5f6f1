import { defineSqlFault } from '../sql-fault.ts';

const table = 'a`b" \'<!channel> 🚀 *x* drop';

/** Quotes, markup, an emoji and spaces in every name; the statements in a report must quote them right. */
export const hostileNames = defineSqlFault({
  id: 'hostile-names',
  title: 'A schema whose names hold quotes, markup and emoji has a table without a key',
  question: 'check the schema health of everything',
  statements: [
    'CREATE DATABASE `we``ird & co`',
    'CREATE TABLE `we``ird & co`.`plain` (id INT PRIMARY KEY) ENGINE=InnoDB',
    `CREATE TABLE \`we\`\`ird & co\`.\`${table.replaceAll('`', '``').replaceAll('🚀', 'é')}\` (v INT) ENGINE=InnoDB`,
    'CREATE TABLE `we``ird & co`.`a table name may have sixty-four characters and this one has all` (v INT) ENGINE=InnoDB',
  ],
  proof: "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'we`ird & co'",
  undo: ['DROP DATABASE `we``ird & co`'],
  expect: {
    required: [
      { code: 'schema.no_primary_key', subject: `we\`ird & co.${table.replaceAll('🚀', 'é')}` },
      {
        code: 'schema.no_primary_key',
        subject: 'we`ird & co.a table name may have sixty-four characters and this one has all',
      },
    ],
  },
});
