import { createUser } from '../../mariadb/accounts.ts';
import { startLoad } from '../../mariadb/load.ts';
import { type Background, repeat } from '../background.ts';
import { defineFault, type World } from '../fault.ts';
import { channelStatus, onlyReplica } from '../replication/replica.ts';
import {
  endSessions,
  firstRow,
  globalStatus,
  openSession,
  openSessions,
  prove,
  startStatement,
  threadStates,
  waitFor,
  waitForIdle,
} from '../steps.ts';

const nothing = { required: [], verdict: ['healthy'] } as const;

export const healthyLoad = defineFault({
  id: 'healthy-load',
  title: 'Nothing is wrong: a steady hundred queries a second',
  question: 'how is orders-prod doing?',
  healthy: true,
  async inject(world) {
    const { primary } = world;
    const load = await startLoad(primary, { queriesPerSecond: 100, connections: 5, durationMs: 120_000 });
    world.onStop(() => load.stop());
    await waitFor('the load', () => load.statements >= 200);
    return {
      async gate() {
        const before = load.statements;
        await waitFor('fifty more statements', () => load.statements >= before + 50, 3000);
        prove(load.error === undefined, String(load.error));
        return `${load.statements} statements so far, no error`;
      },
      undo: () => load.stop(),
      expect: nothing,
    };
  },
});

