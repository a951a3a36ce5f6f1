import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { agents } from '../../src/agents/registry.ts';
import { runningQuery } from '../../src/agents/running-query.ts';
import { thresholdsFor } from '../../src/agents/thresholds.ts';
import { parseConfig } from '../../src/config.ts';
import { createAgentCollector, createRunReadings } from '../../src/probes/collector.ts';
import { errorLog } from '../../src/probes/error-log.ts';
import type { ProbeSource } from '../../src/probes/probe.ts';
import { slowLogFile } from '../../src/probes/slow-log-file.ts';
import type { Row } from '../../src/report/evidence.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';
import { serverFacts } from '../../src/targets/server-facts.ts';
import { checkAgents } from '../support/check.ts';

const all = agents.map(({ name }) => name);
/** What the README grants. */
const grants = ['SELECT', 'PROCESS', 'SHOW DATABASES', 'SHOW VIEW', 'EVENT', 'REPLICA MONITOR', 'BINLOG MONITOR'];
/** Without these something is not seen; the others open what no agent rests on here. */
const needed = ['SELECT', 'PROCESS', 'REPLICA MONITOR'];

describe('an account with too few rights', () => {
  let server: LabServer;
  beforeAll(async () => {
    server = await startServer({ args: ['--log-bin=binlog'] });
  });
  afterAll(async () => server?.stop());

  it.each([
    ...grants.map((missing) => [missing, grants.filter((grant) => grant !== missing)] as const),
    ['everything', ['USAGE']] as const,
  ])(
    'without %s leaves gaps and never a crash, and is not called healthy where something was not seen',
    async (missing, rest) => {
      await server.query("CREATE OR REPLACE USER poor@localhost IDENTIFIED BY 'poor-password'");
      await server.query(`GRANT ${rest.join(', ')} ON *.* TO poor@localhost`);
      const report = await checkAgents([targetEntry(server, { user: 'poor', password: 'poor-password' })], all);
      expect(report.results.filter(({ status }) => status === 'failed' || status === 'timed_out')).toEqual([]);
      const gaps = report.coverage.filter(({ code }) => code === 'coverage.missing_privilege');
      if (needed.includes(missing) || missing === 'everything') {
        expect(gaps.length).toBeGreaterThan(0);
        for (const { fix } of gaps) expect(fix).toMatch(/^GRANT /);
        expect(report.verdict).not.toBe('healthy');
      }
      if (needed.includes(missing)) expect(gaps.some(({ fix }) => fix.includes(missing))).toBe(true);
    },
  );
});

describe('a server in trouble', () => {
  it('whose views all exceed their time leaves gaps that say so, never a crash, never "healthy"', async () => {
    const server = await startServer();
    const report = await checkAgents([targetEntry(server)], all, { run: { statementSeconds: 0.0005 } });
    await server.stop();
    expect(new Set(report.results.map(({ status }) => status))).toEqual(new Set(['timed_out']));
    expect(report.results[0]?.reason).toContain('took longer than its time limit');
    expect(report.coverage.map(({ code }) => code)).toContain('coverage.timed_out');
    expect(report.verdict).not.toBe('healthy');
  });

  it('that is read-only and in forced recovery is looked at by every agent', async () => {
    const server = await startServer({ args: ['--read-only=ON', '--innodb-force-recovery=3'] });
    const report = await checkAgents([targetEntry(server)], all);
    await server.stop();
    const statuses = new Set(report.results.map(({ status }) => status));
    expect([...statuses].toSorted()).toEqual(['completed', 'not_applicable']);
  });

  it('without a plugin directory is looked at by every agent', async () => {
    const server = await startServer({ args: ['--plugin-dir=/nowhere'] });
    const report = await checkAgents([targetEntry(server)], all);
    await server.stop();
    expect(report.results.filter(({ status }) => !['completed', 'not_applicable'].includes(status))).toEqual([]);
  });

  it.each([
    ['ahead', 3],
    ['behind', -3],
  ])('whose clock is three hours %s of ours has its logs read by its own time', async (_, hours) => {
    const server = await startServer({ args: ['--slow-query-log=ON', '--long-query-time=0'] });
    const application = await server.connect();
    for (let turn = 0; turn < 5; turn++) await application.query('SELECT 17 + 4 FROM shop.customers LIMIT 1');
    await application.end();
    const config = parseConfig(JSON.stringify({ targets: [targetEntry(server)] }), 't', {});
    const registry = createTargetRegistry(config);
    const session = registry.session(server.name);
    const query = (sql: string) => session.query(sql, { probe: 'test' });
    const variables = await query('SHOW GLOBAL VARIABLES');
    const source: ProbeSource = {
      target: session.target,
      facts: serverFacts(variables.rows, []),
      windowSeconds: 0,
      signal: undefined,
      query,
      wait: async () => {},
      now: () => Date.now() - hours * 3_600_000,
      ownStatements: () => 0,
    };
    const slow = await slowLogFile.collect(source, { hours: 1, endHoursAgo: 0 });
    const log = await errorLog.collect(source, { lines: 500, hours: 1 });
    await registry.close();
    await server.stop();
    expect('data' in slow && slow.data.patterns.some(({ fingerprint }) => fingerprint.includes('shop.customers'))).toBe(
      true,
    );
    expect('data' in log && log.data.patterns.length).toBeGreaterThan(0);
  });

  it('with ten thousand sessions is listed by its longest statements, and the evidence says that it was cut', async () => {
    const config = parseConfig(JSON.stringify({ targets: [{ name: 'busy', socket: '/s', user: 'u' }] }), 't', {});
    const [target] = createTargetRegistry(config).targets;
    if (!target) throw new Error('no target');
    const rows = manySessions(10_000);
    let number = 0;
    const readings = createRunReadings(
      {
        target,
        facts: serverFacts([], [{ grants: 'GRANT ALL PRIVILEGES ON *.* TO u@localhost' }]),
        windowSeconds: 0,
        signal: undefined,
        async query(sql, { maxRows = 20_000 } = {}) {
          const found = sql.includes('FROM information_schema.PROCESSLIST') ? rows : [];
          return { rows: found.slice(0, maxRows), truncated: found.length > maxRows };
        },
        wait: async () => {},
        now: () => Date.UTC(2026, 10, 20),
        ownStatements: () => 0,
      },
      () => `x${++number}`,
    );
    const collector = createAgentCollector(readings, async () => undefined);
    const context = { target, thresholds: thresholdsFor({}), nowMs: 0 };
    const { diagnose } = await runningQuery.investigate(collector, {}, context);
    const { findings } = diagnose();
    expect(findings.find(({ code }) => code === 'query.running')?.table?.rows).toHaveLength(20);
    expect(collector.used().some(({ probe, truncated }) => probe === 'processlist' && truncated)).toBe(true);
  });
});

function manySessions(count: number): Row[] {
  return Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    user: 'app',
    host: `10.0.0.${index % 250}:${index}`,
    db: 'shop',
    command: 'Query',
    seconds: count - index,
    state: 'Sending data',
    info: `SELECT * FROM orders WHERE id = ${index}`,
    stage: 0,
    max_stage: 0,
    progress: 0,
    examined_rows: 0,
    query_id: index,
  }));
}
