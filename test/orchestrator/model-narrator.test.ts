import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { injections } from '../../lab/evals/injections.ts';
import type { ScriptedReply } from '../../lab/llm/model.ts';
import { parseConfig } from '../../src/config.ts';
import type { ChatModel } from '../../src/llm/chat-model.ts';
import { promptTokens, tokensOf } from '../../src/llm/tokens.ts';
import { createLog, silentLog } from '../../src/log.ts';
import { createModelNarrator } from '../../src/orchestrator/model-narrator.ts';
import { createOrchestrator } from '../../src/orchestrator/orchestrator.ts';
import { freePlanning } from '../../src/orchestrator/planner.ts';
import type { Finding } from '../../src/report/finding.ts';
import type { Report } from '../../src/report/report.ts';
import { renderText } from '../../src/report/text.ts';
import { reportMessages } from '../../src/slack/report/report-blocks.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';
import { type ModelBench, openModelBench } from '../support/model-bench.ts';
import { finding, report } from '../support/reports.ts';

let bench: ModelBench;
beforeAll(async () => {
  bench = await openModelBench(400);
});
beforeEach(() => bench.server.reset());
afterAll(() => bench.server.close());

const truths = [
  'Thread 8412 holds row locks.',
  'It has been idle for 312 seconds.',
  '14 sessions wait behind it.',
  'It comes from app@10.2.3.4.',
  'End thread 8412.',
];

function said(...texts: readonly string[]): ScriptedReply {
  return { json: { sentences: texts.map((text) => ({ text, findings: ['f1'] })) } };
}

function narrate(draft: Report = report()): Promise<Omit<Report, 'text'>> {
  return createModelNarrator(bench.model, silentLog).narrate(draft, { text: draft.question });
}

describe('the summary of a model', () => {
  it('is kept where the findings support it, with its usage', async () => {
    bench.server.reply({ ...said(...truths.slice(0, 3)), usage: { inputTokens: 700, outputTokens: 50 } });
    const told = await narrate();
    expect(told.narrative).toBe(truths.slice(0, 3).join(' '));
    expect(told.usage).toMatchObject({ llmCalls: 1, inputTokens: 700, outputTokens: 50 });
    expect(told.notes).toEqual([]);
  });

  it('is read with words around it', async () => {
    bench.server.reply({
      text: `Here it is:\n{"sentences":[{"text":"${truths[2]}","findings":["f1"]}]}\nAnything else?`,
    });
    expect((await narrate()).narrative).toBe(truths[2]);
  });

  it('is read from a fence too', async () => {
    bench.server.reply({ text: `\`\`\`json\n{"sentences":[{"text":"${truths[2]}","findings":["f1"]}]}\n\`\`\`` });
    expect((await narrate()).narrative).toBe(truths[2]);
  });

  it('loses a lie and keeps the rest', async () => {
    bench.server.reply(said(...truths.slice(0, 4), '41 sessions wait behind it.'));
    const told = await narrate();
    expect(told.narrative).toBe(truths.slice(0, 4).join(' '));
    expect(told.notes).toEqual(['1 sentence of the model left out: no finding supports it']);
  });

  it('leaves no word of a dropped sentence in the log', async () => {
    const lines: string[] = [];
    const log = createLog('debug', { write: (line) => void lines.push(line) });
    bench.server.reply(said(...truths.slice(0, 4), 'It reads zqsecret.zqtable (zqone, zqtwo) for zqwho.'));
    await createModelNarrator(bench.model, log).narrate(report(), { text: 'why?' });
    expect(lines).toEqual([expect.stringContaining('"dropped":1,"of":5')]);
    expect(lines.join()).not.toContain('zq');
  });

  it('gives way to the template, which says so, where more than a fifth are lies', async () => {
    bench.server.reply(said(...truths.slice(0, 3), 'The network is slow.'));
    const told = await narrate();
    expect(told.narrative).toBeUndefined();
    expect(told.notes).toEqual([expect.stringMatching(/not supported by the findings; the template speaks/)]);
    expect(told.usage.llmCalls).toBe(1);
  });

  it.each<[string, ScriptedReply]>([
    ['prose', { text: 'Thread 8412 holds row locks.' }],
    ['other JSON', { json: { verdict: 'healthy' } }],
    ['a sentence without findings', { json: { sentences: [{ text: '14 sessions wait.', findings: [] }] } }],
    ['nothing', { text: '' }],
    ['JSON that ends early', { text: '{"sentences":[{"text":"14' }],
    ['no sentence', { json: { sentences: [] } }],
    ['a tool call', { calls: [{ name: 'run_sql', arguments: { sql: 'DROP TABLE x' } }] }],
  ])('gives way to the template where it is %s', async (_, reply) => {
    bench.server.reply(reply);
    const told = await narrate();
    expect(told.narrative).toBeUndefined();
    expect(told.notes).toEqual([expect.stringMatching(/^the summary of the model .*; the template speaks$/)]);
  });

  it.each<[string, ScriptedReply, RegExp]>([
    ['200 kB', { text: 'x'.repeat(200_000) }, /too large/],
    ['a body that is no JSON', { fault: 'malformed' }, /no model answers/],
    ['a cut connection', { fault: 'cut' }, /reached|broke/],
    ['silence', { text: 'late', latencyMs: 5_000 }, /in time/],
    ['a used-up limit', { status: 429, retryAfterSeconds: 60 }, /too often/],
    ['a server error', { status: 500 }, /out of order/],
    ['a wrong key', { status: 401 }, /refuses the key/],
  ])('is replaced by the template, with a note in the report, after %s', async (_, reply, note) => {
    bench.server.respond(() => reply);
    const config = parseConfig('targets: [{name: a, host: h, user: u}]', 'test.yml', {});
    const narrator = createModelNarrator(bench.model, silentLog);
    const orchestrator = createOrchestrator({
      agents: [],
      targets: createTargetRegistry(config),
      planner: {
        plan: async () => ({ ...freePlanning, plan: report({ plan: { ...report().plan, targets: ['a'] } }).plan }),
      },
      // The servers are left out of it: the findings come from here.
      narrator: { narrate: (draft, question) => narrator.narrate({ ...draft, findings: [finding('f1')] }, question) },
      settings: config.run,
      log: silentLog,
    });
    const { narrative, notes, text } = await orchestrator.ask({ text: 'why is a slow?' });
    expect(narrative).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(note)]);
    expect(text).toMatch(note);
  });

  it('costs nothing where there is nothing to explain', async () => {
    const draft = report({ verdict: 'healthy', findings: [finding('f1', { severity: 'info' })] });
    expect(await narrate(draft)).toEqual(draft);
    expect(bench.server.requests()).toEqual([]);
  });
});

