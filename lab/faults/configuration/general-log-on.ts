import { defineSqlFault } from '../sql-fault.ts';

export const generalLogOn = defineSqlFault({
  id: 'general-log-on',
  title: 'Somebody switched the general log on for a moment, weeks ago',
  question: 'why does the disk of orders-prod fill up?',
  statements: ['SET GLOBAL general_log = ON'],
  proof: 'SELECT @@general_log AS general_log FROM DUAL WHERE @@general_log = 1',
  undo: ['SET GLOBAL general_log = OFF'],
  expect: { required: [{ code: 'config.general_log_on' }], rootCause: { codes: ['config.general_log_on'] } },
});
