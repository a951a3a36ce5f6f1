import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  endSessions,
  openSession,
  openTransaction,
  type Session,
  startStatement,
  waitFor,
} from '../../lab/faults/steps.ts';
import { addAccount } from '../../lab/mariadb/accounts.ts';
import { type ReplicationPair, startPair } from '../../lab/mariadb/replicate.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { createExecutor, type Executor, refusalToKill, type Sighting } from '../../src/actions/executor.ts';
import { actionGap } from '../../src/actions/preflight.ts';
import { parseConfig } from '../../src/config.ts';
import type { Kill } from '../../src/report/finding.ts';
import { createTargetRegistry, type TargetRegistry } from '../../src/targets/registry.ts';

let pair: ReplicationPair;
let server: LabServer;
let registry: TargetRegistry;
let executor: Executor;
const weak = { user: 'weak', password: 'weak-password' };
const blind = { user: 'blind', password: 'blind-password' };

beforeAll(async () => {
  pair = await startPair();
  server = pair.primary;
  const connection = await server.connect();
  await addAccount(connection, weak, 'PROCESS ON *.*');
  await addAccount(connection, blind, 'CONNECTION ADMIN ON *.*');
  await connection.end();
  const targets = [
    targetEntry(server, { action: server.accounts.action }),
    targetEntry(server, { name: 'weak', action: weak }),
    targetEntry(server, { name: 'blind', action: blind }),
    targetEntry(server, { name: 'without' }),
    targetEntry(server, { name: 'stranger', action: { user: 'stranger', password: 'no' } }),
    targetEntry(pair.replicas[0] as LabServer, { name: 'replica', action: server.accounts.action }),
  ];
  registry = createTargetRegistry(parseConfig(JSON.stringify({ targets }), 'test.yml', {}));
  executor = createExecutor(registry);
});
afterAll(async () => {
  await registry?.close();
  await pair?.stop();
});

async function see(thread: number, target = 'orders-prod'): Promise<Sighting> {
  const sighting = await executor.look(target, thread);
  if (!sighting) throw new Error(`thread ${thread} is not there`);
  return sighting;
}

async function killOf(kind: Kill['kind'], { thread }: Pick<Session, 'thread'>): Promise<Kill> {
  const { queryId, user, host, seconds } = await see(thread);
  return { kind, thread, queryId, user, host, seconds };
}

async function runs({ thread }: Session): Promise<boolean> {
  return (await executor.look('orders-prod', thread))?.command === 'Query';
}

async function startSleep(session: Session): Promise<void> {
  startStatement(session, "SELECT SLEEP(60), 'secret literal'");
  await waitFor('the statement to run', () => runs(session));
}

describe('the preflight of actions', () => {
  it.each([
    ['orders-prod', undefined],
    ['weak', "GRANT CONNECTION ADMIN ON *.* TO 'weak'@'…';"],
    ['blind', "GRANT PROCESS ON *.* TO 'blind'@'…';"],
    ['stranger', "CREATE USER 'stranger'@'…' IDENTIFIED BY '…';"],
  ])('says what the account of %s lacks', async (target, fix) => {
    expect((await actionGap(registry, target))?.fix).toBe(fix);
  });
});

