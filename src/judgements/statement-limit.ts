import type { Thresholds } from '../agents/thresholds.ts';
import { type Counters, deltaOf, round } from '../probes/counters.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { numericVariable } from '../targets/server-facts.ts';
import type { SettingView } from './setting.ts';

/** dbcheck's own statements have a limit, too; a few of them within a window prove nothing about the application. */
const ownAtMost = 4;

/** Statements that the server ends because they reach max_statement_time: the application gets error 1969. */
export function judgeStatementLimit(view: SettingView, counters: Counters, thresholds: Thresholds): FindingDraft[] {
  const ended = (deltaOf(counters, 'Max_statement_time_exceeded') ?? 0) - ownAtMost;
  if (counters.windowSeconds === 0 || ended / counters.windowSeconds < thresholds.statementsEndedPerSecond) return [];
  const total = ended + ownAtMost;
  const limit = numericVariable(view.facts, 'max_statement_time') ?? 0;
  const where =
    limit > 0
      ? `max_statement_time is ${limit} s for all sessions that set none`
      : 'The limit is not global: sessions, accounts or statements set it themselves';
  return [
    {
      code: 'query.timed_out',
      severity: 'warning',
      subject: view.target,
      title: `The server ends ${round(total / counters.windowSeconds)} statements a second at their time limit`,
      summary: `${total} statements reached max_statement_time within ${round(counters.windowSeconds)} s; each got error 1969. ${where}.`,
      confidence: 'certain',
      facts: { errno: 1969, ended: total, windowSeconds: counters.windowSeconds, maxStatementTimeSeconds: limit },
      evidence: view.evidence,
      impact: 10,
      thresholds: ['statementsEndedPerSecond'],
      recommendations: [...(limit > 0 && limit < 1 ? [secondsNotMilliseconds(limit)] : []), findThem],
    },
  ];
}

const findThem: Recommendation = {
  action:
    'Find the statements (the slow log shows them with a time at the limit, where long_query_time is below it) and make them faster; a higher limit only lets them run longer',
  sql: "SELECT @@GLOBAL.max_statement_time AS seconds, @@GLOBAL.long_query_time AS long_query_seconds, (SELECT COUNT(*) FROM mysql.global_priv WHERE JSON_VALUE(Priv, '$.max_statement_time') > 0) AS accounts_with_a_limit;",
  risk: 'safe',
  rollback: 'nothing changes',
};

function secondsNotMilliseconds(limit: number): Recommendation {
  return {
    action: `A limit below a second is rarely meant: the unit is seconds, not milliseconds. Take it away for new connections, or set what was meant`,
    sql: 'SET GLOBAL max_statement_time = 0;',
    risk: 'needs_staging',
    rollback: `SET GLOBAL max_statement_time = ${limit};`,
  };
}
