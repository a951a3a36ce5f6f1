import { readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type ArchivedLog, type LogApi, startLogApi } from '../../lab/cloud/log-api.ts';
import { faultById } from '../../lab/faults/registry.ts';
import { startWorld } from '../../lab/faults/world.ts';
import { loadConfig, parseConfig } from '../../src/config.ts';
import { createCloudLogs, errorLogLines, slowLogBytes } from '../../src/targets/cloud-logs.ts';
import { unzip } from '../../src/targets/zip.ts';
import { checkAgents } from '../support/check.ts';

const day = 86_400_000;
const nowMs = Date.UTC(2026, 10, 20, 12);
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function log(
  id: string,
  over: Partial<Omit<ArchivedLog, 'content'>> & { readonly content?: string } = {},
): ArchivedLog {
  const { content = `${id}\n`, ...rest } = over;
  const startTime = new Date(nowMs - day / 4).toISOString();
  return { id, service: 'db1', logType: 'error-log', startTime, content: async () => content, ...rest };
}

async function serve(logs: readonly ArchivedLog[]): Promise<LogApi> {
  const api = await startLogApi(logs);
  stops.push(api.stop);
  return api;
}

const read = (api: LogApi, key = api.apiKey, hours = 24) =>
  createCloudLogs({ apiKey: key, apiUrl: api.url }, 'db1').read(
    'error-log',
    { fromMs: nowMs - hours * 3_600_000, toMs: nowMs },
    undefined,
  );

describe('the log archive of MariaDB Cloud', () => {
  it('gives the files of the one service, of the type and of the window, oldest first', async () => {
    const api = await serve([
      log('today'),
      log('yesterday', { startTime: new Date(nowMs - day).toISOString() }),
      log('old', { startTime: new Date(nowMs - 9 * day).toISOString() }),
      log('theirs', { service: 'db10' }),
      log('slow', { logType: 'slow-query-log' }),
    ]);
    const found = await read(api);
    expect(errorLogLines(found)).toEqual(['yesterday', 'today']);
    expect(found).toMatchObject({ truncated: false, asked: expect.stringContaining('2 files of service db1') });
    expect(found.asked).not.toContain(api.apiKey);
    expect(api.requests.join()).not.toContain(api.apiKey);
  });

  it('is read page by page, and the archive in portions', async () => {
    const api = await serve(Array.from({ length: 230 }, (_, index) => log(`log-${index}`)));
    expect((await read(api)).files).toHaveLength(230);
    expect(api.requests.filter((path) => path.includes('/archive'))).toHaveLength(5);
  });

  it('asks for no archive where no file is there', async () => {
    const api = await serve([log('theirs', { service: 'other' })]);
    expect((await read(api)).files).toEqual([]);
    expect(api.requests).toHaveLength(1);
  });

  it.each([
    ['status 500', 'the log API of MariaDB Cloud answered 500'],
    ['no json', 'in a form that is not known here'],
    ['no zip', 'an archive that cannot be read'],
  ] as const)('fails with one sentence on %s', async (trouble, message) => {
    const api = await serve([log('a')]);
    api.trouble = trouble;
    await expect(read(api)).rejects.toThrow(message);
  });

  it('says which scope a refused key needs, and that a host cannot be reached', async () => {
    const api = await serve([log('a')]);
    await expect(read(api, 'wrong')).rejects.toThrow('SKYSQL_API_KEY needs the scope "Observability API: Read"');
    await api.stop();
    stops.length = 0;
    await expect(read(api)).rejects.toThrow('cannot be reached');
  });

  it('is free of the envelopes of containers and JSON', () => {
    const native = '2026-11-20 11:00:00 0 [ERROR] InnoDB: x';
    const content = Buffer.from(
      [
        `2026-11-20T11:00:00.123456789Z stderr F ${native}`,
        '2026-11-20T11:00:01.5Z stderr F [Warning] y',
        JSON.stringify({ log: `${native}\n` }),
        native,
      ].join('\n'),
    );
    const lines = errorLogLines({ files: [{ name: 'a', content }], truncated: false, asked: '' });
    expect(lines).toEqual([native, '2026-11-20T11:00:01.5Z [Warning] y', native, native]);
    const slow = Buffer.from(
      '2026-11-20T11:00:01.5Z stdout F # Time: 261120 11:00:01\n2026-11-20T11:00:01.5Z stdout F SELECT 1;',
    );
    expect(slowLogBytes(slow).toString()).toBe('# Time: 261120 11:00:01\nSELECT 1;');
    expect(slowLogBytes(Buffer.from('# Time: x'))).toEqual(Buffer.from('# Time: x'));
  });

  it('is no archive where it is cut, garbage, or unpacks to more than was allowed', async () => {
    const { zip } = await import('../../lab/cloud/zip.ts');
    const good = zip([
      { name: 'a/ü.log', content: 'x'.repeat(100_000) },
      { name: 'b', content: '' },
    ]);
    expect(unzip(good, 200_000).map(({ name, content }) => [name, content.length])).toEqual([
      ['a/ü.log', 100_000],
      ['b', 0],
    ]);
    for (const bad of [Buffer.alloc(0), Buffer.from('PK'), good.subarray(0, 60), good.subarray(50)])
      expect(() => unzip(bad, 200_000)).toThrow();
    expect(() => unzip(good, 1_000)).toThrow();
  });
});

