import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';
import { channelStatus, onlyReplica, waitForChannel } from './replica.ts';

const ageSeconds = 11;

export const replicaLagNoPk = defineFault({
  id: 'replica-lag-no-pk',
  title: 'Row events of a table without a key: the replica scans the table for every changed row',
  question: 'why does orders-replica-1 fall behind?',
  primary: { args: ['--binlog-format=ROW'] },
  replicas: [{}],
  about: 'replica',
  ageSeconds,
  async inject(world) {
    const { primary } = world;
    const replica = onlyReplica(world);
    await primary.query(
      'CREATE TABLE shop.clicks (at DATETIME NOT NULL, page INT NOT NULL, seen INT NOT NULL) ENGINE=InnoDB',
    );
    await primary.query("INSERT INTO shop.clicks SELECT '2026-01-01', seq, 0 FROM shop.seq_1_to_60000");
    // The rows at the end are found last, each after a scan of everything before it.
    await primary.query('UPDATE shop.clicks SET seen = 1 WHERE page > 48000');
    const lag = (seconds: number) => (status: Readonly<Record<string, string | number | null>>) =>
      Number(status['Seconds_Behind_Master'] ?? 0) >= seconds;
    await waitForChannel(replica, `a lag of ${ageSeconds} s`, lag(ageSeconds), 40_000);
    return {
      async gate() {
        const status = await channelStatus(replica);
        const [applier] = await replica.query<{ STATE: string }>(
          "SELECT COALESCE(STATE, '') AS STATE FROM information_schema.PROCESSLIST WHERE COMMAND = 'Slave_SQL'",
        );
        const seconds = Number(status['Seconds_Behind_Master']);
        prove(/find_row/.test(applier?.STATE ?? '') && seconds >= ageSeconds, `${applier?.STATE}, lag ${seconds} s`);
        return `${applier?.STATE}; ${seconds} s behind`;
      },
      async undo() {
        // The table gets its key on both sides; the applier's next row finds it.
        await replica.query('STOP SLAVE SQL_THREAD');
        await replica.query('SET GLOBAL read_only = OFF');
        await replica.query('SET STATEMENT sql_log_bin = 0 FOR TRUNCATE TABLE shop.clicks').catch(() => {});
        await replica.query('SET GLOBAL read_only = ON');
      },
      expect: {
        required: [{ code: 'repl.lag_no_pk', subject: 'shop.clicks' }],
        // The missing key is the cause, whether it is named as the lag's or as the table's.
        rootCause: { codes: ['repl.lag_no_pk', 'schema.no_primary_key'], subject: 'shop.clicks' },
        allowed: ['repl.lag', 'schema.no_primary_key'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
