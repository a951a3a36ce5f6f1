import type { Agent } from '../../agents/agent.ts';
import { incidentTriage } from '../../agents/incident-triage.ts';
import { runningQuery } from '../../agents/running-query.ts';
import { slowQuery } from '../../agents/slow-query.ts';
import { matchesCode } from '../../report/causes.ts';
import type { Finding } from '../../report/finding.ts';
import type { Conclusion, Report } from '../../report/report.ts';
import { answeringTargets, isCalled, type Step, type Workflow } from './step.ts';
import { whySlowSteps } from './why-slow.ts';

/** What makes an application wait or fail. Missing backups, lax settings and untidy schemas do not. */
const slowing: readonly string[] = [
  'lock.*',
  'ddl.*',
  'query.*',
  'tx.purge_blocked',
  'conn.near_limit',
  'conn.exhausted',
  'conn.storm',
  'incident.*',
  'capacity.disk_near_full',
  'capacity.memory',
  'capacity.open_files',
  'config.buffer_pool_small',
  'config.query_cache_contention',
  'config.name_resolve',
  'repl.lag',
];

/** Yes where something that slows an application stands above its threshold; no only where everything was seen. */
export function concludeIsItTheDatabase(report: Omit<Report, 'text'>): Conclusion {
  const pains = report.findings.filter(
    ({ code, severity }) => severity !== 'info' && slowing.some((pattern) => matchesCode(pattern, code)),
  );
  const roots = pains.filter(({ id }) => report.rootCauses.includes(id));
  const [worst] = roots.length > 0 ? roots : pains;
  if (worst) return yes(worst, pains, report);
  const seen = report.results.filter(({ status }) => status === 'completed');
  const unseen = report.results.filter(({ status }) => status === 'failed' || status === 'timed_out');
  const rests = [...new Set(seen.flatMap(({ headline }) => (headline ? [headline] : [])))].join('; ');
  if (report.verdict === 'unknown' || unseen.length > 0 || seen.length === 0) {
    const reason = unseen.find((result) => result.reason)?.reason ?? 'not everything could be seen';
    const so = rests === '' ? '' : ` What could be seen is calm: ${rests}.`;
    return { answer: 'unclear', text: `Is it the database? That cannot be told: ${reason}.${so}`, findings: [] };
  }
  const beside = report.findings.filter(({ severity }) => severity !== 'info');
  const but = beside.length === 0 ? '' : ` What is above a threshold does not slow an application: ${titles(beside)}.`;
  return {
    answer: 'no',
    text: `Is it the database? No: ${rests}.${but} Look at the application, its connection pool and the network next.`,
    findings: beside.map(({ id }) => id),
  };
}

function yes(worst: Finding, pains: readonly Finding[], report: Omit<Report, 'text'>): Conclusion {
  const sure = worst.confidence === 'certain' ? 'Yes' : worst.confidence === 'likely' ? 'Yes, most likely' : 'Perhaps';
  const number = report.findings.indexOf(worst) + 1;
  const more = pains.length > 1 ? `; ${pains.length} findings say so` : '';
  return {
    answer: worst.confidence === 'possible' ? 'unclear' : 'yes',
    text: `Is it the database? ${sure}: ${worst.title} · ${worst.subject} (${number}${more}).`,
    findings: [worst, ...pains.filter((pain) => pain !== worst)].map(({ id }) => id),
  };
}

function titles(findings: readonly Finding[]): string {
  const [first, ...rest] = findings.map(({ title, subject }) => `${title} · ${subject}`);
  return rest.length > 0 ? `${first} and ${rest.length} more` : `${first}`;
}

/** A "no" rests on all three, so those that the plan left out are asked as well. */
const everyLook: Step = {
  name: 'every look',
  next(sight) {
    const looks: readonly Agent[] = [incidentTriage, runningQuery, slowQuery];
    const calls = answeringTargets(sight).flatMap((target) =>
      looks.filter(({ name }) => !isCalled(name, target, sight)).map((agent) => ({ agent, target, params: {} })),
    );
    return { calls };
  },
};

/** The application is slow: looked at as "why slow", and answered with yes or no. */
export const isItTheDatabase: Workflow = {
  name: 'is_it_the_database',
  heldBack: [],
  steps: [everyLook, ...whySlowSteps],
  conclude: concludeIsItTheDatabase,
};
