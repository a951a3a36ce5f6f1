import type { SlowPattern } from '../probes/slow-pattern.ts';
import type { PlanStep } from '../probes/statement-plan.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { readPredicates } from './predicates.ts';
import { common, factsOf, hurts, isScan, type SlowView, textOf } from './slow-view.ts';
import { hoursInWords, shortStatement } from './statement.ts';

/** Reads whole tables again and again for a reason that no index mends as the statement stands. */
export function fullScan(
  pattern: SlowPattern,
  plan: readonly PlanStep[] | undefined,
  view: SlowView,
): FindingDraft | undefined {
  const facts = factsOf(pattern, view);
  const { scanRows, scanRatio, scanExecutions } = view.thresholds;
  const scans = plan ? plan.some(isScan) : facts.rowsExaminedPerSent >= scanRatio;
  if (!scans || pattern.count < scanExecutions || facts.rowsExaminedPerExecution < scanRows) return undefined;
  const rewrite = rewriteFor(pattern);
  return {
    ...common(pattern, view),
    code: 'query.full_scan',
    severity: hurts(pattern, view) ? 'warning' : 'info',
    title: `Reads ${facts.rowsExaminedPerExecution} rows per execution, ${pattern.count} times`,
    summary: `${pattern.count} ${pattern.count === 1 ? 'execution' : 'executions'} in ${hoursInWords(facts.windowHours)} took ${facts.totalSeconds} s and read ${facts.rowsExamined} rows to return ${facts.rowsSent}: ${shortStatement(pattern.fingerprint, 140)}`,
    confidence: plan ? 'certain' : 'likely',
    facts,
    thresholds: ['scanRows', 'scanRatio', 'scanExecutions', 'slowSharePercent'],
    recommendations: rewrite ? [rewrite] : [],
  };
}

function rewriteFor(pattern: SlowPattern): Recommendation | undefined {
  const text = textOf(pattern);
  const [unusable] = readPredicates(text).unusable;
  const safe = { risk: 'needs_staging', rollback: 'the former statement' } as const;
  if (unusable?.why === 'leading wildcard') {
    return {
      action: `No B-tree index serves a pattern that begins with a wildcard on ${unusable.column}: search the beginning, or use a FULLTEXT index with MATCH … AGAINST`,
      ...safe,
    };
  }
  if (unusable?.why === 'function') {
    return {
      action: `The function around ${unusable.column} hides it from every index: compare the bare column with a range instead, or index a generated column of that expression`,
      ...safe,
    };
  }
  if (/\bwhere\b.*\bor\b/is.test(text))
    return {
      action:
        'OR across columns keeps one index from serving it: index each side and write the sides as SELECTs joined by UNION',
      ...safe,
    };
  if (/\blimit\b.*\boffset\b|\blimit\s+[\d?]+\s*,/is.test(text))
    return {
      action:
        'OFFSET reads and throws away all rows before it: continue from the last key of the page before (WHERE id > … LIMIT …)',
      ...safe,
    };
  if (/\bnot in\s*\(\s*select\b/i.test(text))
    return { action: 'Replace NOT IN (SELECT …) by NOT EXISTS with an index on the inner column', ...safe };
  if (/\bcount\s*\(\s*\*\s*\)/i.test(text) && !/\bwhere\b/i.test(text))
    return {
      action: 'Counting a whole table reads it whole: keep the count, or use TABLE_ROWS where an estimate will do',
      ...safe,
    };
  return undefined;
}
