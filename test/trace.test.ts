import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Model, startModel } from '../lab/llm/model.ts';
import { type LabServer, startServer } from '../lab/mariadb/server.ts';
import { targetEntry } from '../lab/mariadb/target.ts';
import { composeOrchestrator } from '../src/bot.ts';
import { type Config, loadConfig, parseConfig } from '../src/config.ts';
import { createLog } from '../src/log.ts';
import type { Orchestrator } from '../src/orchestrator/question.ts';
import { createTargetRegistry, type TargetRegistry } from '../src/targets/registry.ts';
import { attributeNames, spanNames } from '../src/trace.ts';
import { type RecordedSpan, recordSpans } from './support/spans.ts';

let server: LabServer;
let model: Model;
let registry: TargetRegistry;
let orchestrator: Orchestrator;
let lines: Record<string, unknown>[] = [];
let recording: ReturnType<typeof recordSpans> | undefined;

beforeAll(async () => {
  [server, model] = await Promise.all([startServer({ name: 'orders-prod' }), startModel()]);
  const variables = { DB_HOST: 'unused', OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: model.apiKey };
  const file = { targets: [targetEntry(server)], run: { windowSeconds: 0.2, cacheSeconds: 0 } };
  const environment = loadConfig(undefined, variables).environment;
  const config: Config = { ...parseConfig(JSON.stringify(file), 'test.yml', {}), path: undefined, environment };
  registry = createTargetRegistry(config);
  const log = createLog('info', { write: (line: string) => void lines.push(JSON.parse(line)) });
  orchestrator = composeOrchestrator(config, registry, log);
});
afterEach(() => {
  recording?.stop();
  recording = undefined;
  model.reset();
  lines = [];
});
afterAll(async () => {
  await registry?.close();
  await Promise.all([server?.stop(), model?.close()]);
});

function named(spans: readonly RecordedSpan[], name: string): RecordedSpan[] {
  return spans.filter((span) => span.name === name);
}

const secretQuestion = "why is SELECT * FROM shop.orders WHERE note = 'zqsecret' slow?";

describe('a turn with a model, traced', () => {
  it('has a span for itself, the plan, the agents, their probes and every call of the model, by the GenAI conventions', async () => {
    recording = recordSpans();
    const usage = { inputTokens: 900, outputTokens: 60 };
    model.respond(({ tools }) =>
      tools.includes('enough')
        ? { calls: [{ name: 'enough', arguments: {} }], usage }
        : { calls: [{ name: 'analyze_running_queries', arguments: {} }], usage },
    );
    const report = await orchestrator.ask({ text: secretQuestion });
    expect(report.plan).toMatchObject({ kind: 'run', source: 'model' });
    const { spans } = recording;
    expect(spans.every(({ ended }) => ended)).toBe(true);
    expect(named(spans, spanNames.turn)).toEqual([
      expect.objectContaining({
        parent: undefined,
        attributes: expect.objectContaining({
          'gen_ai.operation.name': 'invoke_workflow',
          'dbcheck.target': 'orders-prod',
          'dbcheck.plan.source': 'model',
          'dbcheck.verdict': report.verdict,
        }),
      }),
    ]);
    expect(named(spans, spanNames.plan)[0]).toMatchObject({ parent: spanNames.turn });
    expect(named(spans, spanNames.agent('running_query'))[0]).toMatchObject({
      parent: spanNames.turn,
      attributes: { 'gen_ai.agent.name': 'running_query', 'dbcheck.status': 'completed' },
    });
    expect(named(spans, spanNames.probe('processlist'))[0]).toMatchObject({
      parent: spanNames.agent('running_query'),
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.type': 'datastore',
        'dbcheck.status': 'read',
      },
    });
    expect(named(spans, spanNames.model('gpt-5-mini'))[0]).toMatchObject({
      parent: spanNames.plan,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.usage.input_tokens': 900,
        'gen_ai.usage.output_tokens': 60,
        'dbcheck.purpose': 'plan',
      },
    });
  });

  it('has no name or key that is not on the list, and no words of the question or of a statement', async () => {
    recording = recordSpans();
    model.respond(() => ({ calls: [{ name: 'analyze_running_queries', arguments: { user: 'zqsecret' } }] }));
    await orchestrator.ask({ text: secretQuestion });
    await orchestrator.ask({ text: 'q', statements: ["SELECT 'zqsecret'", "DELETE FROM t WHERE a = 'zqsecret'"] });
    const keys = new Set<string>(Object.values(attributeNames));
    for (const { attributes } of recording.spans)
      for (const key of Object.keys(attributes)) expect(keys).toContain(key);
    expect(named(recording.spans, spanNames.probe('run_read_only_query')).map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({ 'dbcheck.status': 'answered', 'dbcheck.rows': 1 }),
      expect.objectContaining({ 'dbcheck.status': 'refused' }),
    ]);
    expect(JSON.stringify([recording.spans, lines])).not.toMatch(/zqsecret|SELECT|DELETE/);
  });

  it('tells the kind of a failure', async () => {
    recording = recordSpans();
    model.respond(() => ({ status: 401 }));
    await orchestrator.ask({ text: 'is orders-prod healthy?' });
    const [call] = named(recording.spans, spanNames.model('gpt-5-mini'));
    expect(call).toMatchObject({ failed: true, attributes: { 'error.type': 'model_failed' } });
  });
});

describe('the log of a turn', () => {
  it.each([
    ['run', 'is orders-prod healthy?', undefined],
    ['run', 'q', ['SELECT 1']],
    ['help', 'help', undefined],
    ['smalltalk', 'thanks!', undefined],
  ])('is one line: %s, %s', async (kind, text, statements) => {
    model.respond(() => ({ status: 500 }));
    await orchestrator.ask({ text, ...(statements ? { statements } : {}) });
    const told = lines.filter(({ msg }) => msg === 'a question was answered');
    expect(told).toEqual([expect.objectContaining({ kind, source: 'rules', durationMs: expect.any(Number) })]);
  });
});
