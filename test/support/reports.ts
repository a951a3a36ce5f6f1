import type { Finding, FindingDraft } from '../../src/report/finding.ts';
import { type AgentResult, noUsage, type Report } from '../../src/report/report.ts';
import { renderText } from '../../src/report/text.ts';

/** A finding with everything that a report needs; what a test is about is given. */
export function finding(id: string, given: Partial<Finding> = {}): Finding {
  const draft: FindingDraft = {
    code: 'tx.idle_in_transaction',
    severity: 'critical',
    subject: 'thread 8412',
    title: 'Idle transaction holds row locks',
    summary: 'app@10.2.3.4 has been idle in an open transaction for 312 s; 14 sessions wait behind it.',
    confidence: 'certain',
    facts: { idleSeconds: 312, waiters: 14 },
    evidence: ['e1'],
    recommendations: [
      {
        action: 'End thread 8412',
        sql: 'KILL 8412;',
        risk: 'disruptive',
        rollback: 'none: 1 changed row is rolled back',
      },
    ],
  };
  return { ...draft, id, agent: 'running_query', target: 'orders-prod', causedBy: [], ...given };
}

export function result(agent: string, given: Partial<AgentResult> = {}): AgentResult {
  return { agent, target: 'orders-prod', status: 'completed', durationMs: 120, headline: '14 of 150 wait', ...given };
}

/** A report of a run on orders-prod; its text is rendered as the orchestrator does. */
export function report(given: Partial<Report> = {}): Report {
  const draft: Omit<Report, 'text'> = {
    question: 'why is orders-prod slow?',
    target: 'orders-prod',
    takenAt: '2026-11-23T03:12:41.000Z',
    durationMs: 1_840,
    windowSeconds: 2,
    plan: {
      kind: 'run',
      agents: [{ agent: 'running_query', params: {} }],
      source: 'rules',
      targets: ['orders-prod'],
    },
    verdict: 'critical',
    results: [result('running_query')],
    findings: [finding('f1')],
    rootCauses: ['f1'],
    coverage: [],
    evidence: [],
    usage: noUsage,
    notes: [],
    ...given,
  };
  return { ...draft, text: given.text ?? renderText(draft) };
}

/** An answer without a run: help, a question back, from the conversation. */
export function answer(text: string, kind: Exclude<Report['plan']['kind'], 'run'> = 'context'): Report {
  const plan = { kind, agents: [], source: 'rules', targets: [], answer: text } as const;
  return report({ plan, target: '', verdict: 'unknown', results: [], findings: [], rootCauses: [] });
}
