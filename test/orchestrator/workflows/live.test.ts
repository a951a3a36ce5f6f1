import { describe, expect, it } from 'vitest';
import { defineFault } from '../../../lab/faults/fault.ts';
import { endSessions, openSession, prove, startStatement, waitForState } from '../../../lab/faults/steps.ts';
import { createBigTable } from '../../../lab/mariadb/shop.ts';
import { agents } from '../../../src/agents/registry.ts';
import { createModelPlanner } from '../../../src/orchestrator/model-planner.ts';
import { createRulePlanner } from '../../../src/orchestrator/rule-planner.ts';
import type { Report } from '../../../src/report/report.ts';
import type { Target } from '../../../src/targets/target.ts';
import { inBrokenWorld } from '../../support/ask-world.ts';
import { openModelBench } from '../../support/model-bench.ts';

const calls = ({ results }: Report) =>
  results.map(({ agent, target, status, params }) => ({ agent, target, status, params: params ?? {} }));

/** A SELECT that is slow by itself, and that now waits behind LOCK TABLES. */
const patternBehindLock = defineFault({
  id: 'pattern-behind-lock',
  title: 'A slow pattern of the log runs again and waits for a table that somebody has locked',
  question: 'which queries were slow on orders-prod?',
  primary: { args: ['--long-query-time=0.02'] },
  async inject({ primary }) {
    const setup = await primary.connect({ initSql: 'SET SESSION slow_query_log = OFF' });
    await createBigTable(setup, 200_000, 'shop.search_log');
    await setup.end();
    const application = await openSession(primary);
    for (let turn = 0; turn < 20; turn++)
      await application.connection.query('SELECT id FROM search_log WHERE v = ?', [turn * 41]);
    const holder = await openSession(primary);
    await holder.connection.query('LOCK TABLES search_log WRITE');
    startStatement(application, 'SELECT id FROM search_log WHERE v = 17');
    await waitForState(primary, [application], 'metadata lock');
    return {
      async gate() {
        const [row] = await primary.query<{ n: number }>(
          `SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE ID = ${application.thread} AND STATE LIKE '%lock%'`,
        );
        prove(Number(row?.n) === 1, 'the pattern does not wait');
        return `thread ${application.thread} waits behind ${holder.thread}`;
      },
      undo: () => endSessions(primary, [application, holder]),
      expect: { required: [{ code: 'query.pattern_now', facts: { blockedBy: holder.subject } }] },
    };
  },
});

