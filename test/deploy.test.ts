import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type LabServer, startServer } from '../lab/mariadb/server.ts';
import { loadConfig, parseConfig } from '../src/config.ts';
import { createTargetRegistry } from '../src/targets/registry.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

let server: LabServer | undefined;
afterEach(() => server?.stop());

describe('what compose.yml starts', () => {
  it('runs the bot and the workers on one Redis that throws nothing out', () => {
    const { services } = parse(read('compose.yml'), { merge: true });
    expect(services.bot.environment).toEqual({ REDIS_URL: 'redis://redis:6379', DBCHECK_ROLE: 'slack' });
    expect(services.worker.environment).toEqual({ REDIS_URL: 'redis://redis:6379', DBCHECK_ROLE: 'worker' });
    expect(services.redis.command).toEqual(expect.arrayContaining(['--maxmemory-policy', 'noeviction']));
    for (const { volumes = [] } of Object.values<{ volumes?: string[] }>(services)) {
      for (const [host = ''] of volumes.map((volume) => volume.split(':')))
        if (host.startsWith('./')) expect(read(host.slice(2)).length).toBeGreaterThan(0);
    }
  });

  it('has a configuration that is valid, and a demo server whose accounts can do what it says', async () => {
    const file = parseConfig(read('deploy/dbcheck.yml'), 'deploy/dbcheck.yml', {});
    server = await startServer({ name: 'demo', seed: 'none', port: true });
    const root = await server.connect({ multipleStatements: true });
    await root.query(
      "DROP USER dbcheck@localhost, dbcheck@'127.0.0.1', dbcheck_action@localhost, dbcheck_action@'127.0.0.1'",
    );
    await root.query(read('deploy/demo-server.sql'));
    await root.end();
    const [entry] = file.targets;
    if (!entry) throw new Error('no target');
    const here = { ...entry, host: '127.0.0.1', port: server.port ?? 0 };
    const targets = createTargetRegistry({ ...file, targets: [here] });
    const { rows } = await targets
      .session('demo')
      .query('SELECT COUNT(*) AS orders FROM shop.orders', { probe: 'test' })
      .finally(() => targets.close());
    expect(rows).toEqual([{ orders: 20_000 }]);
    const { user, password } = entry.action ?? { user: '', password: '' };
    const action = await server.connect({ user, password: password ?? '', by: 'port' });
    const grants = JSON.stringify(await action.query('SHOW GRANTS'));
    await action.end();
    expect(grants).toContain('CONNECTION ADMIN');
  });

  it('keeps the store in the volume of the image, whatever the file says', () => {
    const dockerfile = read('Dockerfile');
    expect(dockerfile).toContain('DBCHECK_STORE=/data/dbcheck.db');
    expect(dockerfile).toContain('VOLUME /data');
    const { store } = loadConfig(undefined, { DB_HOST: 'x', DBCHECK_STORE: '/data/dbcheck.db' });
    expect(store.path).toBe('/data/dbcheck.db');
  });
});
