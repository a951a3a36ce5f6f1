import { describe, expect, it } from 'vitest';
import { thresholdsFor } from '../../src/agents/thresholds.ts';
import { refusedAccounts } from '../../src/error-log/refused-login.ts';
import { accountFor, matchesHost } from '../../src/judgements/account-host.ts';
import type { AccountUse, ConnectionView } from '../../src/judgements/connection-view.ts';
import { judgeConnections } from '../../src/judgements/connections.ts';

const use = (user: string, client: string, sessions: number, over: Partial<AccountUse> = {}): AccountUse => ({
  user,
  client,
  sessions,
  sleeping: 0,
  long_sleeping: 0,
  longest_sleep_seconds: 0,
  ...over,
});

function view(over: Partial<ConnectionView>, counted: Readonly<Record<string, number>> = {}): ConnectionView {
  const none = Object.fromEntries(Object.keys(counted).map((name) => [name, 0]));
  return {
    target: 'orders-prod',
    counters: {
      windowSeconds: 2,
      uptimeSeconds: 90_000,
      first: { ...none, Uptime: 1 },
      last: { ...counted, Uptime: 3, Threads_connected: 50 },
      ownStatements: 0,
    },
    maxConnections: 200,
    maxUserConnections: 0,
    accounts: [],
    limits: [],
    refused: undefined,
    thresholds: thresholdsFor({}),
    evidence: ['x1'],
    ...over,
  };
}

const judged = (one: ConnectionView) => judgeConnections(one).map(({ code, subject }) => `${code} ${subject}`);

describe('limits of single accounts', () => {
  const reports = { user: 'reports', host: '10.2.%', max_user_connections: 5 };

  it('count the sessions of all clients that log in as one account', () => {
    const accounts = [use('reports', '10.2.0.1', 3), use('reports', '10.2.0.2', 2), use('reports', 'localhost', 90)];
    const [finding] = judgeConnections(view({ accounts, limits: [reports] }));
    expect(finding).toMatchObject({
      code: 'conn.near_limit',
      severity: 'warning',
      subject: 'reports@10.2.%',
      facts: { usedConnections: 5, maxUserConnections: 5 },
    });
  });

  it('are exhausted once connects fail that no wrong password explains', () => {
    const accounts = [use('reports', '10.2.0.1', 5)];
    const one = { accounts, limits: [reports] };
    expect(judged(view(one, { Aborted_connects: 3, Access_denied_errors: 0 }))).toEqual([
      'conn.exhausted reports@10.2.%',
    ]);
    expect(judged(view(one, { Aborted_connects: 3, Access_denied_errors: 3 }))).toEqual([
      'conn.near_limit reports@10.2.%',
    ]);
  });

  it('may be used up where one connection is all that is meant', () => {
    const limits = [{ user: 'nightly', host: 'localhost', max_user_connections: 1 }];
    expect(judged(view({ accounts: [use('nightly', 'localhost', 1)], limits }))).toEqual([]);
  });

  it('of the whole server end with a statement that raises them, too', () => {
    const accounts = [use('app', '10.2.0.1', 8)];
    const [finding] = judgeConnections(view({ accounts, maxUserConnections: 8 }));
    expect(finding).toMatchObject({
      subject: 'app@10.2.0.1',
      recommendations: [
        { sql: 'SET GLOBAL max_user_connections = 16;', rollback: 'SET GLOBAL max_user_connections = 8;' },
      ],
    });
  });

  it('are those of the account that the server takes: the more exact host, not the wider one', () => {
    const accounts = [{ host: '%' }, { host: '10.2.%' }, { host: '10.2.0.1' }, { host: '10.3.0.0/255.255.0.0' }];
    expect(accountFor(accounts, '10.2.0.1')?.host).toBe('10.2.0.1');
    expect(accountFor(accounts, '10.2.7.7')?.host).toBe('10.2.%');
    expect(accountFor(accounts, '10.3.9.9')?.host).toBe('10.3.0.0/255.255.0.0');
    expect(accountFor(accounts, 'web.example')?.host).toBe('%');
    expect(matchesHost('10.2.0.1', '10.2.0.11')).toBe(false);
    expect(matchesHost('web_.example', 'web1.example')).toBe(true);
    expect(matchesHost('10.2.0.1', '10x2y0z1')).toBe(false);
  });
});

describe('sleeping sessions', () => {
  it('are a leak beside others that are used, and a pool at rest where nobody uses any', () => {
    const leak = use('leaky', '10.0.0.7', 50, { sleeping: 42, long_sleeping: 40, longest_sleep_seconds: 90 });
    const rest = use('app', '10.0.0.8', 40, { sleeping: 40, long_sleeping: 40, longest_sleep_seconds: 70 });
    expect(judged(view({ accounts: [leak, rest] }))).toEqual(['conn.leak leaky@10.0.0.7']);
  });
});

describe('refused logins', () => {
  const entry = (message: string, details: readonly string[] = []) => ({
    atMs: 1_000,
    severity: 'warning' as const,
    message,
    details,
  });
  const denied = (user: string, host = 'localhost') =>
    `Access denied for user '${user}'@'${host}' (using password: YES)`;

  it('are counted by account, and the subject is who failed most, not who failed last', () => {
    const refused = refusedAccounts([
      ...Array.from({ length: 50 }, () => entry(denied('app', '10.2.3.4'))),
      entry(denied('root', '10.9.9.9')),
    ]);
    expect(judgeConnections(view({ refused }))).toMatchObject([
      { code: 'conn.auth_failures', subject: 'app@10.2.3.4', facts: { refusedLastHour: 51, refusedAsAccount: 50 } },
    ]);
  });

  it('take names with quotes, line breaks and false hosts as names', () => {
    const [first] = refusedAccounts([entry("Access denied for user 'a'@'b' (using password: YES)", [])]);
    expect(first?.account).toBe('a@b');
    const [hostile] = refusedAccounts([
      entry("Access denied for user 'x'@'10.0.0.1' (using", ["<!channel>'@'10.6.6.6' (using password: NO)"]),
    ]);
    expect(hostile?.account).toBe("x'@'10.0.0.1' (using <!channel>@10.6.6.6");
  });

  it('of a few mistyped passwords alarm nobody, but are told', () => {
    const refused = refusedAccounts([entry(denied('app')), entry(denied('app'))]);
    const [finding, ...others] = judgeConnections(view({ refused }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      code: 'conn.auth_failures',
      severity: 'info',
      title: '2 logins refused in the last hour',
    });
  });

  it('that reach max_password_errors have blocked the account', () => {
    const refused = refusedAccounts([entry(denied('app')), entry(denied('app'))]);
    const [finding] = judgeConnections(view({ refused, maxPasswordErrors: 2 }));
    expect(finding).toMatchObject({ severity: 'warning', facts: { errno: 4150, maxPasswordErrors: 2 } });
    expect(finding?.recommendations.at(-1)?.sql).toBe('FLUSH PRIVILEGES;');
  });
});
