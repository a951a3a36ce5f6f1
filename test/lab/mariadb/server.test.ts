import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sweepLeftovers } from '../../../lab/mariadb/ownership.ts';
import { isProcessAlive } from '../../../lab/mariadb/process.ts';
import { type LabServer, startServer } from '../../../lab/mariadb/server.ts';
import { targetEntry } from '../../../lab/mariadb/target.ts';

describe('lab server', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ name: 'orders-lab', port: true, args: ['--max-connections=33'] });
  });
  afterAll(() => server.stop());

  it('holds the shop and takes overriding options', async () => {
    const [row] = await server.query('SELECT COUNT(*) AS orders, @@max_connections AS limited FROM shop.orders');
    expect(row).toEqual({ orders: 20_000, limited: 33 });
  });

  it('keeps the durability and the switched-off performance_schema that MariaDB ships', async () => {
    const [row] = await server.query(
      `SELECT @@performance_schema AS performanceSchema, @@innodb_flush_log_at_trx_commit AS flushLog,
              @@innodb_doublewrite AS doublewrite`,
    );
    expect(row).toEqual({ performanceSchema: 0, flushLog: 1, doublewrite: 1 });
  });

  it('lets the dbcheck account in by socket and by the loopback port, to read and not to write', async () => {
    const { dbcheck } = server.accounts;
    for (const by of ['socket', 'port'] as const) {
      const connection = await server.connect({ ...dbcheck, by });
      expect(await connection.query('SHOW ALL SLAVES STATUS')).toEqual([]);
      await expect(connection.query('DELETE FROM shop.orders')).rejects.toMatchObject({ errno: 1142 });
      await connection.end();
    }
  });

  it('lets the action account end the query of another user', async () => {
    const action = await server.connect(server.accounts.action);
    const app = await server.connect(server.accounts.app);
    await action.query(`KILL ${app.threadId}`);
    await expect(app.query('SELECT 1')).rejects.toThrow();
  });

  it('keeps data over a restart and over a crash', async () => {
    await server.query('CREATE TABLE shop.kept (id INT PRIMARY KEY)');
    await server.restart();
    await server.query('INSERT INTO shop.kept VALUES (1)');
    await server.kill('SIGKILL');
    await server.restart();
    expect(await server.query('SELECT id FROM shop.kept')).toEqual([{ id: 1 }]);
  });

  it('describes itself as a target of dbcheck.yml', () => {
    expect(targetEntry(server, { tags: ['prod'] }, ['slowLog'])).toEqual({
      name: 'orders-lab',
      socket: server.socket,
      ...server.accounts.dbcheck,
      errorLog: server.errorLog,
      dataDirectory: server.dataDirectory,
      tags: ['prod'],
    });
  });
});

describe('the end of a lab server', () => {
  it('leaves no process and no file after stop', async () => {
    const server = await startServer({ seed: 'none' });
    const { pid, directory } = server;
    await server.stop();
    expect({ alive: isProcessAlive(pid), files: existsSync(directory) }).toEqual({ alive: false, files: false });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing when its owner gets %s', async (signal) => {
    const owner = await startOwner();
    await owner.end(signal);
    await expect.poll(() => isProcessAlive(owner.serverPid)).toBe(false);
    expect(existsSync(owner.directory)).toBe(false);
  });

  it('leaves nothing when its owner dies of an uncaught error', async () => {
    const owner = await startOwner('setTimeout(() => { throw new Error("on purpose") }, 10)');
    await owner.ended;
    await expect.poll(() => isProcessAlive(owner.serverPid)).toBe(false);
    expect(existsSync(owner.directory)).toBe(false);
  });

  it('is swept by the next start when its owner was killed', async () => {
    const owner = await startOwner();
    await owner.end('SIGKILL');
    expect(sweepLeftovers()).toContain(owner.directory);
    await expect.poll(() => isProcessAlive(owner.serverPid)).toBe(false);
    expect(existsSync(owner.directory)).toBe(false);
  });
});

/** A separate Node process that starts a server and then waits for its end. */
async function startOwner(then = '') {
  const script = `
    const { startServer } = await import(${JSON.stringify(import.meta.resolve('../../../lab/mariadb/server.ts'))});
    const server = await startServer({ seed: 'none' });
    console.log(JSON.stringify({ pid: server.pid, directory: server.directory }));
    setInterval(() => {}, 1000);
    ${then}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    const { pid, directory }: { pid: number; directory: string } = JSON.parse(line);
    const end = async (signal: NodeJS.Signals): Promise<void> => {
      child.kill(signal);
      await ended;
    };
    return { serverPid: pid, directory, ended, end };
  }
  throw new Error('the owner ended before its server was ready');
}
