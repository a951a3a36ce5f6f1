import type { RunCall } from '../question.ts';
import { intoDomains } from './domains.ts';
import { findingsOn, type Sight, type Skip, type Step, type Workflow } from './step.ts';
import { tableInQuestion } from './why-slow.ts';

/**
 * What triage judges as well, by the same judgements, only with less detail: the agents to be called where it hurts.
 * Schema, configuration, backups, slow statements, replication and capacity have no lighter look than their own.
 */
const deepLooks: readonly { readonly agent: string; readonly hurts: RegExp; readonly domain: string }[] = [
  {
    agent: 'running_query',
    hurts: /^(lock|tx|ddl)\.|^conn\.(near_limit|exhausted)|^query\.long_running$/,
    domain: 'locks, transactions and statements',
  },
  { agent: 'connections', hurts: /^conn\./, domain: 'connections' },
];

/** Deep only where triage hurts, or could not see. */
const depth: Step = {
  name: 'depth',
  next(sight) {
    const calls: RunCall[] = [];
    const skips: Skip[] = [];
    for (const { agent, hurts, domain } of deepLooks) {
      for (const call of sight.heldBack.filter((held) => held.agent.name === agent)) {
        if (isCalm(call.target, hurts, sight))
          skips.push({ call, reason: `triage saw nothing in ${domain} that hurts` });
        else calls.push(call);
      }
    }
    return { calls, skips };
  },
};

const unseen: ReadonlySet<string> = new Set(['coverage.missing_privilege', 'coverage.timed_out']);

/** Whether triage saw everything and nothing in the domain is above a threshold. What it saw, its own line tells. */
function isCalm(target: string, hurts: RegExp, { outcomes }: Sight): boolean {
  const triage = outcomes.find(({ result }) => result.agent === 'incident_triage' && result.target === target);
  if (triage?.result.status !== 'completed' || triage.blind) return false;
  if (triage.coverage.some(({ code }) => unseen.has(code))) return false;
  return !findingsOn(target, outcomes).some(({ code, severity }) => severity !== 'info' && hurts.test(code));
}

/** Full health with adaptive depth: a light look at every domain, a deep one where it hurts; what is left out is listed. */
export const fullHealth: Workflow = {
  name: 'full_health',
  heldBack: deepLooks.map(({ agent }) => agent),
  // The schema has been read whole by now; of a table in question only its patterns remain to be seen.
  steps: [depth, intoDomains, tableInQuestion],
};
