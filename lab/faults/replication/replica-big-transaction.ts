import { waitUntilCaughtUp } from '../../mariadb/replicate.ts';
import { createBigTable } from '../../mariadb/shop.ts';
import { defineFault } from '../fault.ts';
import { prove, waitFor } from '../steps.ts';
import { channelStatus, onlyReplica, withoutBinaryLog } from './replica.ts';

const ageSeconds = 11;

export const replicaBigTransaction = defineFault({
  id: 'replica-big-transaction',
  title: 'One UPDATE of every row of a keyed table arrives as a single huge transaction',
  question: 'orders-replica-1 was fine until ten seconds ago and now lags, what came?',
  primary: { args: ['--binlog-format=ROW'] },
  replicas: [{ args: ['--innodb-buffer-pool-size=16M'] }],
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
    await withoutBinaryLog(replica, [
      'ALTER TABLE shop.big ADD KEY report (v, pad(60)), ADD KEY report_pad (pad(80), v)',
    ]);
    await primary.query('UPDATE shop.big SET v = v * 7919 % 1000003, pad = MD5(id)');
    const read = async () => {
      const { Seconds_Behind_Master: lag, Slave_SQL_Running_State: state } = await channelStatus(replica);
      const [applied] = await replica.query<{ changed: number | null }>(
        'SELECT MAX(trx_rows_modified) AS changed FROM information_schema.INNODB_TRX',
      );
      return { lag: Number(lag ?? 0), changed: applied?.changed ?? 0, state };
    };
    const isThere = ({ lag, changed }: { lag: number; changed: number }) => lag >= ageSeconds && changed >= 30_000;
    await waitFor('the lag and many changed rows', async () => isThere(await read()), 90_000, 500);
    return {
      async gate() {
        const seen = await read();
        prove(isThere(seen), `lag ${seen.lag} s, ${seen.changed} rows changed so far`);
        return `${seen.lag} s behind, ${seen.changed} rows changed so far: ${seen.state}`;
      },
      undo: () => waitUntilCaughtUp(replica, primary, 300),
      expect: {
        required: [{ code: 'repl.lag_big_transaction' }],
        rootCause: { codes: ['repl.lag_big_transaction'] },
        absent: [{ code: 'repl.lag_no_pk' }],
        // Its rows do not fit the replica's buffer pool, which is true and not why it lags.
        allowed: ['repl.lag', 'config.buffer_pool_small'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
