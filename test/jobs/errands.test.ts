import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type LabRedis, startRedis } from '../../lab/redis/server.ts';
import { type Errands, openErrands } from '../../src/jobs/errands.ts';
import { type AgentJob, jobForm } from '../../src/jobs/job.ts';
import { createRedisClients } from '../../src/jobs/redis-clients.ts';
import { silentLog } from '../../src/log.ts';

let redis: LabRedis;
const ending: Errands[] = [];
beforeAll(async () => {
  redis = await startRedis();
}, 120_000);
afterEach(() => {
  for (const one of ending.splice(0)) one.close();
});
afterAll(() => redis?.stop());

async function process(
  name: string,
  perform: (id: string, data: AgentJob) => Promise<{ statements: number; connections: number } | undefined>,
) {
  const errands = await openErrands(name, perform, createRedisClients(redis.url, silentLog), silentLog);
  ending.push(errands);
  return errands;
}

const cost = { statements: 3, connections: 1 };
const job: AgentJob = {
  form: jobForm,
  run: 'r',
  agent: 'connections',
  target: 't',
  params: {},
  fresh: true,
  untilMs: Number.MAX_SAFE_INTEGER,
};
const isHolder = async () => true;

describe('a job on a server that another process is connected to', () => {
  it('is done there, and whoever asked hears when it began and what it cost', async () => {
    const done: string[] = [];
    await process('holder', async (id, data) => {
      done.push(`${id} ${data.agent}`);
      return cost;
    });
    const asker = await process('asker', async () => undefined);
    let begun = 0;
    expect(await asker.ask('holder', 'j1', job, { onTaken: () => begun++, isHolder })).toEqual(cost);
    expect([done, begun]).toEqual([['j1 connections'], 1]);
  });

  it('comes back where that process is gone, refuses, fails, or does nothing like it', async () => {
    const asker = await process('asker', async () => undefined);
    const ask = (holder: string) => asker.ask(holder, 'j1', job, { onTaken: () => {}, isHolder });
    expect(await ask('nobody')).toBeUndefined();
    await process('refusing', async () => undefined);
    expect(await ask('refusing')).toBeUndefined();
    await process('failing', () => Promise.reject(new Error('no')));
    expect(await ask('failing')).toBeUndefined();
  });

  it('comes back where that process dies in the middle and another may connect', async () => {
    const never = Promise.withResolvers<undefined>();
    const begun = Promise.withResolvers<void>();
    await process('dying', () => {
      begun.resolve();
      return never.promise;
    });
    const asker = await process('asker', async () => undefined);
    let holds = true;
    const asking = asker.ask('dying', 'j1', job, { onTaken: () => {}, isHolder: async () => holds });
    await begun.promise;
    holds = false;
    expect(await asking).toBeUndefined();
    never.resolve(undefined);
  });
});
