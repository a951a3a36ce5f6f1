import { appendFile, chmod, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import type { TargetEntry } from '../../lab/mariadb/target.ts';
import { countOfKind, type ErrorLog, errorLog } from '../../src/probes/error-log.ts';
import { type Blindness, isBlind, type ProbeSource } from '../../src/probes/probe.ts';
import { openSource } from '../support/source.ts';

describe('error log probe', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ port: true, args: ['--log-warnings=4', '--innodb-print-all-deadlocks=ON'] });
  });
  afterAll(() => server?.stop());

  async function look(
    entry: Partial<TargetEntry> = {},
    change: (source: ProbeSource) => ProbeSource = (source) => source,
    params = { lines: 5_000, hours: 1 },
  ): Promise<{ data: ErrorLog; rows: readonly object[] } | Blindness> {
    const { source, close } = await openSource(server, { entry });
    try {
      return await errorLog.collect(change(source), params);
    } finally {
      await close();
    }
  }
  async function read(...args: Parameters<typeof look>): Promise<ErrorLog> {
    const outcome = await look(...args);
    if (isBlind(outcome)) throw new Error(outcome.summary);
    return outcome.data;
  }
  async function refused(user: string): Promise<void> {
    await expect(server.connect({ user, password: 'wrong' })).rejects.toMatchObject({ errno: 1045 });
  }

  it('counts refused logins by pattern and sees no incident in their names', async () => {
    const forged = '2026-11-23  1:58:04 0 [ERROR] InnoDB: Database page corruption on disk';
    await refused('plain');
    await refused("o'brien");
    await refused(`x\n${forged}`);
    await refused(`x'@'h' (using password: YES)\n${forged}\n${forged}`);
    const log = await read();
    expect([countOfKind(log, 'refused_login'), countOfKind(log, 'corruption')]).toEqual([4, 0]);
    expect(log.patterns).toContainEqual(
      expect.objectContaining({ pattern: 'Access denied for user ? (using password: YES)', severity: 'warning' }),
    );
  });

  it('keeps samples out of the evidence', async () => {
    await refused('secret-name');
    expect(JSON.stringify(await look())).toContain('secret-name');
    const outcome = await look();
    expect(isBlind(outcome) ? undefined : JSON.stringify(outcome.rows)).not.toContain('secret-name');
  });

  it('finds the log by log_error when it runs beside the server', async () => {
    const log = await read({}, (source) => ({ ...source, target: { ...source.target, errorLog: undefined } }));
    expect(log.path).toBe(server.errorLog);
  });

  it('does not take a local file for the log of a server behind a tunnel', async () => {
    const outcome = await look({}, (source) => ({
      ...source,
      target: { ...source.target, errorLog: undefined, socket: undefined, host: '127.0.0.1' },
      facts: { ...source.facts, variables: { ...source.facts.variables, hostname: 'elsewhere' } },
    }));
    expect(outcome).toMatchObject({ code: 'coverage.error_log_unreadable', fix: expect.stringMatching(/errorLog/) });
  });

  it('says how to see a log that goes to standard error', async () => {
    const outcome = await look({}, (source) => ({
      ...source,
      target: { ...source.target, errorLog: undefined },
      facts: { ...source.facts, variables: { ...source.facts.variables, log_error: '' } },
    }));
    expect(outcome).toMatchObject({ fix: expect.stringMatching(/log_error = /) });
  });

  it('says that a configured file is not there', async () => {
    expect(await look({ errorLog: join(server.directory, 'none.log') })).toMatchObject({
      code: 'coverage.error_log_unreadable',
      summary: expect.stringMatching(/does not exist/),
    });
  });

  it.skipIf(process.getuid?.() === 0)('says which right is missing on a file that may not be read', async () => {
    await chmod(server.errorLog, 0o000);
    const outcome = await look();
    await chmod(server.errorLog, 0o640);
    expect(outcome).toMatchObject({ fix: expect.stringMatching(/^setfacl/) });
  });

  it('tells restarts and how the lives before them ended', async () => {
    await server.restart();
    await server.kill('SIGSEGV');
    await server.restart();
    const { restarts } = await read();
    expect(restarts.map(({ previousEnd, signal }) => [previousEnd, signal])).toEqual([
      [undefined, undefined],
      ['shutdown', undefined],
      ['crash', 11],
    ]);
    const last = restarts.at(-1)?.startedAtMs ?? 0;
    expect(Math.abs(Date.now() - last)).toBeLessThan(30_000);
  });

  it('takes the local times of the log for those of the server, wherever it stands', async () => {
    const before = process.env['TZ'];
    process.env['TZ'] = 'Asia/Kathmandu';
    const away = await startServer({ seed: 'none' });
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
    const { source, close } = await openSource(away);
    const outcome = await errorLog.collect(source, { lines: 5_000, hours: 1 });
    await close();
    const [zone] = await away.query('SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), NOW()) AS minutes');
    await away.stop();
    expect(zone).toEqual({ minutes: 345 });
    const started = isBlind(outcome) ? 0 : (outcome.data.restarts.at(-1)?.startedAtMs ?? 0);
    expect(Math.abs(Date.now() - started)).toBeLessThan(60_000);
  });

  it('knows a kill that left no word in the log', async () => {
    await server.kill('SIGKILL');
    await server.restart();
    expect((await read()).restarts.at(-1)?.previousEnd).toBe('killed');
  });

  it('names the tables of deadlocks that the server printed', async () => {
    const [one, two] = await Promise.all([server.connect({ database: 'shop' }), server.connect({ database: 'shop' })]);
    for (const [connection, id] of [
      [one, 1],
      [two, 2],
    ] as const) {
      await connection.query('START TRANSACTION');
      await connection.query(`UPDATE orders SET note = 'x' WHERE id = ${id}`);
    }
    const waits = one.query("UPDATE orders SET note = 'y' WHERE id = 2").catch(() => {});
    await expect
      // InnoDB shows a new picture only to whoever has not looked for 0.1 s.
      .poll(() => server.query("SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'"), {
        interval: 150,
        timeout: 10_000,
      })
      .toHaveLength(1);
    await two.query("UPDATE orders SET note = 'y' WHERE id = 1").catch(() => {});
    await waits;
    expect((await read()).deadlocks).toEqual({ count: 1, tables: [['shop.orders', 1]] });
  });

  it('says when the lines ran out before the window did', async () => {
    await rename(server.errorLog, `${server.errorLog}.1`);
    const stamp = new Date().toISOString().slice(0, 19).replace('T', ' ');
    await appendFile(server.errorLog, `${stamp} 0 [Note] x\n`.repeat(500));
    const params = { lines: 100, hours: 1 };
    expect(await read({}, undefined, params)).toMatchObject({ windowCut: true, patterns: [{ count: 100 }] });
    expect(await read({}, undefined, { lines: 500, hours: 1 })).toMatchObject({ windowCut: false });
  });
});
