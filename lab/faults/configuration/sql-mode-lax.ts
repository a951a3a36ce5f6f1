import { defineSqlFault } from '../sql-fault.ts';

export const sqlModeLax = defineSqlFault({
  id: 'sql-mode-lax',
  title: 'sql_mode is empty: values that do not fit are cut without an error',
  question: 'some product names end in the middle, can the database do that?',
  primary: { args: ['--sql-mode='] },
  proof: "SELECT @@GLOBAL.sql_mode AS sql_mode FROM DUAL WHERE @@GLOBAL.sql_mode = ''",
  undo: [
    "SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION'",
  ],
  expect: { required: [{ code: 'config.sql_mode_lax', subject: 'sql_mode' }] },
});