describe('the workflows on real servers', () => {
  it('why slow: from triage and locks to the table in question, its schema and its patterns', async () => {
    await inBrokenWorld('chain-and-missing-index', async (ask) => {
      const report = await ask('why is orders-prod slow?');
      expect(report.plan.workflow).toBe('why_slow');
      for (const table of ['shop.orders', 'shop.search_log']) {
        for (const agent of ['schema_health', 'slow_query'])
          expect(calls(report)).toContainEqual({
            agent,
            target: 'orders-prod',
            status: 'completed',
            params: { table },
          });
        expect(report.text).toContain(`slow query (table ${table})`);
      }
      expect(report.findings.map(({ code }) => code)).toEqual(
        expect.arrayContaining(['lock.row_chain', 'query.missing_index']),
      );
    });
  });

  it('full health and "is it the database" on a healthy server: what is left out is listed, and the answer is no', async () => {
    await inBrokenWorld('none', async (ask) => {
      const health = await ask('full health check of orders-prod');
      expect(health.plan.agents).toHaveLength(9);
      expect(health.results.map(({ agent }) => agent).toSorted()).toEqual(
        health.plan.agents.map(({ agent }) => agent).toSorted(),
      );
      const skipped = health.results.filter(({ status }) => status === 'skipped');
      expect(skipped.map(({ agent }) => agent).toSorted()).toEqual(['connections', 'running_query']);
      for (const { reason } of skipped) expect(health.text).toContain(`skipped (${reason})`);
      expect(health.verdict).toBe('healthy');
      const blame = await ask('the app is slow, is it the database?');
      expect(blame.conclusion).toMatchObject({ answer: 'no', findings: [] });
      expect(blame.text).toContain('Is it the database? No:');
    });
  });

  it('full health goes deep where triage hurts, and "is it the database" is answered with the lock', async () => {
    await inBrokenWorld('row-lock-chain', async (ask) => {
      const health = await ask('full health check of orders-prod');
      expect(calls(health)).toContainEqual(expect.objectContaining({ agent: 'running_query', status: 'completed' }));
      expect(calls(health)).toContainEqual(expect.objectContaining({ agent: 'connections', status: 'skipped' }));
      const blame = await ask('checkout is slow, is it the database or the app?');
      expect(blame.conclusion?.answer).toBe('yes');
      const [first] = blame.findings;
      expect(first?.code).toBe('lock.row_chain');
      expect(blame.conclusion?.findings[0]).toBe(first?.id);
      expect(blame.conclusion?.text).toContain(first?.title);
    });
  });

  it('ends the plan of a model in the same steps', async () => {
    const bench = await openModelBench();
    bench.server.respond(({ tools }) => {
      const name = tools.includes('enough') ? 'enough' : 'perform_incident_triage';
      return { calls: [{ name, arguments: {} }] };
    });
    const planned = (targets: readonly Target[]) =>
      createModelPlanner(bench.model, agents, targets, createRulePlanner(agents, targets));
    await inBrokenWorld(
      'row-lock-chain',
      async (ask) => {
        const report = await ask('the app is slow, is it the database?');
        expect(report.plan).toMatchObject({ source: 'model', workflow: 'is_it_the_database' });
        expect(report.plan.agents.map(({ agent }) => agent)).toEqual(['incident_triage']);
        expect(calls(report).map(({ agent }) => agent)).toEqual(
          expect.arrayContaining(['incident_triage', 'running_query', 'slow_query', 'schema_health']),
        );
        expect(report.conclusion?.answer).toBe('yes');
      },
      planned,
    );
    await bench.server.close();
  });

  it('lag and slow together: what the replica applies late is tied to what the primary wrote', async () => {
    await inBrokenWorld('replica-lag-no-pk', async (ask, { about, primary }) => {
      const report = await ask(`${about} lags and everything is slow`);
      expect(report.plan.workflow).toBe('lag_and_slow');
      for (const agent of ['running_query', 'slow_query', 'schema_health'])
        expect(calls(report)).toContainEqual(
          expect.objectContaining({ agent, target: primary.name, status: 'completed' }),
        );
      const late = report.findings.find(({ code }) => code === 'repl.lag_no_pk');
      const cause = report.findings.find(({ code }) => code === 'schema.no_primary_key');
      expect(cause).toMatchObject({ target: primary.name, subject: late?.subject });
      expect(late?.causedBy).toContain(cause?.id);
    });
  });

  it('a suspicious pattern of the slow log is looked up in what runs now, and who blocks it', async () => {
    await inBrokenWorld(patternBehindLock, async (ask) => {
      const report = await ask('which queries were slow on orders-prod?');
      expect(report.plan.agents.map(({ agent }) => agent)).toEqual(['slow_query']);
      expect(report.plan.workflow).toBe('suspicious_pattern');
      const now = report.findings.find(({ code }) => code === 'query.pattern_now');
      const blocker = report.findings.find(({ code }) => code.startsWith('lock.'));
      expect(now?.facts).toMatchObject({ running: 1, blocked: 1, blockedBy: blocker?.subject });
      expect(now?.causedBy).toEqual([blocker?.id]);
      const missing = report.findings.find(({ code }) => code === 'query.missing_index');
      expect(now?.subject).toBe(missing?.facts['fingerprintId']);
    });
  });
});
