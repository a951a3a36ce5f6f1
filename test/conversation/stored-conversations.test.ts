import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabRedis, startRedis } from '../../lab/redis/server.ts';
import { createStoredConversations } from '../../src/conversation/stored-conversations.ts';
import { openRedisStore } from '../../src/store/redis-store.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { report } from '../support/reports.ts';

let redis: LabRedis;
beforeAll(async () => {
  redis = await startRedis();
}, 120_000);
afterAll(() => redis?.stop());

const turn = (question: string) => ({ question, askedAt: '2026-11-23T03:12:41.000Z', report: report({ question }) });

describe('stored conversations', () => {
  it('keep a question without its secrets and the values of its statement, which this process still knows', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    const conversations = createStoredConversations(store);
    const asked = [
      "run on orders-prod: SELECT 1 FROM t WHERE a = 'zq'",
      'slow queries of anna@shop.test, password=zq-secret',
    ];
    for (const question of asked) await conversations.append('T1:C1:9.9', turn(question));
    const anew = await createStoredConversations(store).load('T1:C1:9.9');
    expect(anew?.turns.map(({ question }) => question)).toEqual([
      'run: SELECT ? FROM t WHERE a = ?',
      expect.stringMatching(/^slow queries of \[email-\d\], password=\[secret-\d\]$/),
    ]);
    expect(JSON.stringify(anew)).not.toMatch(/zq|anna/);
    expect((await conversations.load('T1:C1:9.9'))?.turns.map(({ question }) => question)).toEqual(asked);
    await store.close();
  });

  it('keep the turns of a thread in their order, apart from those of a thread whose name begins alike', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    const conversations = createStoredConversations(store);
    for (const question of ['one', 'two', 'three']) await conversations.append('T1:C1:1.1', turn(question));
    await conversations.append('T1:C1:1.10', turn('other'));
    const anew = createStoredConversations(store);
    expect((await anew.load('T1:C1:1.1'))?.turns.map(({ question }) => question)).toEqual(['one', 'two', 'three']);
    expect(await anew.load('T1:C1:1')).toBeUndefined();
    await store.close();
  });

  it('read no thread but their own, however many turns it has', async () => {
    const engine = createSqliteStore({ path: ':memory:' });
    const asked: string[] = [];
    const store: Store = {
      ...engine,
      get: (kind, key) => {
        asked.push(key);
        return engine.get(kind, key);
      },
      list: () => Promise.reject(new Error('a list reads every thread')),
    };
    const questions = Array.from({ length: 23 }, (_, number) => `q${number}`);
    for (const question of questions) await createStoredConversations(store).append('T1:C1:3.3', turn(question));
    expect((await createStoredConversations(store).load('T1:C1:3.3'))?.turns.map(({ question }) => question)).toEqual(
      questions,
    );
    asked.length = 0;
    expect(await createStoredConversations(store).load('T1:C1:4.4')).toBeUndefined();
    expect(asked).toHaveLength(10);
    await store.close();
  });

  it('lose no turn to one that another process wrote meanwhile', async () => {
    const prefix = 'meanwhile';
    const [one, two] = [
      await openRedisStore({ url: redis.url, prefix }),
      await openRedisStore({ url: redis.url, prefix }),
    ];
    await Promise.all(
      [one, two].map((store, index) => createStoredConversations(store).append('T1:C1:2.2', turn(`q${index}`))),
    );
    const both = await createStoredConversations(one).load('T1:C1:2.2');
    expect(both?.turns.map(({ question }) => question).toSorted()).toEqual(['q0', 'q1']);
    await Promise.all([one.close(), two.close()]);
  });

  it('store a few rows of each evidence and say that the rest is left out', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    const rows = Array.from({ length: 500 }, (_, id) => ({ id }));
    const evidence = [
      {
        id: 'e1',
        probe: 'processlist',
        target: 'orders-prod',
        sql: 'SELECT …',
        takenAt: '2026-11-23T03:12:41.000Z',
        durationMs: 3,
        windowSeconds: 0,
        truncated: false,
        rows,
      },
    ];
    const full = report({ evidence });
    await createStoredConversations(store).append('T:C:1', { ...turn('one'), report: full });
    const loaded = await createStoredConversations(store).load('T:C:1');
    expect(loaded?.turns[0]?.report.evidence[0]).toMatchObject({ truncated: true });
    expect(loaded?.turns[0]?.report.evidence[0]?.rows.length).toBeLessThan(50);
    expect(loaded?.turns[0]?.report.findings).toEqual(full.findings);
    await store.close();
  });

  it('on a shared store know what another process answered in the thread meanwhile', async () => {
    const [mine, theirs] = await Promise.all([openRedisStore({ url: redis.url }), openRedisStore({ url: redis.url })]);
    const [here, there] = [createStoredConversations(mine), createStoredConversations(theirs)];
    await here.append('T:C:7', turn('one'));
    await there.append('T:C:7', turn('two'));
    expect((await here.load('T:C:7'))?.turns.map(({ question }) => question)).toEqual(['one', 'two']);
    await Promise.all([mine.close(), theirs.close()]);
  });
});
