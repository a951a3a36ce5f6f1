import type { FindingChart } from '../../src/report/finding.ts';
import { reportMessages } from '../../src/slack/report/report-blocks.ts';
import { fingerprint } from '../../src/sql/fingerprint.ts';
import { guardStatement } from '../../src/sql/guard.ts';
import { tokenize } from '../../src/sql/lexer.ts';
import { type Figure, median, rateOf, secondsOf } from './figure.ts';
import { reportWith, statementOf } from './samples.ts';

const chart: FindingChart = {
  kind: 'line',
  title: 'Lag of orders-replica-1',
  unit: 's',
  series: ['lag'],
  points: Array.from({ length: 20 }, (_, at) => ({ label: `03:${String(at).padStart(2, '0')}`, values: [at * at] })),
};

/** What is computed for every statement and every report, and how it grows: the ratio is the one of ten times as much. */
export async function benchMicro(): Promise<readonly Figure[]> {
  const short = statementOf(400);
  const long = statementOf(4_000);
  const lex = (sql: string) => {
    for (const _ of tokenize(sql));
  };
  const floor = (sql: string) => JSON.parse(JSON.stringify(sql));
  const perMillisecond = (work: () => unknown) => 1_000 / rateOf(work);
  const [few, many] = [reportWith(6), reportWith(60)];
  const { drawChart } = await import('../../src/slack/report/chart-image.ts');
  const first = await secondsOf(() => drawChart(chart));
  const draws: number[] = [];
  for (let round = 0; round < 9; round++) draws.push((await secondsOf(() => drawChart(chart))) * 1_000);
  return [
    {
      name: 'statements: guard, 400 characters',
      unit: '/s',
      value: rateOf(() => guardStatement(short)),
      better: 'higher',
      beside: { name: 'JSON there and back', value: rateOf(() => floor(short)) },
    },
    { name: 'statements: lexer, 400 characters', unit: '/s', value: rateOf(() => lex(short)), better: 'higher' },
    {
      name: 'statements: fingerprint, 400 characters',
      unit: '/s',
      value: rateOf(() => fingerprint(short)),
      better: 'higher',
    },
    {
      name: 'growth: guard, ten times the characters',
      unit: 'ms',
      value: perMillisecond(() => guardStatement(long)),
      better: 'lower',
      beside: { name: 'for a tenth', value: perMillisecond(() => guardStatement(short)) },
      promise: { of: 'ratio', limit: 20 },
    },
    {
      name: 'blocks: a report of 6 findings',
      unit: 'ms',
      value: perMillisecond(() => reportMessages(few, 'T:C:1#0')),
      better: 'lower',
    },
    {
      name: 'growth: blocks of 60 findings',
      unit: 'ms',
      value: perMillisecond(() => reportMessages(many, 'T:C:1#0')),
      better: 'lower',
      beside: { name: 'for 6', value: perMillisecond(() => reportMessages(few, 'T:C:1#0')) },
      promise: { of: 'ratio', limit: 20 },
    },
    {
      name: 'chart: as a PNG',
      unit: 'ms',
      value: median(draws),
      better: 'lower',
      beside: { name: 'for the first one', value: first * 1_000 },
    },
  ];
}
