import { z } from 'zod';
import { compareWindows, slowerOrNew } from '../judgements/compare-windows.ts';
import { judgeSlowLog } from '../judgements/logging.ts';
import { judgeNPlusOne } from '../judgements/n-plus-one.ts';
import { judgeSlowPatterns } from '../judgements/slow-patterns.ts';
import { type SlowView, tablesOf } from '../judgements/slow-view.ts';
import { hoursInWords } from '../judgements/statement.ts';
import type { Collector } from '../probes/collector.ts';
import { comparedPatterns } from '../probes/past.ts';
import { dataOf, evidenceOf, type Reading } from '../probes/probe.ts';
import { slowLogFile, writesSlowLogFile } from '../probes/slow-log-file.ts';
import { slowLogTable, type WindowParams, writesSlowLogTable } from '../probes/slow-log-table.ts';
import type { SlowPattern, SlowPatterns } from '../probes/slow-pattern.ts';
import { statementDigests } from '../probes/statement-digests.ts';
import { statementPlan } from '../probes/statement-plan.ts';
import { tableKeys } from '../probes/table-keys.ts';
import { unnamedStatements } from '../probes/unnamed-statements.ts';
import { counted } from '../report/units.ts';
import type { Target } from '../targets/target.ts';
import { defineAgent } from './agent.ts';
import { hours, name } from './parameters.ts';

/** Statements that are explained at most; EXPLAIN is not free. */
const maxPlans = 5;

