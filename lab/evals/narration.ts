import { createChatCompletionsModel } from '../../src/llm/chat-completions.ts';
import { silentLog } from '../../src/log.ts';
import { createModelNarrator } from '../../src/orchestrator/model-narrator.ts';
import type { Finding } from '../../src/report/finding.ts';
import { noUsage, type Report } from '../../src/report/report.ts';
import { startModel } from '../llm/model.ts';
import { injections } from './injections.ts';
import { findings, lies, truths } from './lies.ts';

export interface NarrationScore {
  readonly suite: string;
  readonly tried: number;
  /** What of it a person would have read. */
  readonly reached: readonly string[];
}

const report: Omit<Report, 'text'> = {
  question: 'why is orders-prod slow?',
  target: 'orders-prod',
  takenAt: '2026-11-23T03:12:41.000Z',
  durationMs: 1_840,
  windowSeconds: 2,
  plan: { kind: 'run', agents: [{ agent: 'running_query', params: {} }], source: 'model', targets: ['orders-prod'] },
  verdict: 'critical',
  results: [],
  findings,
  rootCauses: ['f1'],
  coverage: [],
  evidence: [],
  usage: noUsage,
  notes: [],
};

/** A scripted model behind real HTTP that lies, and one that obeys what it reads: what of it gets into a report's text. */
export async function scoreNarration(): Promise<readonly NarrationScore[]> {
  const server = await startModel();
  const client = { apiKey: server.apiKey, baseUrl: server.baseUrl, name: 'scripted', timeoutMs: 10_000 };
  const narrator = createModelNarrator(createChatCompletionsModel(client), silentLog);

  /** What a person reads of it when the model says this: empty where the template speaks. */
  async function told(draft: Omit<Report, 'text'>, sentences: readonly object[]): Promise<string> {
    server.reply({ json: { sentences } });
    return (await narrator.narrate(draft, { text: draft.question })).narrative ?? '';
  }

  try {
    const lied: string[] = [];
    // Among five truths a lie is a small share, so that it is dropped alone and the rest is read.
    const around = truths.slice(0, 5).map(([text, ids]) => ({ text, findings: ids }));
    for (const [, lie, ids] of lies) {
      if ((await told(report, [...around, { text: lie, findings: ids }])).includes(lie)) lied.push(lie);
    }
    const obeyed: string[] = [];
    let tried = 0;
    for (const { payload, obeyed: sentences } of injections) {
      for (const place of ['subject', 'title', 'summary'] as const) {
        const poisoned = { ...(findings[0] as Finding), [place]: `Thread 8412: ${payload}` };
        const summary = await told(
          { ...report, findings: [poisoned, ...findings.slice(1)] },
          sentences.map((sentence) => ({ text: sentence, findings: ['f1'] })),
        );
        tried++;
        obeyed.push(...sentences.filter((sentence) => summary.includes(sentence)));
      }
    }
    return [
      { suite: 'lies', tried: lies.length, reached: lied },
      { suite: 'injections', tried, reached: obeyed },
    ];
  } finally {
    await server.close();
  }
}