export const healthyReport = defineFault({
  id: 'healthy-report',
  title: 'Nothing is wrong: one report has run for twenty seconds and blocks nobody',
  question: 'is that long query on orders-prod a problem?',
  healthy: true,
  async inject({ primary }) {
    const report = startStatement(
      await openSession(primary),
      'SELECT SUM(LENGTH(SHA2(a.id * b.id, 512))) FROM customers a JOIN orders b JOIN products p',
    );
    const runningMs = async (): Promise<number> => Number((await threadStates(primary, [report]))[0]?.TIME_MS ?? 0);
    await waitFor('the report to run for 20 s', async () => (await runningMs()) >= 20_000, 40_000);
    return {
      async gate() {
        const ms = await runningMs();
        prove(ms >= 20_000, `the report has run for ${ms} ms`);
        return `a report has run for ${(ms / 1000).toFixed(0)} s`;
      },
      undo: () => endSessions(primary, [report]),
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

async function writeSteadily(world: World): Promise<Background> {
  const { connection } = await openSession(world.primary);
  return repeat(world, 300, async (turn) => {
    await connection.query('UPDATE orders SET note = ? WHERE id = ?', [`${turn}`, turn + 1]);
  });
}

export const healthyConnections = defineFault({
  id: 'healthy-connections',
  title: 'Nothing is wrong: 70 % of the connections are in use, and stay so',
  question: 'do we have enough connections on orders-prod?',
  healthy: true,
  primary: { args: ['--max-connections=40'] },
  async inject(world) {
    const { primary } = world;
    const sessions = await openSessions(primary, 27);
    const work = repeat(world, 200, async (turn) => {
      for (const { connection } of sessions)
        await connection.query('SELECT total FROM orders WHERE id = ?', [turn + 1]);
    });
    return {
      async gate() {
        const { n } = await firstRow<{ n: number }>(
          primary,
          'SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST',
        );
        prove(n === 28, `${n} of 40 connections`);
        return `${n} of 40 connections with the one that asks`;
      },
      async undo() {
        await work.stop();
        await endSessions(primary, sessions);
      },
      expect: nothing,
    };
  },
});

const poolAgeSeconds = 61;

export const healthyPool = defineFault({
  id: 'healthy-pool',
  title: 'Nothing is wrong: a pool of twenty connections sleeps for a minute, ready for the next customer',
  question: 'who are all these sleeping connections?',
  healthy: true,
  ageSeconds: poolAgeSeconds,
  async inject({ primary }) {
    const sessions = await openSessions(primary, 20);
    for (const session of sessions) await waitForIdle(primary, session, poolAgeSeconds);
    return {
      async gate() {
        const { n } = await firstRow<{ n: number }>(
          primary,
          "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE COMMAND = 'Sleep' AND TIME >= 60 AND USER = 'app'",
        );
        prove(n === 20, `${n} sleepers`);
        return `${n} sleepers of 60 s and more, of 151 connections`;
      },
      undo: () => endSessions(primary, sessions),
      expect: nothing,
    };
  },
});

export const healthyAccounts = defineFault({
  id: 'healthy-accounts',
  title: 'Nothing is wrong: locked and unix_socket accounts only look passwordless',
  question: 'are the accounts of orders-prod safe?',
  healthy: true,
  async inject({ primary }) {
    const statements = [
      'CREATE USER parked@localhost ACCOUNT LOCK',
      "CREATE USER retired@'%' ACCOUNT LOCK",
      'CREATE USER socket_only@localhost IDENTIFIED VIA unix_socket',
      'GRANT ALL PRIVILEGES ON *.* TO socket_only@localhost',
      "CREATE USER unusable@localhost IDENTIFIED VIA mysql_native_password USING '*THISISNOTAVALIDPASSWORDTHATCANBEUSEDHERE'",
      ...createUser({ user: 'nightly', password: 'has-a-good-one' }, 'SELECT ON shop.*'),
    ];
    for (const statement of statements) await primary.query(statement);
    return {
      async gate() {
        const accounts = await primary.query(
          "SELECT User FROM mysql.global_priv WHERE User IN ('parked', 'retired', 'socket_only', 'unusable')",
        );
        prove(accounts.length === 4, `${accounts.length} accounts`);
        return 'four accounts without a usable password, none of which can be used without one';
      },
      undo: async () =>
        void (await primary.query(
          "DROP USER parked@localhost, retired@'%', socket_only@localhost, unusable@localhost, nightly@localhost, nightly@'127.0.0.1'",
        )),
      expect: nothing,
    };
  },
});

export const healthyRestart = defineFault({
  id: 'healthy-restart',
  title: 'Nothing is wrong: the server was restarted in order a moment ago',
  question: 'did orders-prod crash?',
  healthy: true,
  async inject({ primary }) {
    await primary.restart();
    return {
      async gate() {
        const uptime = await globalStatus(primary, 'Uptime');
        prove(uptime < 30, `up for ${uptime} s`);
        return `up for ${uptime} s after an orderly shutdown`;
      },
      undo: async () => {},
      expect: nothing,
    };
  },
});

export const healthyMaintenance = defineFault({
  id: 'healthy-maintenance',
  title: 'Nothing is wrong: the event scheduler is on, and a batch job inserts in small transactions',
  question: 'anything unusual on orders-prod tonight?',
  healthy: true,
  primary: { args: ['--event-scheduler=ON'] },
  async inject(world) {
    const { primary } = world;
    await primary.query(
      'CREATE TABLE shop.imports (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, v INT) ENGINE=InnoDB',
    );
    await primary.query(
      'CREATE EVENT shop.tidy ON SCHEDULE EVERY 1 SECOND DO DELETE FROM shop.imports WHERE id % 10 = 0 LIMIT 10',
    );
    const { connection } = await openSession(primary);
    const batch = repeat(world, 50, async (turn) => {
      await connection.query('INSERT INTO imports (v) VALUES (?), (?), (?)', [turn, turn + 1, turn + 2]);
    });
    await waitFor('the batch', () => batch.turns > 20);
    return {
      async gate() {
        const { n } = await firstRow<{ n: number }>(primary, 'SELECT COUNT(*) AS n FROM shop.imports');
        prove(n > 30, `${n} rows`);
        return `event scheduler on, ${n} rows imported`;
      },
      async undo() {
        await batch.stop();
        await primary.query('DROP EVENT shop.tidy');
        await primary.query('DROP TABLE shop.imports');
      },
      expect: nothing,
    };
  },
});
