import { waitUntilCaughtUp } from '../../mariadb/replicate.ts';
import { createBigTable } from '../../mariadb/shop.ts';
import { defineFault } from '../fault.ts';
import { prove } from '../steps.ts';
import { channelStatus, onlyReplica, waitForChannel, withoutBinaryLog } from './replica.ts';

const ageSeconds = 11;

export const replicaBigTransaction = defineFault({
  id: 'replica-big-transaction',
  title: 'One UPDATE of every row of a keyed table arrives as a single huge transaction',
  question: 'orders-replica-1 was fine until ten seconds ago and now lags, what came?',
  primary: { args: ['--binlog-format=ROW'] },
  replicas: [{ args: ['--innodb-buffer-pool-size=32M'] }],
  about: 'replica',
  ageSeconds,
  async inject(world) {
    const { primary } = world;
    const replica = onlyReplica(world);
    const setup = await primary.connect();
    await createBigTable(setup, 300_000);
    await setup.end();
    await waitUntilCaughtUp(replica, primary, 60);
    // A replica for reports has indexes that the primary lacks: applying costs more than writing did.
    await withoutBinaryLog(replica, ['ALTER TABLE shop.big ADD KEY report (v, pad(60))']);
    await primary.query('UPDATE shop.big SET v = v * 7919 % 1000003, pad = MD5(id)');
    const lag = (status: Readonly<Record<string, string | number | null>>) =>
      Number(status['Seconds_Behind_Master'] ?? 0) >= ageSeconds;
    await waitForChannel(replica, `a lag of ${ageSeconds} s`, lag, 60_000);
    return {
      async gate() {
        const { Seconds_Behind_Master: seconds, Slave_SQL_Running_State: state } = await channelStatus(replica);
        const [applied] = await replica.query<{ changed: number }>(
          'SELECT MAX(trx_rows_modified) AS changed FROM information_schema.INNODB_TRX',
        );
        const changed = applied?.changed ?? 0;
        prove(Number(seconds) >= ageSeconds && changed >= 10_000, `lag ${seconds} s, ${changed} rows changed so far`);
        return `${seconds} s behind, ${changed} rows changed so far: ${state}`;
      },
      undo: () => waitUntilCaughtUp(replica, primary, 300),
      expect: {
        required: [{ code: 'repl.lag_big_transaction' }],
        rootCause: { codes: ['repl.lag_big_transaction'] },
        absent: [{ code: 'repl.lag_no_pk' }],
        allowed: ['repl.lag'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
