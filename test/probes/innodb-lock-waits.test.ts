import { describe, expect, it } from 'vitest';
import {
  globalStatus,
  openSession,
  openSessions,
  openTransaction,
  startStatement,
  waitFor,
} from '../../lab/faults/steps.ts';
import { type LabServer, type ServerOptions, startServer } from '../../lab/mariadb/server.ts';
import { innodbLockWaits, type LockWait, type RawWaits, resolveWaits } from '../../src/probes/innodb-lock-waits.ts';
import { innodbTransactions } from '../../src/probes/innodb-transactions.ts';
import { isBlind } from '../../src/probes/probe.ts';
import { openSource } from '../support/source.ts';

async function withServer(options: ServerOptions, work: (server: LabServer) => Promise<void>): Promise<void> {
  const server = await startServer(options);
  try {
    await work(server);
  } finally {
    await server.stop();
  }
}

async function readWaits(server: LabServer): Promise<readonly LockWait[]> {
  const { source, close } = await openSource(server);
  try {
    const collected = await innodbLockWaits.collect(source, undefined);
    return isBlind(collected) ? [] : collected.data;
  } finally {
    await close();
  }
}

/** A counter, since INNODB_TRX shows an old picture to whoever reads it often. */
function waitingThreads(server: LabServer): Promise<number> {
  return globalStatus(server, 'Innodb_row_lock_current_waits');
}

describe('the probe of row lock waits', () => {
  it('names the holder of a shared lock, not other transactions that have changed nothing either', async () => {
    await withServer({}, async (server) => {
      await openTransaction(server, ['SELECT COUNT(*) FROM products']);
      const holder = await openTransaction(server, ['SELECT note FROM orders WHERE id = 20 LOCK IN SHARE MODE']);
      await openTransaction(server, ['SELECT COUNT(*) FROM customers']);
      const waiter = startStatement(await openSession(server), "UPDATE orders SET note = 'x' WHERE id = 20");
      await waitFor('the wait', async () => (await waitingThreads(server)) === 1);
      expect(await readWaits(server)).toMatchObject([
        { waiting_thread: waiter.thread, blocking_thread: holder.thread, lock_table: '`shop`.`orders`', certain: true },
      ]);
    });
  });

  it('keeps the holder of a row that two hundred sessions wait for', async () => {
    await withServer({ args: ['--max-connections=300'] }, async (server) => {
      const holder = await openTransaction(server, ["UPDATE orders SET note = 'mine' WHERE id = 7"]);
      for (const session of await openSessions(server, 200))
        startStatement(session, "UPDATE orders SET note = 'theirs' WHERE id = 7");
      await waitFor('200 waits', async () => (await waitingThreads(server)) === 200);
      const waits = await readWaits(server);
      const behindHolder = waits.filter(({ blocking_thread }) => blocking_thread === holder.thread);
      expect(new Set(behindHolder.map(({ waiting_thread }) => waiting_thread)).size).toBe(200);
      expect(waits.length).toBeLessThanOrEqual(400);
    });
  });

  it('measures ages and waits on a server whose operating system is in another time zone', async () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Asia/Tokyo';
    try {
      await withServer({}, async (server) => {
        await openTransaction(server, ["UPDATE orders SET note = 'mine' WHERE id = 7"]);
        startStatement(await openSession(server), "UPDATE orders SET note = 'theirs' WHERE id = 7");
        await waitFor('the wait', async () => (await waitingThreads(server)) === 1);
        const [wait] = await readWaits(server);
        expect(wait?.waited_seconds).toBeLessThan(20);
        const { source, close } = await openSource(server);
        const ages = await innodbTransactions.collect(source, undefined);
        await close();
        expect(ages).toMatchObject({ data: [{ age_seconds: expect.any(Number) }, {}] });
        for (const row of isBlind(ages) ? [] : ages.data) expect(Math.abs(row.age_seconds)).toBeLessThan(20);
      });
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });
});

describe('blockers without a number', () => {
  const trx = (thread: number, over: Partial<RawWaits['transactions'][number]> = {}) => ({
    trx_id: '0',
    thread,
    requested_lock: null,
    waited_seconds: null,
    age_seconds: 60,
    lock_structs: 2,
    ...over,
  });
  const waiter = trx(9, { trx_id: '59', requested_lock: '59:7:6:21', waited_seconds: 30, age_seconds: 31 });
  const wait = {
    requesting_trx: '59',
    requested_lock: '59:7:6:21',
    blocking_trx: '0',
    blocking_lock: '0:7:6:21',
    queues: 0,
  };

  it('are not certain where several could be it, and not those that began after the wait', () => {
    const transactions = [
      waiter,
      trx(4, { age_seconds: 90 }),
      trx(5, { age_seconds: 300 }),
      trx(6, { age_seconds: 3 }),
    ];
    expect(resolveWaits({ waits: [wait], locks: [], transactions })).toMatchObject([
      { waiting_thread: 9, blocking_thread: 5, certain: false },
    ]);
  });

  it('are certain where one can be it', () => {
    const transactions = [waiter, trx(4), trx(6, { age_seconds: 3 })];
    expect(resolveWaits({ waits: [wait], locks: [], transactions })).toMatchObject([
      { blocking_thread: 4, certain: true },
    ]);
  });

  it('are found on MariaDB 10.5 too, which shows an address in place of their number', () => {
    const transactions = [waiter, trx(4, { trx_id: '421501197357264' })];
    expect(resolveWaits({ waits: [wait], locks: [], transactions })).toMatchObject([
      { waiting_thread: 9, blocking_thread: 4, certain: true },
    ]);
  });
});
