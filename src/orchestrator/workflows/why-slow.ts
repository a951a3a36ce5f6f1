import { runningQuery } from '../../agents/running-query.ts';
import { schemaHealth } from '../../agents/schema-health.ts';
import { slowQuery } from '../../agents/slow-query.ts';
import { matchesCode } from '../../report/causes.ts';
import type { LocatedFinding } from '../../report/correlate.ts';
import type { RunCall } from '../question.ts';
import { intoDomains } from './domains.ts';
import { answeringTargets, callOf, isCalled, painOn, paramsOf, type Sight, type Step, type Workflow } from './step.ts';
import { patternNow } from './suspicious-pattern.ts';

/** Who waits for whom, wherever the first look was made without it. */
const locks: Step = {
  name: 'locks',
  next(sight) {
    const unseen = answeringTargets(sight).filter((target) => !isCalled('running_query', target, sight));
    return { calls: unseen.map((target) => callOf(runningQuery, target, {})) };
  },
};

/** More tables than this are the server's trouble and not a table's. */
const maxTables = 2;

/** The tables in question: their schema, and every pattern on them, however far down the list of the whole server. */
export const tableInQuestion: Step = {
  name: 'table',
  next(sight) {
    const calls: RunCall[] = [];
    for (const target of answeringTargets(sight)) {
      const before = paramsOf('slow_query', target, sight);
      // A question about a table or a user has been narrowed already.
      const isNarrow = before['table'] !== undefined || before['user'] !== undefined;
      const hours = typeof before['hours'] === 'number' ? { hours: before['hours'] } : {};
      for (const table of painfulTables(target, sight)) {
        if (!isCalled('schema_health', target, sight)) calls.push(callOf(schemaHealth, target, { table }));
        if (!isNarrow) calls.push(callOf(slowQuery, target, { ...hours, table }));
      }
    }
    return { calls };
  },
};

/** Codes whose findings are about a table, and where they name it. */
const tableOf: readonly { readonly seen: string; readonly table: (finding: LocatedFinding) => unknown }[] = [
  { seen: 'lock.*', table: ({ facts }) => facts['table'] },
  { seen: 'ddl.*', table: ({ subject }) => subject },
  { seen: 'query.missing_index', table: ({ subject }) => subject },
  { seen: 'query.*', table: ({ facts }) => facts['mainTable'] },
  { seen: 'repl.lag_no_pk', table: ({ subject }) => subject },
];

/** The tables that the worst findings are about, worst first. */
function painfulTables(target: string, sight: Sight): string[] {
  const tables = painOn(target, sight).flatMap((finding) => {
    const rule = tableOf.find(({ seen }) => matchesCode(seen, finding.code));
    const table = rule?.table(finding);
    return typeof table === 'string' && table.includes('.') && table.length <= longestTable ? [table] : [];
  });
  return [...new Set(tables)].slice(0, maxTables);
}

/** As long as the agents' parameters take. */
const longestTable = 160;

/** Why is it slow: triage, then locks, then the table in question, its schema and the patterns on it. */
export const whySlowSteps: readonly Step[] = [locks, tableInQuestion, patternNow, intoDomains];

export const whySlow: Workflow = { name: 'why_slow', heldBack: [], steps: whySlowSteps };
