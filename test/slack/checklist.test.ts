import { expect, it } from 'vitest';
import { stoppedReason } from '../../src/errors.ts';
import { Checklist } from '../../src/slack/progress/checklist.ts';
import { result } from '../support/reports.ts';

it('a checklist ticks what looked and what had no need to, and not what was stopped or never ended', () => {
  const checklist = new Checklist('T1:C1:1.1#0');
  const names = ['capacity', 'connections', 'backup', 'running_query', 'slow_query'];
  const agents = names.map((agent) => ({ agent, params: {} }));
  checklist.take({ type: 'planned', plan: { kind: 'run', agents, source: 'rules', targets: ['orders-prod'] } });
  const ends = [
    result('capacity'),
    result('connections', { status: 'skipped', reason: 'triage saw nothing that hurts' }),
    result('backup', { status: 'failed', reason: 'no answer' }),
    result('running_query', { status: 'skipped', reason: stoppedReason }),
  ];
  for (const end of ends) checklist.take({ type: 'agent_finished', result: end });
  checklist.finish('Stopped');
  expect(checklist.tasks().map(({ status }) => status)).toEqual(['complete', 'complete', 'error', 'error', 'error']);
  expect(checklist.tasks().at(-1)?.output).toBe('not finished');
});
