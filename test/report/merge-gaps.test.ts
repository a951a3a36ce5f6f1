import { expect, it } from 'vitest';
import { mergeGaps } from '../../src/report/merge-gaps.ts';
import type { CoverageGap } from '../../src/report/report.ts';

function gap(summary: string, fix: string, target = 'orders-prod'): CoverageGap {
  return { code: 'coverage.missing_privilege', agent: 'running_query', target, summary, fix };
}

const grant = "GRANT PROCESS ON *.* TO 'dbcheck'@'…'";

it('makes one line of what one grant opens on one server', () => {
  const merged = mergeGaps([
    gap('processlist: dbcheck lacks PROCESS', grant),
    gap('binary-logs: dbcheck lacks BINLOG MONITOR', 'GRANT BINLOG MONITOR'),
    gap('innodb-status: dbcheck lacks PROCESS', grant),
    gap('processlist: dbcheck lacks PROCESS', grant, 'billing-prod'),
  ]);
  expect(merged.map(({ target, summary }) => `${target} ${summary}`)).toEqual([
    'orders-prod processlist, innodb-status: dbcheck lacks PROCESS',
    'orders-prod binary-logs: dbcheck lacks BINLOG MONITOR',
    'billing-prod processlist: dbcheck lacks PROCESS',
  ]);
});

it('leaves apart what has other words for the same fix', () => {
  const gaps = [gap('the error log /x/error.log cannot be read', 'chmod'), gap('the slow log cannot be read', 'chmod')];
  expect(mergeGaps(gaps)).toEqual(gaps);
});
