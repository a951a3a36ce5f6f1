import { defineSqlFault } from '../sql-fault.ts';

export const durability = defineSqlFault({
  id: 'durability',
  title: 'Commits are not flushed, neither to the redo log nor to the binary log',
  question: 'would we lose data if orders-prod lost power?',
  primary: { args: ['--innodb-flush-log-at-trx-commit=2', '--sync-binlog=0'] },
  proof: `SELECT @@innodb_flush_log_at_trx_commit AS redo, @@sync_binlog AS binlog, @@log_bin AS log_bin FROM DUAL
          WHERE @@innodb_flush_log_at_trx_commit = 2 AND @@sync_binlog = 0 AND @@log_bin = 1`,
  undo: ['SET GLOBAL innodb_flush_log_at_trx_commit = 1', 'SET GLOBAL sync_binlog = 1'],
  expect: {
    required: [
      { code: 'config.durability_relaxed', subject: 'innodb_flush_log_at_trx_commit' },
      { code: 'config.durability_relaxed', subject: 'sync_binlog' },
    ],
    rootCause: { codes: ['config.durability_relaxed'] },
  },
});
