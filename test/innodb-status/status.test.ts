import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../lab/faults/steps.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { parseInnodbStatus } from '../../src/innodb-status/status.ts';
import { innodbStatus } from '../../src/probes/innodb-status.ts';
import { isBlind } from '../../src/probes/probe.ts';
import { openSource } from '../support/source.ts';

/** As 10.5 prints it: the last series that lists threads waiting for a latch. */
const of105 = `
=====================================
2026-11-23 14:05:07 0x7f20100cd6c0 INNODB MONITOR OUTPUT
=====================================
----------
SEMAPHORES
----------
OS WAIT ARRAY INFO: reservation count 2
--Thread 139775685572288 has waited at btr0sea.cc line 1233 for 241.00 seconds the semaphore:
S-lock on RW-latch at 0x55 created in file btr0sea.cc line 202
--Thread 139775685572289 has waited at fil0fil.cc line 12 for 3.00 seconds the semaphore:
------------
TRANSACTIONS
------------
Trx id counter 59
History list length 4711
--------
FILE I/O
--------
Pending flushes (fsync) log: 1; buffer pool: 2
----------------------
BUFFER POOL AND MEMORY
----------------------
Pending reads 5
Pending writes: LRU 1, flush list 2, single page 3
----------------------------
END OF INNODB MONITOR OUTPUT
============================
`;

describe('the InnoDB monitor', () => {
  it('tells of latch waits, purge and pending I/O', () => {
    expect(parseInnodbStatus(of105)).toEqual({
      latestDeadlock: undefined,
      historyListLength: 4_711,
      semaphoreWaits: [
        { place: 'btr0sea.cc', seconds: 241 },
        { place: 'fil0fil.cc', seconds: 3 },
      ],
      pendingReads: 5,
      pendingWrites: 6,
      pendingFlushes: 3,
    });
  });

  it('is empty where nothing is printed, and makes nothing up from rubbish', () => {
    const empty = { latestDeadlock: undefined, historyListLength: undefined, semaphoreWaits: [], pendingReads: 0 };
    expect(parseInnodbStatus('')).toMatchObject(empty);
    expect(parseInnodbStatus('------\nLATEST DETECTED DEADLOCK\n------\n*** (1) TRANSACTION')).toMatchObject(empty);
  });

  it('takes the true section where the text of a statement imitates one', () => {
    const forged = `${of105}\n--------\nTRANSACTIONS\n--------\nHistory list length 1\n`;
    expect(parseInnodbStatus(forged).historyListLength).toBe(4_711);
  });
});

describe('the monitor of a server after a deadlock', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer();
    const [one, two] = await Promise.all([server.connect({ database: 'shop' }), server.connect({ database: 'shop' })]);
    await one.query('START TRANSACTION');
    await two.query('START TRANSACTION');
    await one.query("UPDATE orders SET note = 'secret-one' WHERE id = 1");
    await two.query("UPDATE customers SET city = 'secret-two' WHERE id = 2");
    const waits = one.query("UPDATE customers SET city = 'secret-three' WHERE email = 'customer2@example.com'");
    waits.catch(() => {});
    const waiting = "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";
    await waitFor('the first to wait for the second', async () => (await server.query(waiting)).length === 1);
    await two.query("UPDATE orders SET note = 'secret-four'\n WHERE id = 1").catch(() => {});
    await waits.catch(() => {});
  });
  afterAll(() => server?.stop());

  it('names both sides, their tables and who was rolled back, and keeps literals out of the evidence', async () => {
    const { source, close } = await openSource(server);
    const outcome = await innodbStatus.collect(source, undefined);
    await close();
    if (isBlind(outcome)) throw new Error(outcome.summary);
    const deadlock = outcome.data.latestDeadlock;
    expect([...(deadlock?.tables ?? [])].sort()).toEqual(['shop.customers', 'shop.orders']);
    expect(deadlock?.sides.filter(({ rolledBack }) => rolledBack)).toHaveLength(1);
    expect(deadlock?.sides.map(({ table, undoEntries }) => [table, undoEntries]).sort()).toEqual([
      ['shop.customers', 1],
      ['shop.orders', 1],
    ]);
    expect(deadlock?.ageSeconds).toBeLessThan(20);
    expect(JSON.stringify(outcome.rows)).not.toMatch(/secret/);
    expect(JSON.stringify(outcome.rows)).toMatch(/UPDATE orders SET note = \?/);
  });
});
