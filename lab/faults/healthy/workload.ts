import { startLoad } from '../../mariadb/load.ts';
import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import {
  endSessions,
  firstRow,
  globalStatus,
  openSession,
  prove,
  startStatement,
  threadStates,
  waitFor,
} from '../steps.ts';
import { nothing } from './none.ts';

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
