import { describe, expect, it } from 'vitest';
import type { Turn } from '../../src/conversation/conversation.ts';
import { summariseThread } from '../../src/conversation/summary.ts';
import { answer, finding, report } from '../support/reports.ts';

const quote = (text: string, maxCharacters: number) => text.slice(0, maxCharacters);

function turn(question: string, given = report()): Turn {
  return { question, askedAt: given.takenAt, report: given };
}

const plan = {
  ...report().plan,
  agents: [{ agent: 'slow_query', params: { hours: 6 } }],
  targets: ['orders-prod'],
} as const;
const first = turn('slow queries of the last 6 hours', report({ plan, findings: [finding('f1'), finding('f2')] }));
const preferences = ['prefers the target orders-prod'];

describe('the summary of a thread', () => {
  it('keeps target, window, findings and preferences of a run that lies 500 questions back', () => {
    const chat = Array.from({ length: 500 }, (_, index) => turn(`tell me more about ${index}`, answer('…')));
    const summary = summariseThread([first, ...chat], { quote, maxCharacters: 1_500, preferences });
    expect(summary.length).toBeLessThanOrEqual(1_500);
    expect(summary).toContain('slow_query {"hours":6} on orders-prod');
    expect(summary).toContain('1. f1 critical tx.idle_in_transaction [thread 8412]');
    expect(summary).toContain('2. f2 ');
    expect(summary).toContain('prefers the target orders-prod');
    expect(summary).toContain('tell me more about 499');
    expect(summary).toMatch(/^4\d\d earlier questions are left out/);
  });

  it('holds a short thread whole, the oldest question first', () => {
    const summary = summariseThread([first, turn('why?', answer('…'))], { quote, maxCharacters: 3_000 });
    expect(summary.match(/<question>[^<]*/g)).toEqual(['<question>slow queries of the last 6 hours', '<question>why?']);
    expect(summary).not.toContain('left out');
  });

  it('is never longer than its room, whatever the findings are called', () => {
    const long = report({
      findings: Array.from({ length: 400 }, (_, at) => finding(`f${at}`, { subject: 's'.repeat(900) })),
    });
    expect(summariseThread([turn('q'.repeat(9_000), long)], { quote, maxCharacters: 900 }).length).toBeLessThanOrEqual(
      900,
    );
  });
});
