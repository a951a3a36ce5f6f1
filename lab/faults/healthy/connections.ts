import { createUser } from '../../mariadb/accounts.ts';
import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { endSessions, firstRow, openSessions, prove, waitForIdle } from '../steps.ts';
import { nothing } from './none.ts';

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
