import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { judgeSecurity } from '../../src/judgements/security.ts';
import { type RiskyAccount, riskyAccounts } from '../../src/probes/accounts.ts';
import { isBlind } from '../../src/probes/probe.ts';
import { factsWith } from '../support/judge.ts';
import { openSource } from '../support/source.ts';

function judge(account: Partial<RiskyAccount>, variables: Readonly<Record<string, string>> = {}) {
  const whole = { user: 'ops', host: '%', emptyPassword: false, administrator: false, requiresTls: false, ...account };
  const findings = judgeSecurity({ facts: factsWith(variables), accounts: [whole], evidence: ['e1'] });
  return findings.map(({ code, subject, severity }) => `${code} ${subject} ${severity}`);
}

describe('accounts that let people in', () => {
  it('calls a passwordless account critical where the network reaches it, else a warning', () => {
    expect(judge({ emptyPassword: true })).toEqual(['security.empty_password ops@% critical']);
    expect(judge({ emptyPassword: true, host: 'localhost' })).toEqual([
      'security.empty_password ops@localhost warning',
    ]);
    expect(judge({ emptyPassword: true }, { skip_networking: 'ON' })).toEqual([
      'security.empty_password ops@% warning',
    ]);
  });

  it('names an anonymous account once, as anonymous', () => {
    expect(judge({ user: '', host: 'localhost', emptyPassword: true })).toEqual([
      "security.anonymous_user ''@localhost warning",
    ]);
  });

  it('names an administrator from any host, and one from some hosts only for TLS', () => {
    expect(judge({ administrator: true, requiresTls: true })).toEqual(['security.wildcard_superuser ops@% warning']);
    expect(judge({ administrator: true, host: '10.1.%' })).toEqual(['security.no_tls ops@10.1.% info']);
    expect(judge({ administrator: true, host: '10.1.%' }, { require_secure_transport: 'ON' })).toEqual([]);
    expect(judge({ administrator: true, host: 'localhost' })).toEqual([]);
  });

  it('writes statements that hold for hostile names', () => {
    const account = { user: "a'b\\", host: 'localhost', emptyPassword: true, administrator: false, requiresTls: false };
    const [finding] = judgeSecurity({ facts: factsWith({}), accounts: [account], evidence: [] });
    expect(finding?.recommendations[0]?.sql).toBe("ALTER USER 'a''b\\\\'@'localhost' ACCOUNT LOCK;");
  });
});

describe('accounts of a server', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ seed: 'none' });
    for (const statement of [
      'CREATE ROLE auditors',
      "CREATE USER ''@localhost",
      'CREATE USER locked@localhost ACCOUNT LOCK',
      'CREATE USER socket_only@localhost IDENTIFIED VIA unix_socket',
      "CREATE USER impossible@localhost IDENTIFIED VIA mysql_native_password USING 'invalid'",
      "CREATE USER parked@localhost IDENTIFIED VIA mysql_native_password USING '*THISISNOTAVALIDPASSWORDTHATCANBEUSEDHERE'",
      "CREATE USER either@localhost IDENTIFIED VIA mysql_native_password USING '' OR unix_socket",
      'CREATE USER second@localhost IDENTIFIED VIA unix_socket OR mysql_native_password',
      "CREATE USER certificate@'%' REQUIRE X509",
      "CREATE USER tls_only@'%' REQUIRE SSL",
      "CREATE USER good@'%' IDENTIFIED BY 'has one'",
      "CREATE USER boss@'10.%' IDENTIFIED BY 'has one'",
      "GRANT SELECT, CREATE USER ON *.* TO boss@'10.%' WITH GRANT OPTION",
    ]) {
      await server.query(statement);
    }
  });
  afterAll(() => server?.stop());

  async function read(): Promise<readonly RiskyAccount[]> {
    const { source, close } = await openSource(server);
    const outcome = await riskyAccounts.collect(source, undefined);
    await close();
    if (isBlind(outcome)) throw new Error(outcome.summary);
    expect(JSON.stringify(outcome.rows)).not.toMatch(/\*[0-9A-F]{40}/);
    return outcome.data;
  }

  it('are passwordless only where one of their ways in asks for nothing', async () => {
    const names = (await read()).filter(({ emptyPassword }) => emptyPassword).map(({ user }) => user);
    expect(names.sort()).toEqual(['', 'either', 'second', 'tls_only']);
  });

  it('are administrators by SUPER, or by making accounts and giving rights away', async () => {
    const names = (await read()).filter(({ administrator }) => administrator).map(({ user }) => user);
    expect(names.sort()).toEqual(['boss', 'root']);
  });

  it('name a root without a password, as a fresh installation has it', async () => {
    const before = "ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING ''";
    await server.query(before);
    expect(await read()).toContainEqual(expect.objectContaining({ user: 'root', emptyPassword: true }));
  });
});
