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
        const headline = calm(call.target, hurts, sight);
        if (headline === undefined) calls.push(call);
        else skips.push({ call, reason: `triage saw nothing in ${domain} that hurts: ${headline}` });
      }
    }
    return { calls, skips };
  },
};

const unseen: ReadonlySet<string> = new Set(['coverage.missing_privilege', 'coverage.timed_out']);

/** Triage's headline where it saw everything and nothing in the domain is above a threshold; undefined otherwise. */
function calm(target: string, hurts: RegExp, { outcomes }: Sight): string | undefined {
  const triage = outcomes.find(({ result }) => result.agent === 'incident_triage' && result.target === target);
  if (triage?.result.status !== 'completed' || triage.blind) return undefined;
  if (triage.coverage.some(({ code }) => unseen.has(code))) return undefined;
  const pain = findingsOn(target, outcomes).some(({ code, severity }) => severity !== 'info' && hurts.test(code));
  return pain ? undefined : (triage.result.headline ?? 'it is calm');
}

/** Full health with adaptive depth: a light look at every domain, a deep one where it hurts; what is left out is listed. */
export const fullHealth: Workflow = {
  name: 'full_health',
  heldBack: deepLooks.map(({ agent }) => agent),
  // The schema has been read whole by now; of a table in question only its patterns remain to be seen.
  steps: [depth, intoDomains, tableInQuestion],
};