describe('the configuration of MariaDB Cloud', () => {
  const text = JSON.stringify({ targets: [{ name: 'a', socket: 's', user: 'u', serviceId: 'db1' }] });

  it('needs the key in the environment, and exists only where a target names its service', () => {
    expect(() => parseConfig(text, 'd.yml', {})).toThrow(
      'd.yml line 1: targets[0].serviceId: needs the environment variable SKYSQL_API_KEY',
    );
    expect(parseConfig(text, 'd.yml', { SKYSQL_API_KEY: 'k' }).cloudLogs).toEqual({
      apiKey: 'k',
      apiUrl: 'https://api.skysql.com',
    });
    expect(loadConfig(undefined, { DB_SOCKET: 's', SKYSQL_API_KEY: 'k' }).cloudLogs).toBeUndefined();
  });

  it('sends no key over plain http to another host', () => {
    const variables = { SKYSQL_API_KEY: 'k', SKYSQL_API_URL: 'http://logs.example.com' };
    expect(() => parseConfig(text, 'd.yml', variables)).toThrow('plain http is allowed for a loopback address only');
  });
});

describe('agents on a service of MariaDB Cloud', () => {
  it('find a damaged table and slow patterns in its archive, and say so where the key is refused', async () => {
    const fault = faultById('corrupt-table');
    const world = await startWorld({
      ...fault,
      primary: { args: [...(fault.primary?.args ?? []), '--long-query-time=0'] },
    });
    stops.push(() => world.stop());
    const { primary } = world;
    const injection = await fault.inject(world);
    await injection.gate();
    const application = await primary.connect();
    for (let turn = 0; turn < 5; turn++) await application.query('SELECT SLEEP(0.05)');
    await application.end();
    await world.quiet();
    // The archive names when a log begins; the server's clock, which the window ends by, tells whole seconds.
    const startTime = new Date(Date.now() - 60_000).toISOString();
    const api = await serve([
      log('e', { startTime, content: await readFile(primary.errorLog, 'utf8') }),
      log('s', { startTime, logType: 'slow-query-log', content: await readFile(primary.slowLog, 'utf8') }),
    ]);
    world.retarget(primary, { serviceId: 'db1' }, ['errorLog', 'slowLog']);
    const variables = { SKYSQL_API_KEY: api.apiKey, SKYSQL_API_URL: api.url };
    const report = await checkAgents(world.targets, ['incident_triage', 'slow_query'], { variables });
    expect(report.findings.map(({ code }) => code)).toContain('incident.corruption');
    expect(report.evidence.find(({ probe }) => probe === 'error-log')?.sql).toContain('logType=error-log');
    expect(report.evidence.find(({ probe }) => probe === 'slow-log-file')?.sql).toContain('logType=slow-query-log');
    expect(report.results.find(({ agent }) => agent === 'slow_query')?.headline).toMatch(/^[1-9]/);
    const refused = await checkAgents(world.targets, ['incident_triage'], {
      variables: { ...variables, SKYSQL_API_KEY: 'wrong' },
    });
    expect(refused.coverage).toContainEqual(
      expect.objectContaining({
        code: 'coverage.error_log_unreadable',
        summary: expect.stringContaining('refuses the key'),
      }),
    );
    expect(refused.verdict).toBe('unknown');
  });
});
