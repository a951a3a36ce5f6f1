import type { Agent } from '../agents/agent.ts';
import type { AgentOutcome } from '../report/assemble.ts';
import { matchesCode } from '../report/causes.ts';
import type { LocatedFinding } from '../report/correlate.ts';
import type { RunCall } from './question.ts';

interface FollowUp {
  /** A finding of this code … */
  readonly seen: string;
  /** … is looked into by this agent … */
  readonly agent: string;
  /** … with these parameters. */
  readonly params?: (finding: LocatedFinding) => Readonly<Record<string, unknown>>;
}

/** Which agent looks deeper when a finding asks for it. Only what hurts is followed, and once. */
const followUps: readonly FollowUp[] = [
  { seen: 'lock.*', agent: 'running_query' },
  { seen: 'tx.*', agent: 'running_query' },
  { seen: 'ddl.*', agent: 'running_query' },
  { seen: 'conn.*', agent: 'connections' },
  { seen: 'conn.near_limit', agent: 'running_query' },
  { seen: 'repl.*', agent: 'replication_health' },
  { seen: 'capacity.*', agent: 'capacity' },
  { seen: 'query.*', agent: 'slow_query' },
];

/** The calls that the outcomes so far ask for and that have not been made. */
export function followUpCalls(
  outcomes: readonly AgentOutcome[],
  made: readonly RunCall[],
  agents: readonly Agent[],
): RunCall[] {
  const calls: RunCall[] = [];
  for (const finding of outcomes.flatMap((outcome) => outcome.findings)) {
    if (finding.severity === 'info') continue;
    if (outcomes.some(({ result }) => result.target === finding.target && result.status === 'failed')) continue;
    for (const rule of followUps.filter(({ seen }) => matchesCode(seen, finding.code))) {
      const agent = agents.find(({ name }) => name === rule.agent);
      const same = (call: RunCall) => call.agent.name === rule.agent && call.target === finding.target;
      if (!agent || made.some(same) || calls.some(same)) continue;
      calls.push({ agent, target: finding.target, params: rule.params?.(finding) ?? {} });
    }
  }
  return calls;
}
