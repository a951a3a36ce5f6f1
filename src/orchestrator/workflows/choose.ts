import type { Plan, WorkflowName } from '../../report/report.ts';
import { normalise } from '../rules/question-text.ts';
import { domains } from './domains.ts';
import { fullHealth } from './full-health.ts';
import { isItTheDatabase } from './is-it-the-database.ts';
import { lagAndSlow } from './lag-and-slow.ts';
import type { Workflow } from './step.ts';
import { suspiciousPattern } from './suspicious-pattern.ts';
import { whySlow } from './why-slow.ts';

const workflows: Readonly<Record<WorkflowName, Workflow>> = {
  why_slow: whySlow,
  full_health: fullHealth,
  is_it_the_database: isItTheDatabase,
  lag_and_slow: lagAndSlow,
  suspicious_pattern: suspiciousPattern,
  domains,
};

export function workflowNamed(name: WorkflowName): Workflow {
  return workflows[name];
}

const database = '(the |our |my |this )?(data ?base|db|mariadb|mysql|db server|datenbank|base de (datos|donnees))';
const asksIfDatabase = new RegExp(
  String.raw`\b(is|was|isn't|could|can|may|might) (it|this|that|the (problem|cause|culprit|bottleneck)) (be |really |maybe |perhaps |just |caused by |because of |due to |down to )*${database}\b` +
    String.raw`|\bis ${database} (really |maybe )?(to blame|at fault|guilty|the (problem|cause|culprit|bottleneck|reason|issue))` +
    String.raw`|\b${database} or (is it )?(the |our |my )?(app|application|network|code|service|backend)\b` +
    String.raw`|\b(app|application|network|code|service|backend) or (is it )?${database}\b` +
    String.raw`|\bblame ${database}\b|\bliegt (es|das) an der datenbank\b|\best-ce la base\b|\bes la base de datos\b`,
);

/** Somebody wants every single agent run, whatever the first results say. */
const asksForAllAgents = /\b(all|every|each|nine|9)( of)?( the| your)?( nine| 9)? (agents?|checks?)\b/;

/**
 * The workflow that a plan ends in, whoever made the plan: by the agents that it names, and where the question wants a
 * yes or no, by its words. "Again" goes the same way as the turn before.
 */
export function chooseWorkflow(text: string, plan: Plan, before: Plan | undefined): WorkflowName {
  const words = normalise(text);
  const names = new Set(plan.agents.map(({ agent }) => agent));
  const slowOrRunning = names.has('slow_query') || names.has('running_query');
  const isNarrow = !slowOrRunning && !names.has('incident_triage');
  if (asksIfDatabase.test(words) && !isNarrow && names.size < 8) return 'is_it_the_database';
  const repeats = plan.agents.map(({ agent }) => agent).join() === before?.agents.map(({ agent }) => agent).join();
  if (repeats && before?.workflow) return before.workflow;
  if (names.size >= 8 && names.has('incident_triage')) return asksForAllAgents.test(words) ? 'domains' : 'full_health';
  if (names.has('replication_health') && slowOrRunning) return 'lag_and_slow';
  if (names.has('incident_triage') && names.has('slow_query')) return 'why_slow';
  if (names.has('slow_query')) return 'suspicious_pattern';
  return 'domains';
}
