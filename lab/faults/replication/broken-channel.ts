import { replicateFrom } from '../../mariadb/replicate.ts';
import { startServer } from '../../mariadb/server.ts';
import { defineFault } from '../fault.ts';
import { prove, waitFor } from '../steps.ts';
import { channelStatus, onlyReplica, withoutBinaryLog } from './replica.ts';

export const brokenChannel = defineFault({
  id: 'broken-channel',
  title: 'A replica of two primaries: the unnamed channel runs, the channel "billing" is broken',
  question: 'is everything on orders-replica-1 replicating?',
  replicas: [{}],
  about: 'replica',
  async inject(world) {
    const replica = onlyReplica(world);
    const billing = await startServer({
      name: 'billing-prod',
      seed: 'none',
      port: true,
      ...(replica.series ? { series: replica.series } : {}),
      args: ['--server-id=9', '--gtid-domain-id=9', '--log-bin=binlog'],
    });
    world.onStop(() => billing.stop());
    await replicateFrom(replica, billing, { channel: 'billing' });
    await billing.query('CREATE DATABASE billing');
    await billing.query('CREATE TABLE billing.invoices (id INT PRIMARY KEY, total INT NOT NULL)');
    await waitFor('the table on the replica', async () => {
      const rows = await replica.query("SHOW TABLES FROM billing LIKE 'invoices'").catch(() => []);
      return rows.length === 1;
    });
    await withoutBinaryLog(replica, ['DROP TABLE billing.invoices']);
    await billing.query('INSERT INTO billing.invoices VALUES (1, 100)');
    const broken = async () => Number((await channelStatus(replica, 'billing'))['Last_SQL_Errno']) === 1146;
    await waitFor('the channel to break', broken);
    return {
      async gate() {
        const [main, other] = [await channelStatus(replica), await channelStatus(replica, 'billing')];
        prove(await broken(), `Last_SQL_Errno ${other['Last_SQL_Errno']}`);
        prove(main['Slave_SQL_Running'] === 'Yes', 'the unnamed channel does not run');
        return `channel billing: errno ${other['Last_SQL_Errno']}; unnamed channel runs`;
      },
      async undo() {
        await withoutBinaryLog(replica, ['CREATE TABLE billing.invoices (id INT PRIMARY KEY, total INT NOT NULL)']);
        await replica.query("START SLAVE 'billing'");
        await waitFor('the channel to go on', async () => !(await broken()));
      },
      expect: {
        required: [{ code: 'repl.sql_error', subject: `${replica.name}/billing`, facts: { errno: 1146 } }],
        rootCause: { codes: ['repl.sql_error'], subject: `${replica.name}/billing` },
        absent: [{ code: 'repl.sql_error', subject: replica.name }],
        allowed: ['repl.stopped', 'repl.lag', 'incident.error_log'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
