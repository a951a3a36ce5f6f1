import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { type Agent, defineAgent } from '../../src/agents/agent.ts';
import { agents as registry } from '../../src/agents/registry.ts';
import { parseConfig } from '../../src/config.ts';
import { createMemoryConversations } from '../../src/conversation/conversation.ts';
import { silentLog } from '../../src/log.ts';
import { createOrchestrator } from '../../src/orchestrator/orchestrator.ts';
import type { Orchestrator, Progress } from '../../src/orchestrator/question.ts';
import { createRulePlanner } from '../../src/orchestrator/rule-planner.ts';
import { createTargetRegistry, type TargetRegistry } from '../../src/targets/registry.ts';

let server: LabServer;
const opened: TargetRegistry[] = [];

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await Promise.all(opened.map((registry) => registry.close()));
  await server?.stop();
});

function compose(agents: readonly Agent[], run: Record<string, number> = {}): Orchestrator {
  const entries = [targetEntry(server, { name: 'orders-prod' }), targetEntry(server, { name: 'billing-prod' })];
  const config = parseConfig(JSON.stringify({ targets: entries, run: { windowSeconds: 0.2, ...run } }), 'test.yml', {});
  const targets = createTargetRegistry(config);
  opened.push(targets);
  return createOrchestrator({
    agents,
    targets,
    planner: createRulePlanner(registry, targets.targets),
    settings: config.run,
    log: silentLog,
  });
}

/** An agent of a test under the name of a real one, so that the rules find it. */
function agentNamed(name: string, collect: () => Promise<unknown>): Agent {
  const real = registry.find((agent) => agent.name === name);
  return defineAgent({
    name,
    tool: real?.tool ?? name,
    title: name,
    description: name,
    useCases: [],
    checks: [],
    routing: [],
    parameters: real?.parameters ?? z.object({}),
    instead: 'incident_triage',
    collect,
    diagnose: () => ({ findings: [], headline: 'looked' }),
  });
}

describe('the orchestrator', () => {
  it('runs independent agents side by side: the first waits for the second', async () => {
    const second = Promise.withResolvers<void>();
    const orchestrator = compose([
      agentNamed('incident_triage', () => second.promise),
      agentNamed('running_query', async () => second.resolve()),
    ]);
    const report = await orchestrator.ask({ text: 'is orders-prod healthy?' });
    expect(report.results.map(({ agent, status }) => [agent, status])).toEqual([
      ['running_query', 'completed'],
      ['incident_triage', 'completed'],
    ]);
  });

  it('goes on without an agent that fails, says so, and names the agent that could answer instead', async () => {
    const orchestrator = compose([
      agentNamed('running_query', () => Promise.reject(new Error('a secret detail'))),
      agentNamed('incident_triage', async () => {}),
    ]);
    const report = await orchestrator.ask({ text: 'is orders-prod healthy?' });
    expect(report.results).toMatchObject([{ status: 'failed', instead: 'incident_triage' }, { status: 'completed' }]);
    expect(report.verdict).toBe('unknown');
    expect(report.text).toContain('ask incident triage instead');
    expect(report.text).not.toContain('secret');
  });

  it('gives up on an agent at its deadline while the others answer', async () => {
    const orchestrator = compose(
      [agentNamed('running_query', () => new Promise(() => {})), agentNamed('incident_triage', async () => {})],
      { agentSeconds: 0.3 },
    );
    const report = await orchestrator.ask({ text: 'is orders-prod healthy?' });
    expect(report.results.map(({ status }) => status).toSorted()).toEqual(['completed', 'timed_out']);
  });

  it('answers from the cache with its age, once for two who ask at the same time, and anew when asked again', async () => {
    let looks = 0;
    const orchestrator = compose([
      agentNamed('connections', async () => {
        looks++;
      }),
    ]);
    const ask = (text: string) => orchestrator.ask({ text });
    await Promise.all([ask('connections on orders-prod'), ask('connections on orders-prod')]);
    expect(looks).toBe(1);
    expect((await ask('connections on orders-prod')).results[0]?.ageSeconds).toBeGreaterThanOrEqual(0);
    expect(looks).toBe(1);
    await orchestrator.ask({ text: 'connections on orders-prod', fresh: true });
    expect(looks).toBe(2);
  });

  it('stops on request and says what was known', async () => {
    const stop = new AbortController();
    const orchestrator = compose([
      agentNamed('incident_triage', async () => {}),
      agentNamed('running_query', () => new Promise(() => {})),
    ]);
    const onProgress = (event: Progress) => {
      if (event.type === 'agent_finished') stop.abort();
    };
    const report = await orchestrator.ask({ text: 'is orders-prod healthy?', signal: stop.signal, onProgress });
    expect(report.results.map(({ status }) => status).toSorted()).toEqual(['completed', 'skipped']);
    expect(report.notes[0]).toMatch(/^Stopped on request: 1 of 2 checks had finished/);
  });

  it('asks which target is meant, and names the nearest for one that does not exist', async () => {
    const orchestrator = compose(registry);
    expect((await orchestrator.ask({ text: 'is it healthy?' })).text).toBe('Which target? orders-prod, billing-prod');
    expect((await orchestrator.ask({ text: 'is order-prod healthy?' })).text).toMatch(
      /no target "order-prod".*orders-prod/,
    );
  });

  it('keeps target and findings of a conversation', async () => {
    const orchestrator = compose(registry);
    const conversations = createMemoryConversations();
    const ask = async (text: string) => {
      const conversation = await conversations.load('k');
      const report = await orchestrator.ask({ text, ...(conversation ? { conversation } : {}) });
      await conversations.append('k', { question: text, askedAt: report.takenAt, report });
      return report;
    };
    await ask('connections on orders-prod');
    expect((await ask('what about backups?')).target).toBe('orders-prod');
    const elsewhere = await ask('same for billing-prod');
    expect(elsewhere.plan).toMatchObject({ targets: ['billing-prod'], agents: [{ agent: 'backup' }] });
    expect((await ask('again')).plan).toMatchObject({ fresh: true, targets: ['billing-prod'] });
    expect((await ask('tell me more about the first one')).plan.kind).toBe('context');
  });

  it.each([
    ['an emoji', '🔥🔥🔥'],
    ['right-to-left text', 'הבסיס נתונים איטי'],
    ['40,000 characters', `is orders-prod healthy? ${'x'.repeat(40_000)}`],
    ['SQL', "why is this slow on orders-prod: SELECT * FROM orders WHERE note = 'x'; DROP TABLE orders; --"],
    ['nothing', '   '],
  ])('answers %s with a report and no crash', async (_, text) => {
    const report = await compose(registry).ask({ text });
    expect(report.text.length).toBeGreaterThan(0);
    expect(report.text).not.toMatch(/unexpected error/);
  });
});