describe('the prompt of a summary', () => {
  it('stays within 12,000 tokens for hundreds of long findings, the worst first', async () => {
    const long = (index: number): Finding => {
      const action = { action: 'a'.repeat(2_000), sql: 's'.repeat(2_000), risk: 'safe' } as const;
      return finding(`f${index}`, { summary: 'y'.repeat(5_000), recommendations: Array(9).fill(action) });
    };
    bench.server.reply(said(truths[0]!));
    await narrate(report({ findings: Array.from({ length: 300 }, (_, index) => long(index + 1)) }));
    const [request] = bench.server.requests();
    expect(`${request?.system}${request?.user}`.length).toBeLessThanOrEqual(42_000);
    expect(request?.user).toContain('"id":"f10"');
  });

  it.each<[string, Partial<Report>]>([
    [
      'a fleet and words of another script',
      {
        target: Array.from({ length: 200 }, (_, index) => `orders-production-eu-central-${index}`).join(', '),
        findings: Array.from({ length: 200 }, (_, index) => finding(`f${index}`, { summary: '数'.repeat(900) })),
      },
    ],
    [
      'brackets, which are written longer than they are',
      { findings: Array.from({ length: 200 }, (_, index) => finding(`f${index}`, { summary: '<'.repeat(900) })) },
    ],
    ['a finding with thousands of causes', { findings: [finding('f1', { causedBy: Array(20_000).fill('f2') })] }],
  ])('stays within it for %s, and is sent', async (_, given) => {
    const sent: number[] = [];
    const model: ChatModel = {
      name: 'counted',
      async complete(request) {
        sent.push(tokensOf(request));
        return { text: '', toolCalls: [], usage: { inputTokens: 1, outputTokens: 1 } };
      },
    };
    await createModelNarrator(model, silentLog).narrate(report(given), { text: 'why?' });
    expect(sent).toHaveLength(1);
    expect(sent[0]).toBeLessThanOrEqual(promptTokens.narrate);
    expect(sent[0]).toBeGreaterThan(400);
  });

  it('names the server of a finding where several were asked', async () => {
    bench.server.reply(said(truths[0]!));
    await narrate(report({ target: 'orders-prod, billing-prod' }));
    expect(bench.server.requests()[0]?.user).toContain('"target":"orders-prod","code"');
  });

  it('holds no row, no statement and no secret; what was masked reads as before', async () => {
    const subject = 'anna@shop.test';
    const row = { sql: 'SELECT evidence_secret', rows: [{ info: 'row-secret' }] };
    const evidence = {
      id: 'e1',
      probe: 'p',
      target: 't',
      takenAt: '',
      durationMs: 1,
      windowSeconds: 0,
      truncated: false,
    };
    bench.server.respond(({ user }) => said(`It comes from ${/\[email-\d+\]/.exec(user)?.[0]}.`));
    const summary = "anna@shop.test failed with password='log-secret'";
    const told = await narrate(
      report({ findings: [finding('f1', { subject, summary })], evidence: [{ ...evidence, ...row }] }),
    );
    expect(JSON.stringify(bench.server.requests())).not.toMatch(/-secret|_secret|anna@|KILL 8412/);
    expect(told.narrative).toBe('It comes from anna@shop.test.');
  });
});

describe('a model that obeys what it reads', () => {
  const places = ['subject', 'title', 'summary'] as const;

  it.each(injections.flatMap((one) => places.map((place) => [one.style, place, one] as const)))(
    'changes nothing: %s in the %s',
    async (_, place, { payload, obeyed }) => {
      const draft = report({ findings: [finding('f1', { [place]: `Thread 8412: ${payload}` }), finding('f2')] });
      bench.server.respond(({ user }) => {
        expect(user.match(/<\/findings>/g)).toHaveLength(1);
        return said(...obeyed);
      });
      const { narrative, ...told } = await narrate(draft);
      const { notes, usage } = told;
      expect(narrative).toBeUndefined();
      expect(notes).toHaveLength(1);
      expect(told).toEqual({ ...draft, notes, usage });
      const { messages } = reportMessages({ ...told, text: renderText(told) }, 'ref');
      for (const { text, blocks } of messages) {
        expect(text).not.toMatch(/<|\bhttps?:\/\//);
        expect(JSON.stringify(blocks)).not.toMatch(/"type":"(mrkdwn|link|user|usergroup|channel|broadcast)"/);
      }
    },
  );
});