describe('the executor', () => {
  it('sees a session with what a kill would roll back, and its statement without literals', async () => {
    const session = await openTransaction(server, ["UPDATE customers SET city = 'Gone' WHERE id IN (1, 2, 3)"]);
    await startSleep(session);
    const sighting = await see(session.thread);
    expect(sighting).toMatchObject({ thread: session.thread, user: 'app', command: 'Query', rowsModified: 3 });
    expect(sighting.statement).toBe('SELECT SLEEP(?), ?');
    await endSessions(server, [session]);
    expect(await executor.look('orders-prod', session.thread)).toBeUndefined();
  });

  it('stops a query and leaves its connection', async () => {
    const session = await openSession(server);
    await startSleep(session);
    expect(await executor.kill('orders-prod', await killOf('query', session))).toBe('killed');
    await session.ended;
    expect((await see(session.thread)).command).toBe('Sleep');
    await endSessions(server, [session]);
  });

  it('ends an idle connection, and its transaction is rolled back', async () => {
    const session = await openTransaction(server, ["UPDATE customers SET city = 'Gone' WHERE id = 4"]);
    expect(await executor.kill('orders-prod', await killOf('connection', session))).toBe('killed');
    await waitFor(
      'the session to be gone',
      async () => (await executor.look('orders-prod', session.thread)) === undefined,
    );
    expect(await server.query("SELECT id FROM shop.customers WHERE city = 'Gone'")).toEqual([]);
  });

  it.each(['query', 'connection'] as const)('does not end a %s that has gone on since', async (kind) => {
    const session = await openSession(server);
    await startSleep(session);
    const stale = await killOf(kind, session);
    await server.query(`KILL QUERY ${session.thread}`);
    await session.ended;
    await startSleep(session);
    expect(await executor.kill('orders-prod', stale)).toBe('changed');
    expect(await runs(session)).toBe(true);
    expect(refusalToKill(stale, await see(session.thread))).toContain('has gone on since it was judged');
    await endSessions(server, [session]);
  });

  it('does nothing to what is not there any more', async () => {
    const session = await openSession(server);
    const kill = await killOf('connection', session);
    await endSessions(server, [session]);
    expect(await executor.kill('orders-prod', kill)).toBe('changed');
  });

  it.each([
    ['weak', 'may not end sessions of others'],
    ['blind', 'may not end sessions of others'],
    ['without', 'without has no action account'],
  ])('says what the action account of %s lacks, and ends nothing', async (target, expected) => {
    const session = await openSession(server);
    await startSleep(session);
    const kill = await killOf('connection', session);
    await expect((async () => executor.kill(target, kill))()).rejects.toThrow(expected);
    expect(await runs(session)).toBe(true);
    await endSessions(server, [session]);
  });

  it('never ends a thread of the server or of replication, asked as often as you like', async () => {
    for (const [target, host] of [
      ['orders-prod', server],
      ['replica', pair.replicas[0] as LabServer],
    ] as const) {
      const threads = await host.query<{ ID: number; COMMAND: string; USER: string; QUERY_ID: number; HOST: string }>(
        "SELECT ID, COMMAND, USER, QUERY_ID, HOST FROM information_schema.PROCESSLIST WHERE USER IN ('system user', 'replicator')",
      );
      expect(threads.length).toBeGreaterThan(0);
      for (const { ID: thread, USER: user, QUERY_ID: queryId, HOST } of threads) {
        const kill: Kill = { kind: 'connection', thread, queryId: Number(queryId), user, host: HOST, seconds: 0 };
        expect(refusalToKill(kill, await see(thread, target))).toContain('belongs to the server or to replication');
        expect(await executor.kill(target, kill).catch(() => 'refused')).not.toBe('killed');
      }
      const after = await host.query(
        "SELECT ID FROM information_schema.PROCESSLIST WHERE USER IN ('system user', 'replicator')",
      );
      expect(after).toHaveLength(threads.length);
    }
  });

  it('never ends a session of dbcheck itself', async () => {
    const own = await server.connect(server.accounts.dbcheck);
    const thread = own.threadId as number;
    const refusal = refusalToKill(await killOf('connection', { thread }), await see(thread));
    expect(refusal).toContain('a session of dbcheck itself');
    await own.end();
  });
});

describe('on a server that takes no more connections', () => {
  it('the executor still sees and ends a session', async () => {
    const full = await startServer({ args: ['--max-connections=10'] });
    const targets = [targetEntry(full, { name: 'full', action: full.accounts.action })];
    const own = createTargetRegistry(parseConfig(JSON.stringify({ targets }), 'test.yml', {}));
    try {
      const sessions: Session[] = [];
      for (let n = 0; n < 10; n++) sessions.push(await openSession(full));
      await expect(own.session('full').query('SELECT 1', { probe: 'test' })).rejects.toThrow('refuses new connections');
      const { thread } = sessions[0] as Session;
      const { look, kill } = createExecutor(own);
      const sighting = (await look('full', thread)) as Sighting;
      const { queryId, user, host, seconds } = sighting;
      expect(await kill('full', { kind: 'connection', thread, queryId, user, host, seconds })).toBe('killed');
      await waitFor('the session to be gone', async () => (await look('full', thread)) === undefined);
    } finally {
      await own.close();
      await full.stop();
    }
  });
});
