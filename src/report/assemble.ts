import { correlate, type LocatedFinding } from './correlate.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { AgentResult, CoverageGap, Plan, Report, Usage, Verdict } from './report.ts';

/** What one agent brought home from one target. */
export interface AgentOutcome {
  readonly result: AgentResult;
  readonly findings: readonly LocatedFinding[];
  readonly coverage: readonly CoverageGap[];
  /** True where it could not see what its answer rests on. */
  readonly blind: boolean;
  readonly evidence: readonly Evidence[];
}

export interface ReportInput {
  readonly question: string;
  readonly plan: Plan;
  readonly takenAtMs: number;
  readonly durationMs: number;
  readonly outcomes: readonly AgentOutcome[];
  readonly usage: Usage;
  readonly notes: readonly string[];
  readonly replicasOf?: (target: string) => readonly string[];
}

/** Puts the agents' outcomes together: merged, correlated, ranked, numbered. The text is rendered afterwards. */
export function assembleReport(input: ReportInput): Omit<Report, 'text'> {
  const { findings, rootCauses } = correlate(
    input.outcomes.flatMap((outcome) => outcome.findings),
    input.replicasOf,
  );
  const evidence = dedupe(input.outcomes.flatMap((outcome) => outcome.evidence));
  const number = new Map(evidence.map(({ id }, index) => [id, `e${index + 1}`]));
  return {
    question: input.question,
    target: input.plan.targets.join(', '),
    takenAt: new Date(input.takenAtMs).toISOString(),
    durationMs: input.durationMs,
    // Hours of a log are no sampling window: that one lies within the run, or begins with the last sample of history.
    windowSeconds: Math.max(
      0,
      ...evidence
        .filter(({ probe, windowSeconds }) => probe === 'counters' || windowSeconds * 1_000 <= input.durationMs + 500)
        .map(({ windowSeconds }) => windowSeconds),
    ),
    plan: input.plan,
    verdict: verdictOf(findings, input.outcomes),
    results: input.outcomes.map(({ result }) => result),
    findings: findings.map((finding) => ({
      ...finding,
      evidence: finding.evidence.flatMap((id) => number.get(id) ?? []),
    })),
    rootCauses,
    // First the gaps of agents whose verdict needs what they could not see.
    coverage: dedupeGaps(
      input.outcomes.toSorted((a, b) => Number(b.blind) - Number(a.blind)).flatMap((outcome) => outcome.coverage),
    ),
    evidence: evidence.map((item) => ({ ...item, id: number.get(item.id) as string })),
    usage: input.usage,
    notes: input.notes,
  };
}

function verdictOf(findings: readonly Finding[], outcomes: readonly AgentOutcome[]): Verdict {
  if (findings.some(({ severity }) => severity === 'critical')) return 'critical';
  if (findings.some(({ severity }) => severity === 'warning')) return 'degraded';
  // What a workflow left out on purpose was judged by another agent; what was stopped was judged by nobody.
  const looked = outcomes.filter(
    ({ result, blind }) => result.status !== 'not_applicable' && (result.status !== 'skipped' || blind),
  );
  const sawAll = looked.every(({ result, blind }) => result.status === 'completed' && !blind);
  return looked.length > 0 && sawAll ? 'healthy' : 'unknown';
}

function dedupe(evidence: readonly Evidence[]): Evidence[] {
  return [...new Map(evidence.map((item) => [item.id, item])).values()];
}

/** The same gap seen by several agents is one line; the first agent keeps its name on it. */
function dedupeGaps(gaps: readonly CoverageGap[]): CoverageGap[] {
  const first = new Map<string, CoverageGap>();
  for (const gap of gaps) {
    const key = JSON.stringify([gap.code, gap.target, gap.summary]);
    if (!first.has(key)) first.set(key, gap);
  }
  return [...first.values()];
}
