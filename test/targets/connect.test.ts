import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openSessions } from '../../lab/faults/steps.ts';
import { createCertificate } from '../../lab/mariadb/certificate.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { parseConfig } from '../../src/config.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(args: readonly string[]): Promise<LabServer> {
  const server = await startServer({ args, port: true });
  ends.push(() => server.stop());
  return server;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'dbcheck-tls-'));
  ends.push(() => rm(path, { recursive: true }));
  return path;
}

/** Asks by the network, as from another host. */
async function ask(server: LabServer, overrides: Parameters<typeof targetEntry>[1], sql: string) {
  const entry = targetEntry(server, { name: 'patient', host: '127.0.0.1', ...overrides }, ['socket']);
  const port = server.port === undefined ? {} : { port: server.port };
  const text = JSON.stringify({ targets: [{ ...entry, ...port }], run: { statementSeconds: 2 } });
  const registry = createTargetRegistry(parseConfig(text, 'test.yml', {}));
  try {
    const { rows } = await registry.session('patient').query(sql, { probe: 'test' });
    return rows[0];
  } finally {
    await registry.close();
  }
}

const cipher = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";

describe('TLS to a server', () => {
  it('is required and verified: with its authority it is encrypted, without it is refused with the way out', async () => {
    const certificate = await createCertificate(await folder());
    const server = await start(certificate.args);
    const trusted = await ask(server, { tls: 'required', tlsCa: certificate.ca }, cipher);
    expect(trusted?.['Value']).toMatch(/^(TLS|ECDHE|DHE|AES)/);
    await expect(ask(server, { tls: 'required' }, cipher)).rejects.toThrow(
      'its TLS certificate is not trusted here (name the file of its CA as tlsCa)',
    );
    expect((await ask(server, { tls: 'preferred' }, cipher))?.['Value']).not.toBe('');
    expect((await ask(server, { tls: 'off' }, cipher))?.['Value']).toBe('');
    await expect(ask(server, { tls: 'required', tlsCa: '/nowhere.pem' }, cipher)).rejects.toThrow(
      'the TLS certificate /nowhere.pem (tlsCa) cannot be read',
    );
  });

  it('is refused where the certificate is for another host', async () => {
    const certificate = await createCertificate(await folder(), 'DNS:db.example.com');
    const server = await start(certificate.args);
    await expect(ask(server, { tls: 'required', tlsCa: certificate.ca }, cipher)).rejects.toThrow(
      'its TLS certificate is for another host',
    );
  });

  it('that a server does not offer is an error where it is required, and no obstacle where it is preferred', async () => {
    const server = await start([]);
    await expect(ask(server, { tls: 'required' }, cipher)).rejects.toThrow(
      'the server offers no TLS, which is required (tls: off goes without, tls: preferred takes what there is)',
    );
    expect((await ask(server, { tls: 'preferred' }, cipher))?.['Value']).toBe('');
  });
});

describe('a server without a free connection', () => {
  it('is asked at its extra port, where one is configured', async () => {
    const extraPort = await freePort();
    const server = await start(['--max-connections=10', `--extra-port=${extraPort}`, '--extra-max-connections=2']);
    await server.quiet();
    // The account of the lab's owner could take the slot that is kept for administrators.
    await openSessions(server, 10);
    await expect(ask(server, {}, 'SELECT 1 AS one')).rejects.toMatchObject({ code: 'too_many_connections' });
    expect(await ask(server, { extraPort }, 'SELECT 1 AS one')).toEqual({ one: 1 });
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
