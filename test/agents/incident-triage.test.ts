import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addAccount } from '../../lab/mariadb/accounts.ts';
import { startLoad } from '../../lab/mariadb/load.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { renderText } from '../../src/report/text.ts';
import { checkAgents } from '../support/check.ts';
import { checkFault } from '../support/check-fault.ts';

const agent = ['incident_triage'];

describe('incident-triage agent, on broken servers', () => {
  it.each([
    'deadlocks',
    'crash',
    'corrupt-table',
    'near-limit',
    'row-lock-chain',
    'small-buffer-pool',
    'sort-merge',
    'tmp-disk-tables',
    'max-allowed-packet',
    'leak-to-outage',
    'read-only-primary',
    'statement-limit',
  ])('finds %s, names its root and nothing else', async (id) => {
    const { score } = await checkFault(id, agent, { windowSeconds: 1 });
    expect(score).toMatchObject({ strict: 1, missing: [], extra: [] });
    expect(score.rootAtOne ?? true).toBe(true);
    expect(score.evidence.unsourced).toEqual([]);
  });

  it('says that a configured error log cannot be read', async () => {
    const { score, report } = await checkFault('blind-error-log', agent);
    expect(score.missing).toEqual([]);
    expect(report.verdict).toBe('unknown');
  });

  it('names in the first two lines what an unknown verdict is unknown for, and the way to see it', async () => {
    const { report } = await checkFault('blind-process', agent);
    const [headline, wayToSee] = renderText(report).split('\n');
    expect(headline).toMatch(
      /^⚪ Unknown · orders-prod · nothing found, but not seen: [\w-]+: dbcheck_blind lacks PROCESS/,
    );
    expect(wayToSee).toMatch(/^To see it: GRANT PROCESS ON \*\.\* TO 'dbcheck_blind'@/);
  });
});

describe('incident-triage agent, on one server', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ name: 'orders-prod' });
  });
  afterAll(() => server?.stop());

  const check = (params: Readonly<Record<string, unknown>> = {}) =>
    checkAgents([targetEntry(server)], agent, { params });

  it('calls a server at work healthy and says what that rests on', async () => {
    const load = await startLoad(server, { queriesPerSecond: 100, connections: 4, durationMs: 20_000 });
    await expect.poll(() => load.statements).toBeGreaterThan(50);
    const report = await checkAgents([targetEntry(server)], agent, { windowSeconds: 1 });
    await load.stop();
    expect(report.verdict).toBe('healthy');
    expect(report.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    const [, perSecond = '0'] =
      /^([\d.]+) queries\/s, \d+ of 151 connections, no lock waits,/.exec(report.results[0]?.headline ?? '') ?? [];
    expect(Number(perSecond)).toBeGreaterThan(50);
    expect(Number(perSecond)).toBeLessThan(150);
  });

  it('reads the error log as far back as it is asked', async () => {
    const old = new Date(Date.now() - 5 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');
    await appendFile(server.errorLog, `${old} 0 [ERROR] Something of this afternoon failed\n`);
    const codes = async (hours: number) =>
      (await check({ hours })).findings.flatMap(({ code, subject }) => (code === 'incident.error_log' ? subject : []));
    expect(await codes(1)).not.toContain('Something of this afternoon failed');
    expect(await codes(12)).toContain('Something of this afternoon failed');
  });

  it('shows no more error patterns than it is asked for', async () => {
    const stamp = new Date().toISOString().slice(0, 19).replace('T', ' ');
    const lines = ['alpha', 'beta', 'gamma', 'delta'].map((word) => `${stamp} 0 [ERROR] ${word} failed\n`);
    await appendFile(server.errorLog, lines.join(''));
    const report = await check({ max_error_patterns: 2 });
    const errors = report.findings.filter(
      ({ code, severity }) => code === 'incident.error_log' && severity === 'warning',
    );
    expect(errors).toHaveLength(2);
  });

  it('tells of a restart without any log', async () => {
    const gone = join(server.directory, 'gone.err');
    await server.restart([`--log-error=${gone}`]);
    await rm(gone);
    const report = await checkAgents([targetEntry(server, {}, ['errorLog'])], agent);
    expect(report.findings.map(({ code, severity }) => [code, severity])).toEqual([
      ['incident.recent_restart', 'info'],
    ]);
    expect(report.coverage).toMatchObject([{ code: 'coverage.error_log_unreadable' }]);
    expect(report.verdict).toBe('healthy');
  });
});

describe('incident-triage agent, with fewer rights', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ name: 'orders-prod' });
  });
  afterAll(() => server?.stop());

  it.each([
    ['nothing at all', 'USAGE ON *.*', ['PROCESS', 'REPLICA MONITOR'], 'unknown'],
    ['no PROCESS', 'SELECT, REPLICA MONITOR ON *.*', ['PROCESS'], 'unknown'],
    ['no REPLICA MONITOR', 'SELECT, PROCESS ON *.*', ['REPLICA MONITOR'], 'healthy'],
  ])('with %s it names what it lacks and does not fail', async (name, grants, missing, verdict) => {
    const account = { user: `eyes_${name.replaceAll(' ', '_')}`, password: 'p' };
    const setup = await server.connect();
    await addAccount(setup, account, grants);
    await setup.end();
    const report = await checkAgents([targetEntry(server, account)], agent);
    expect(report.results[0]?.status).toBe('completed');
    expect(report.verdict).toBe(verdict);
    for (const privilege of missing) {
      expect(report.coverage).toContainEqual(
        expect.objectContaining({ fix: expect.stringContaining(`GRANT ${privilege} ON *.*`) }),
      );
    }
  });
});
