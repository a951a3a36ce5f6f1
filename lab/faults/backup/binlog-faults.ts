import { defineFault } from '../fault.ts';
import { globalVariable, prove } from '../steps.ts';

export const binlogUnbounded = defineFault({
  id: 'binlog-unbounded',
  title: 'Binary logs never expire; two hundred of them lie around',
  question: 'what eats the disk of orders-prod?',
  primary: { args: ['--expire-logs-days=0'] },
  async inject({ primary }) {
    for (let log = 1; log < 200; log++) await primary.query('FLUSH BINARY LOGS');
    return {
      async gate() {
        const logs = await primary.query('SHOW BINARY LOGS');
        const days = Number(await globalVariable(primary, 'expire_logs_days'));
        prove(logs.length >= 200 && days === 0, `${logs.length} logs, expiry ${days}`);
        return `${logs.length} binary logs, expiry 0`;
      },
      async undo() {
        await primary.query('SET GLOBAL expire_logs_days = 7');
        await primary.query('PURGE BINARY LOGS BEFORE NOW() - INTERVAL 1 SECOND');
      },
      expect: {
        required: [{ code: 'backup.binlog_unbounded' }],
        rootCause: { codes: ['backup.binlog_unbounded'] },
      },
    };
  },
});

export const noBinlog = defineFault({
  id: 'no-binlog',
  title: 'The binary log is off: a restore ends at the last backup',
  question: 'what is our RPO on orders-prod?',
  primary: { args: ['--skip-log-bin'] },
  async inject({ primary }) {
    return {
      async gate() {
        const on = await globalVariable(primary, 'log_bin');
        prove(on === 0, `log_bin ${on}`);
        return 'log_bin = OFF';
      },
      // Only a start can switch it on.
      undo: () => primary.restart(primary.args.filter((argument) => argument !== '--skip-log-bin')),
      expect: { required: [{ code: 'backup.no_binlog' }] },
    };
  },
});
