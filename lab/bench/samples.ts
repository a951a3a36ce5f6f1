import { assembleReport } from '../../src/report/assemble.ts';
import type { FindingDraft } from '../../src/report/finding.ts';
import { noUsage, type Report } from '../../src/report/report.ts';
import { renderText } from '../../src/report/text.ts';

/** A report on one server with so many findings of several codes, severities and lengths. */
export function reportWith(findings: number): Report {
  const codes = ['lock.row_chain', 'query.slow_pattern', 'schema.duplicate_index', 'config.sql_mode_lax'] as const;
  const drafts = Array.from({ length: findings }, (_, at): FindingDraft & { agent: string; target: string } => ({
    code: codes[at % codes.length] as string,
    severity: (['critical', 'warning', 'info'] as const)[at % 3] ?? 'info',
    subject: `shop.table_${at}`,
    title: `Finding ${at} of a busy night`,
    summary: `It was measured ${at + 1} times in 60 s; ${at % 7} sessions waited for it.`,
    confidence: 'certain',
    facts: { times: at + 1, waiters: at % 7 },
    evidence: [],
    recommendations: [
      {
        action: `Mend ${at}`,
        sql: `ALTER TABLE shop.table_${at} DROP INDEX i;`,
        risk: 'needs_staging',
        rollback: 'none',
      },
    ],
    agent: 'incident_triage',
    target: 'orders-prod',
  }));
  const draft = assembleReport({
    question: 'is orders-prod healthy?',
    plan: {
      kind: 'run',
      agents: [{ agent: 'incident_triage', params: {} }],
      source: 'rules',
      targets: ['orders-prod'],
    },
    takenAtMs: Date.now(),
    durationMs: 1_840,
    outcomes: [
      {
        result: {
          agent: 'incident_triage',
          target: 'orders-prod',
          status: 'completed',
          durationMs: 1_800,
          headline: 'busy',
        },
        findings: drafts,
        coverage: [],
        blind: false,
        evidence: [],
      },
    ],
    usage: noUsage,
    notes: [],
    replicasOf: () => [],
  });
  return { ...draft, text: renderText(draft) };
}

/** A SELECT of about so many characters, with literals of every kind. */
export function statementOf(characters: number): string {
  let text =
    "SELECT o.id, o.total FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id WHERE o.note = 'it''s'";
  for (let at = 0; text.length < characters; at++)
    text += ` AND o.field_${at % 9} IN (${at}, 'value ${at}', 0x${at}ff)`;
  return text;
}
