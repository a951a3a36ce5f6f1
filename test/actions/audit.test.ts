import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startRedis } from '../../lab/redis/server.ts';
import { type AuditEntry, auditKind, createAudit, readAudit } from '../../src/actions/audit.ts';
import { audit as auditCommand } from '../../src/command-line/audit.ts';
import { type Terminal, UsageError } from '../../src/command-line/options.ts';
import { openRedisStore } from '../../src/store/redis-store.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A folder with a configuration, and the store that it names, open as the bot has it open. */
function workplace() {
  const folder = mkdtempSync(join(tmpdir(), 'dbcheck-audit-'));
  folders.push(folder);
  const path = join(folder, 'dbcheck.db');
  const config = join(folder, 'dbcheck.json');
  const targets = [{ name: 'orders-prod', socket: '/none', user: 'dbcheck' }];
  writeFileSync(config, JSON.stringify({ targets, store: { path } }));
  return { store: createSqliteStore({ path }), config };
}

const asked: AuditEntry = { who: 'U0ADA00001', did: 'ask', target: 'orders-prod', result: 'done' };

async function run(config: string, ...args: readonly string[]): Promise<{ lines: string[]; code: number }> {
  const out: string[] = [];
  const terminal: Terminal = {
    out: (text) => void out.push(text),
    err: () => {},
    input: process.stdin,
    interactive: false,
    signal: new AbortController().signal,
  };
  const code = await auditCommand(['--config', config, ...args], terminal);
  return { lines: out.join('').split('\n').slice(0, -1), code };
}

describe('the audit', () => {
  it('is exported as JSON lines, the oldest first, while the bot works on the store', async () => {
    const { store, config } = workplace();
    const { note } = createAudit(store);
    await note(asked);
    await note({ ...asked, did: 'kill_connection', result: 'refused', why: 'it has expired', about: { thread: 6 } });
    const { lines, code } = await run(config, '--json');
    expect(code).toBe(0);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { at: expect.stringMatching(/^\d{4}-.*Z$/), ...asked },
      {
        at: expect.any(String),
        ...asked,
        did: 'kill_connection',
        result: 'refused',
        why: 'it has expired',
        about: { thread: 6 },
      },
    ]);
    await note(asked);
    expect((await run(config, '--json')).lines).toHaveLength(3);
    await store.close();
  });

  it('gives a terminal nothing to obey', async () => {
    const { store, config } = workplace();
    await createAudit(store).note({ ...asked, about: { account: 'app\u001b[2J\u0007@h' } });
    const { lines } = await run(config);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^[^\p{Cc}]+app \[2J @h$/u);
    await store.close();
  });

  it('leaves out of a line what there is nothing to say about', async () => {
    const { store, config } = workplace();
    await createAudit(store).note({ ...asked, about: { kind: 'help', agents: '' } });
    const { lines } = await run(config);
    expect(lines[0]).toMatch(/Z {2}U0ADA00001 · ask · orders-prod · done · kind help$/);
    await store.close();
  });

  it('is cut to a time and a target', async () => {
    const { store, config } = workplace();
    const hourMs = 3_600_000;
    for (const [ageHours, target] of [
      [50, 'orders-prod'],
      [30, 'billing-prod'],
      [5, 'orders-prod'],
    ] as const)
      await store.append(auditKind, 'all', { ...asked, target }, Date.now() - ageHours * hourMs);
    expect((await run(config)).lines).toHaveLength(3);
    expect((await run(config, '--since', '2d')).lines).toHaveLength(2);
    expect((await run(config, '--since', '2d', '--target', 'orders-prod')).lines).toHaveLength(1);
    expect((await run(config, '--until', new Date(Date.now() - 40 * hourMs).toISOString())).lines).toHaveLength(1);
    await expect(run(config, '--since', 'yesterday')).rejects.toThrow(UsageError);
    await store.close();
  });

  it('is exported from Redis where several processes write it', async () => {
    const redis = await startRedis();
    const { store: file, config } = workplace();
    vi.stubEnv('REDIS_URL', redis.url);
    const store = await openRedisStore({ url: redis.url });
    try {
      await createAudit(store).note({ ...asked, target: 'orders-prod, billing-prod' });
      const { lines } = await run(config, '--json', '--target', 'billing-prod');
      expect(lines.map((line) => JSON.parse(line).who)).toEqual([asked.who]);
    } finally {
      vi.unstubAllEnvs();
      await Promise.all([store.close(), file.close()]);
      await redis.stop();
    }
  });

  it('is read to its end also where many entries share a millisecond', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    const atMs = Date.now();
    for (let n = 0; n < 12_001; n++)
      await store.append(auditKind, 'all', { ...asked, about: { n } }, atMs + Math.floor(n / 7_000));
    const numbers: unknown[] = [];
    for await (const { value } of readAudit(store, {})) numbers.push(value.about?.['n']);
    expect(numbers).toEqual(Array.from({ length: 12_001 }, (_, n) => n));
    await store.close();
  });

  it('has no kind of removal and no end of life', () => {
    expect(auditKind.keepDays).toBeUndefined();
    expect(Object.keys(createAudit(createSqliteStore({ path: ':memory:' })))).toEqual(['note']);
  });
});
