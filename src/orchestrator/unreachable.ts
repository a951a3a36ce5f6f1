import type { TargetUnreachableError } from '../errors.ts';
import { judgeLastWords } from '../judgements/last-words.ts';
import { judgeUnreachable } from '../judgements/reachability.ts';
import { createRunReadings } from '../probes/collector.ts';
import { lastWords } from '../probes/error-log.ts';
import type { ProbeSource } from '../probes/probe.ts';
import type { AgentOutcome } from '../report/assemble.ts';
import type { Evidence } from '../report/evidence.ts';
import type { FindingDraft } from '../report/finding.ts';
import type { CoverageGap } from '../report/report.ts';
import { serverFacts } from '../targets/server-facts.ts';
import type { Target } from '../targets/target.ts';
import { placeOf } from './place.ts';
import type { RunCall } from './question.ts';

/** A server that did not let us in, and what its error log tells beside it. */
export interface Unreachable {
  readonly error: TargetUnreachableError;
  readonly findings: readonly FindingDraft[];
  readonly gaps: readonly Pick<CoverageGap, 'code' | 'summary' | 'fix'>[];
  readonly evidence: readonly Evidence[];
}

const readLines = 5_000;
/** Whoever asks about a dead server wants to know about its last day. */
const readHours = 24;

/** Judges that a server did not answer. Its error log is read where that needs no server. */
export async function meetUnreachable(
  target: Target,
  error: TargetUnreachableError,
  startedAtMs: number,
  source: Pick<ProbeSource, 'cloudLogs' | 'signal'> & { readonly number: () => string },
): Promise<Unreachable> {
  const evidence: Evidence = {
    id: source.number(),
    probe: 'connect',
    target: target.name,
    sql: 'connect',
    takenAt: new Date(startedAtMs).toISOString(),
    durationMs: Date.now() - startedAtMs,
    windowSeconds: 0,
    truncated: false,
    rows: [{ error: error.message, errno: error.errno ?? null }],
  };
  const { finding, gap } = judgeUnreachable(target, error, evidence.id);
  const seen: Unreachable = {
    error,
    findings: finding ? [finding] : [],
    gaps: gap ? [gap] : [],
    evidence: [evidence],
  };
  const isReadable = target.errorLog !== undefined || source.cloudLogs !== undefined;
  if (error.code !== 'target_unreachable' || !isReadable) return seen;
  const reading = await createRunReadings(deafSource(target, source), source.number).read(lastWords, {
    lines: readLines,
    hours: readHours,
  });
  if (reading.status === 'blind') return { ...seen, gaps: [...seen.gaps, reading.blindness] };
  const words = judgeLastWords({ target: target.name, log: reading.data, evidence: [reading.evidence.id] });
  return { ...seen, findings: [...seen.findings, ...words], evidence: [evidence, reading.evidence] };
}

/** A source for probes that read files and archives only. */
function deafSource(target: Target, { cloudLogs, signal }: Pick<ProbeSource, 'cloudLogs' | 'signal'>): ProbeSource {
  return {
    target,
    facts: serverFacts([], []),
    windowSeconds: 0,
    signal,
    cloudLogs,
    query: () => Promise.reject(new Error('the server cannot be reached')),
    wait: () => Promise.resolve(),
    now: () => Date.now(),
    ownStatements: () => 0,
  };
}

/** The result of any agent on a server that did not let us in. */
export function outcomeOfUnreachable(call: RunCall, seen: Unreachable): AgentOutcome {
  const here = { agent: call.agent.name, target: call.target };
  return {
    result: { ...placeOf(call), status: 'failed', durationMs: 0, reason: seen.error.message },
    findings: seen.findings.map((finding) => ({ ...finding, ...here })),
    coverage: seen.gaps.map(({ code, summary, fix }) => ({ ...here, code, summary, fix })),
    blind: true,
    evidence: seen.evidence,
  };
}