export const slowQuery = defineAgent({
  name: 'slow_query',
  tool: 'analyze_slow_queries',
  title: 'Slow queries',
  description: 'What was slow in a window, grouped by fingerprint, and what to do about it.',
  useCases: [
    'Analyze slow queries from the last hour',
    'Compare slow queries with the day before',
    'Which queries would benefit from an index',
  ],
  checks: [
    'the slow log file, mysql.slow_log, or else the statement digests of performance_schema, grouped by fingerprint',
    'missing indexes with the plan, the indexes that exist and the statement that adds one',
    'full scans that no index mends, with the rewrite: wildcards, functions around columns, OFFSET',
    'one query per row; what became slower or is new against the window before, from the log or the history',
  ],
  routing: [
    'slow(est|er)?[ -]?(running )?(sql|quer(y|ies)|statements?|patterns?|logs?|selects?|requests?)',
    'quer(y|ies) .{0,12}(benefit|to optimi[sz]e)',
    '(query|statement) (patterns?|digests?|performance|tuning|times?|latency)',
    'optimi[sz]e .{0,20}(quer|sql|statement)',
    '(full )?(table )?scans?\\b',
    'slower (today|now|than(?! ?[\\d>]))',
    '(heaviest|worst|most expensive|top)(?! \\w* ?longest) .{0,12}(quer|sql|statement|patterns?|selects?)',
    'n ?\\+ ?1',
    'like searches',
    'regress',
    'langsame[nr]? (abfragen?|quer)',
    'requêtes? lentes?',
    'consultas? lentas?',
    'what was slow',
    'filesorts?',
    'te?mp(orary)? tables?',
    'missing index',
    '\\b(expensive|heavy|costly) (sql|quer|statements?|selects?)',
    '(sql|quer(y|ies)|statements?|selects?) .{0,20}\\b(slowest|(was|were) slow|expensive|heavy|heaviest|worst)\\b',
    'abfragen .{0,40}langsam',
    'consultas? .{0,15}lent',
    '(quer(y|ies)|statements?|selects?|sql|patterns?) .{0,30}\\b(the most|most) (time|expensive|often|frequent)|most (frequent|expensive|costly)',
    '(quer(y|ies)|statements?|selects?|patterns?) (that |which )?(cost|hurt|eat|burn)s?\\b',
    '(quer(y|ies)|statements?|selects?) (w/o|without|with no|not using|missing) (an? |any )?(index(es)?|keys?)\\b',
    'total time|long_query_time|\\boffenders?\\b|query digest',
    'slow(er|est)? (updates?|inserts?|deletes?|writes?|joins?|reports?|stuff|things|ones)',
    "what( is|'s|s)? (so )?slow\\b(?!.{0,6}(database|db|server|app))",
    'requetes .{0,20}lent',
    'examin(e|es|ed|ing) .{0,20}rows|rows examined',
    'langsam\\w* (\\w+ )?(abfrag|quer|statement|sql)',
    '(abfrag|quer(y|ies)|consultas?|requetes?) (sont |mas |mais |les |plus |son |las |as )*(lent|langsam)',
    '(quer(y|ies)|statements?|sql|selects?) .{0,30}\\b(get|gets|got|getting|became|become|are|is) slower',
    '(langsamste|teuerste)[nr]? |(consultas?|queries) (mas|mais) (lent|costos|pesad)|requetes? (les )?plus (lentes|couteuses|lourdes)|abfragen?.{0,20}(am langsamsten|am teuersten|dauern)',
    '\\b(inefficient|unoptimi[sz]ed|badly written|bad|ugly|poor(ly)?|time[- ]consuming) (written )?(sql|quer(y|ies)|statements?|selects?)\\b(?! (now|right|at the))',
    '(quer(y|ies)|statements?|selects?|sql).{0,20}\\b(without|not using|no|missing) (an |any |a )?index',
    '(tune|optimi[sz]e|improve|speed up|rewrite)\\b.{0,20}\\b(quer(y|ies)|sql|statements?|selects?)|(quer(y|ies)|sql|statements?) (should|could|can|to|must) (we |i )?(tune|optimi[sz]e|rewrite|improve)',
    '\\b(took|taken|lasted|ran)\\b.{0,12}\\b(long|longer|ages|forever|slow)\\b',
    '(quer(y|ies)|statements?|selects?|sql) .{0,12}(eat|use|take|consum|burn|need|cost|spend)(s|es|ing)?\\b.{0,25}\\b(time|cpu|io)\\b',
    '\\b(any|some|the|our|my|which) (quer(y|ies)|statements?|selects?) slower',
    '(quer(y|ies)|statements?|selects?).{0,25}\\b(profit|gain|faster|benefit|helped)\\b',
    'what .{0,12}\\b(optimi[sz]ed?|tuned?)\\b|(quer(y|ies)|statements?|selects?|sql) .{0,12}\\bcosts?\\b',
  ],
  parameters: z.object({
    hours: hours(1),
    max_patterns: z.number().int().min(1).max(50).default(8),
    schema: name().optional(),
    table: name().optional(),
    user: name().optional(),
    compare_to_previous: z.boolean().default(false),
  }),
  instead: 'running_query',
  async collect(collector, params, target) {
    const { hours: window } = params;
    // Quick statements never reach a slow log; the digests know them too, where there are any.
    const digests = await collector.read(statementDigests, { hours: window });
    const slow = await readSource(collector, { hours: window, endHoursAgo: 0 }, target, digests);
    if (slow.status === 'read' && slow.data.source === 'statement digests')
      await collector.read(unnamedStatements, undefined);
    const { past, before } = params.compare_to_previous
      ? await readBefore(collector, window, target)
      : { past: undefined, before: undefined };
    const shown =
      dataOf(slow, undefined)
        ?.patterns.filter((pattern) => fits(pattern, params))
        .slice(0, params.max_patterns) ?? [];
    const worse =
      past?.status === 'read' ? slowerOrNew(past.data, (pattern) => fits(pattern, params)).slice(0, maxPlans) : [];
    const tables = [...new Set([...shown, ...worse].flatMap(tablesOf))];
    const keys = await collector.read(tableKeys, { tables }, { optional: true });
    const studied = [];
    let plans = 0;
    for (const pattern of shown) {
      const { sample, schema } = pattern;
      const plan =
        sample !== undefined && /^\s*select\b/i.test(sample) && plans++ < maxPlans
          ? await collector.read(statementPlan, { sql: sample, schema }, { optional: true })
          : undefined;
      studied.push({ pattern, plan: plan && dataOf(plan, undefined), reading: plan });
    }
    return { slow, past, before, worse, digests, keys, studied };
  },
  diagnose(seen, { params, target, thresholds, facts, nowMs }) {
    const off = judgeSlowLog({ target: target.name, facts, settings: [], evidence: [] });
    if (seen.slow.status !== 'read') return { findings: off, headline: 'no source of slow statements' };
    const slow = seen.slow.data;
    const plans = seen.studied.flatMap(({ reading }) => (reading ? [reading] : []));
    const view: SlowView = {
      target: target.name,
      slow,
      studied: seen.studied,
      keys: dataOf(seen.keys, []),
      thresholds,
      evidence: evidenceOf(seen.slow, seen.digests, seen.keys, ...plans),
    };
    const findings = [
      ...judgeSlowPatterns(view),
      ...judgeNPlusOne({ ...view, slow: dataOf(seen.digests, slow) }),
      ...off,
    ];
    if (seen.before?.status === 'read')
      findings.push(
        ...compareWindows(
          view,
          seen.before.data,
          seen.studied.map(({ pattern }) => pattern),
        ),
      );
    if (seen.past?.status === 'read') {
      const { now, before } = seen.past.data;
      const fromMs = nowMs - params.hours * 3_600_000;
      const shown = now.patterns.filter((pattern) => fits(pattern, params));
      const studied = seen.worse.map((pattern) => ({ pattern, plan: undefined }));
      const then = { ...view, slow: now, studied, evidence: evidenceOf(seen.past, seen.keys), fromMs };
      findings.push(
        ...compareWindows(then, before, shown),
        ...judgeSlowPatterns(then).filter(({ code }) => code === 'query.missing_index'),
      );
    }
    const compared = findings.filter(({ code }) => code === 'query.regression' || code === 'query.new_pattern');
    const against =
      seen.past?.status === 'read' ? `, ${compared.length} slower or new against the ${params.hours} h before` : '';
    const sampled = slow.oneIn > 1 ? `, 1 in ${slow.oneIn} is logged` : '';
    const since = slow.source === 'statement digests' ? ', counted since the server started' : '';
    return {
      findings,
      headline: `${counted(slow.events, 'statement')} in ${counted(slow.patterns.length, 'pattern')} in ${hoursInWords(params.hours)} (${slow.source}${since}${sampled})${against}`,
    };
  },
});

