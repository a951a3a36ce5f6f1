import { type Background, repeat } from '../background.ts';
import { defineFault, type World } from '../fault.ts';
import { channelStatus, onlyReplica } from '../replication/replica.ts';
import { openSession, prove, waitFor } from '../steps.ts';
import { nothing } from './none.ts';

export const healthyReplica = defineFault({
  id: 'healthy-replica',
  title: 'Nothing is wrong: a primary and a replica in step, writes going through both',
  question: 'is the replication of orders-prod fine?',
  healthy: true,
  replicas: [{}],
  async inject(world) {
    const writer = await writeSteadily(world);
    const replica = onlyReplica(world);
    return {
      async gate() {
        const { Seconds_Behind_Master: lag, Slave_SQL_Running: running } = await channelStatus(replica);
        prove(running === 'Yes' && Number(lag) <= 1, `running ${running}, lag ${lag}`);
        return `Slave_SQL_Running Yes, Seconds_Behind_Master ${lag}`;
      },
      undo: () => writer.stop(),
      expect: nothing,
    };
  },
});

export const healthyDelayedReplica = defineFault({
  id: 'healthy-delayed-replica',
  title: 'Nothing is wrong: a replica is five minutes late on purpose',
  question: 'orders-replica-1 shows old data, is replication broken?',
  healthy: true,
  replicas: [{ delaySeconds: 300 }],
  about: 'replica',
  async inject(world) {
    const replica = onlyReplica(world);
    const writer = await writeSteadily(world);
    const status = () => channelStatus(replica);
    await waitFor('some lag', async () => Number((await status())['Seconds_Behind_Master'] ?? 0) >= 5);
    return {
      async gate() {
        const { SQL_Delay: delay, Seconds_Behind_Master: lag, Slave_SQL_Running: running } = await status();
        prove(Number(delay) === 300 && running === 'Yes', `SQL_Delay ${delay}, running ${running}`);
        return `SQL_Delay 300, Seconds_Behind_Master ${lag}`;
      },
      undo: () => writer.stop(),
      expect: nothing,
    };
  },
});

async function writeSteadily(world: World): Promise<Background> {
  const { connection } = await openSession(world.primary);
  return repeat(world, 300, async (turn) => {
    await connection.query('UPDATE orders SET note = ? WHERE id = ?', [`${turn}`, turn + 1]);
  });
}
