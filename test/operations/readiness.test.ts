import { afterAll, beforeAll, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { type LabRedis, startRedis } from '../../lab/redis/server.ts';
import { parseConfig } from '../../src/config.ts';
import { createRedisClients } from '../../src/jobs/redis-clients.ts';
import { createTargetLeases } from '../../src/jobs/target-leases.ts';
import { silentLog } from '../../src/log.ts';
import { createReadiness } from '../../src/operations/readiness.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';

let redis: LabRedis;
let server: LabServer;
beforeAll(async () => {
  [redis, server] = await Promise.all([startRedis(), startServer({ name: 'orders-prod' })]);
}, 120_000);
afterAll(() => Promise.all([redis?.stop(), server?.stop()]));

it('a server that another process is connected to is not called silent', async () => {
  const client = await createRedisClients(redis.url, silentLog).open('impatient');
  const settings = { prefix: 'test', log: silentLog };
  const [own, other] = [createTargetLeases(client, settings), createTargetLeases(client, settings)];
  const file = parseConfig(JSON.stringify({ targets: [targetEntry(server)] }), 'test.yml', {});
  const targets = createTargetRegistry(file, undefined, own);
  const store = createSqliteStore({ path: ':memory:' });
  const ready = (isBusyElsewhere: (target: string) => Promise<boolean>) =>
    createReadiness({ slack: undefined, store, targets, configuration: { refusal: undefined }, isBusyElsewhere })();
  try {
    await other.tryHold('orders-prod');
    const busy = async (target: string) => ![undefined, own.owner].includes(await own.holderOf(target));
    expect((await ready(busy)).checks['target orders-prod']).toEqual({
      ok: true,
      detail: 'another process of dbcheck is connected to it',
    });
    expect((await ready(async () => false)).checks['target orders-prod']).toEqual({
      ok: false,
      detail: 'silent for 2 s',
    });
    other.release('orders-prod');
    await expect
      .poll(async () => (await ready(busy)).checks['target orders-prod']?.detail, { timeout: 10_000 })
      .toBe('answers');
  } finally {
    await targets.close();
    await Promise.all([own.close(), other.close(), store.close()]);
    client.disconnect();
  }
}, 30_000);