/** The time before: from history, else from the log. How much history there is, is told where neither knows it. */
async function readBefore(collector: Collector, hours: number, target: Target) {
  const past = await collector.read(comparedPatterns, { hours }, { optional: true });
  if (past.status === 'read') return { past, before: undefined };
  const before = await readSource(collector, { hours, endHoursAgo: hours }, target, undefined);
  if (before.status === 'read' && before.data.events > 0) return { past, before };
  return { past: await collector.read(comparedPatterns, { hours }), before };
}

/** The slow log where something was slow enough for it, else the digests. What could not be seen becomes a gap by reading it. */
async function readSource(
  collector: Collector,
  window: WindowParams,
  target: Target,
  digests: Reading<SlowPatterns> | undefined,
): Promise<Reading<SlowPatterns>> {
  const table = writesSlowLogTable(collector.facts);
  const known = digests?.status === 'read' ? digests : undefined;
  const optional = known !== undefined;
  const log =
    table || !writesSlowLogFile(collector.facts, target)
      ? table && (await collector.read(slowLogTable, window, { optional, essential: true }))
      : await collector.read(slowLogFile, window, { optional, essential: true });
  if (log && log.status === 'read' && (log.data.events > 0 || !known)) return log;
  return known ?? (log || collector.read(slowLogFile, window, { essential: true }));
}

function fits(
  pattern: SlowPattern,
  params: {
    readonly schema?: string | undefined;
    readonly table?: string | undefined;
    readonly user?: string | undefined;
  },
): boolean {
  const { schema, table, user } = params;
  const named = (name: string) =>
    tablesOf(pattern).some((one) => one === name || one.endsWith(`.${name}`)) ||
    pattern.fingerprint.includes(name.toLowerCase());
  return (
    (schema === undefined || pattern.schema === schema) &&
    (table === undefined || named(table)) &&
    (user === undefined || pattern.users.includes(user))
  );
}
