import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig, parseConfig } from '../src/config.ts';
import { ConfigError } from '../src/errors.ts';

const valid = `targets:
  - name: orders-prod
    host: 127.0.0.1
    user: dbcheck
    password: \${ORDERS_PASSWORD}
    tags: [prod, orders]
`;

function messageOf(text: string, variables: Record<string, string> = {}): string {
  try {
    parseConfig(text, 'dbcheck.yml', variables);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('the configuration file', () => {
  it('takes passwords from the environment and fills defaults', () => {
    const [target] = parseConfig(valid, 'dbcheck.yml', { ORDERS_PASSWORD: 'hunter2' }).targets;
    expect(target).toMatchObject({ password: 'hunter2', port: 3306, replicas: [] });
  });

  it('takes relative paths from the folder of the file', () => {
    const text =
      'targets:\n  - {name: a, socket: run/m.sock, user: u, errorLog: logs/error.log, backups: {kind: dump, path: b}}\n';
    const [target] = parseConfig(text, '/etc/dbcheck/dbcheck.yml', {}).targets;
    expect(target).toMatchObject({
      socket: '/etc/dbcheck/run/m.sock',
      errorLog: '/etc/dbcheck/logs/error.log',
      backups: { path: '/etc/dbcheck/b', maxAgeHours: 26 },
    });
  });

  it.each([
    [
      'a wrong type',
      valid.replace('user: dbcheck', 'port: high\n    user: dbcheck'),
      /line 4: targets\[0\]\.port: .*expected number/,
    ],
    [
      'a missing variable',
      valid,
      /line 5: targets\[0\]\.password: the environment variable ORDERS_PASSWORD is not set/,
    ],
    [
      'an unknown key',
      `${valid.replace(/ {4}password.*\n/, '')}    pasword: x\n`,
      /line 6: targets\[0\]\.pasword: is no setting/,
    ],
    ['a missing key', 'targets:\n  - name: a\n    host: h\n', /line 2: targets\[0\]\.user: .*expected string/],
    [
      'neither host nor socket',
      'targets:\n  - name: a\n    user: u\n',
      /line 2: targets\[0\]: expected host or socket/,
    ],
    [
      'two of a name',
      'targets:\n  - {name: a, host: h, user: u}\n  - {name: a, host: h, user: u}\n',
      /line 3: targets\[1\]\.name: "a" is used twice/,
    ],
    [
      'a replica that is no target',
      'targets:\n  - {name: a, host: h, user: u, replicas: [b]}\n',
      /targets\[0\]\.replicas\[0\]: "b" is no target/,
    ],
    ['no target at all', 'targets: []\n', /line 1: targets: expected at least one target/],
    [
      'an unknown threshold',
      'targets:\n  - {name: a, host: h, user: u}\nthresholds:\n  nonsense: 3\n',
      /line 4: thresholds\.nonsense: is no threshold/,
    ],
    ['broken YAML', 'targets:\n  - name: "a\n', /line \d+: not valid YAML/],
  ])('names line and key for %s', (_, text, expected) => {
    expect(messageOf(text, text.includes('port: high') ? { ORDERS_PASSWORD: 'x' } : {})).toMatch(expected);
  });

  it('never shows a password in an error', () => {
    const text = 'targets:\n  - {name: a, host: h, user: u, password: [geheim]}\n';
    expect(messageOf(text)).not.toContain('geheim');
  });
});

describe('the environment', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dbcheck-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('describes a single target without a file', () => {
    const config = loadConfig(undefined, { DB_SOCKET: '/run/x.sock', DB_USER: 'u', DB_PASSWORD: 'p' });
    expect(config.targets).toMatchObject([{ name: 'default', socket: '/run/x.sock', user: 'u', password: 'p' }]);
  });

  it('says what to do where nothing is configured', () => {
    expect(() => loadConfig(undefined, {})).toThrow(/write dbcheck.yml .* or set DB_HOST/);
  });

  it('names the file by DBCHECK_CONFIG', () => {
    const file = join(folder, 'other.yml');
    writeFileSync(file, 'targets:\n  - {name: z, host: localhost, user: u}\n');
    expect(loadConfig(undefined, { DBCHECK_CONFIG: file }).targets[0]?.name).toBe('z');
    expect(() => loadConfig(join(folder, 'none.yml'), {})).toThrow(/none.yml does not exist \(from --config\)/);
  });

  it('refuses a Slack API root that would carry the token in clear text off this machine', () => {
    const base = { DB_HOST: 'h' };
    expect(() => loadConfig(undefined, { ...base, SLACK_API_URL: 'http://example.test/api/' })).toThrow(/loopback/);
    expect(
      loadConfig(undefined, { ...base, SLACK_API_URL: 'http://127.0.0.1:9/api/' }).environment.slack.apiUrl,
    ).toBeDefined();
  });
});
