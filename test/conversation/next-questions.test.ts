import { describe, expect, it } from 'vitest';
import { agents } from '../../src/agents/registry.ts';
import { enoughToLearnFrom, nextQuestions, suggestNext } from '../../src/conversation/next-questions.ts';
import { planByRules } from '../../src/orchestrator/plan-by-rules.ts';
import { finding, report, result } from '../support/reports.ts';

const asked = (given = report(), habits = {}) => suggestNext(given, habits).map(({ question }) => question);

describe('the next questions', () => {
  it('fit the first root cause and leave out what has just been answered', () => {
    const given = report({ results: [result('running_query'), result('slow_query')] });
    expect(asked(given)).toEqual(['Who uses the connections of orders-prod?']);
  });

  it('are none where nothing was found that hurts', () => {
    expect(asked(report({ findings: [], rootCauses: [] }))).toEqual([]);
    expect(asked(report({ findings: [finding('f1', { severity: 'info' })] }))).toEqual([]);
  });

  it('are three at most and ask for an order where there are several findings', () => {
    const given = report({
      findings: [finding('f1'), finding('f2')],
      results: [result('running_query'), result('slow_query')],
    });
    expect(asked(given)).toEqual(['Who uses the connections of orders-prod?', 'What should we do first?']);
    expect(asked(report({ results: [] })).length).toBe(3);
  });

  it('follow the habits of the channel once there are enough of them', () => {
    const habits = { backup: 3, slow_query: 1 };
    expect(asked(report(), habits)[0]).not.toContain('backups');
    const more = { backup: enoughToLearnFrom - 1, slow_query: 1 };
    expect(suggestNext(report(), more)[0]).toEqual({
      question: 'Are the backups of orders-prod working?',
      learnedFrom: enoughToLearnFrom - 1,
    });
  });

  it.each(nextQuestions.map(({ agent, ask }) => [agent, ask('orders-prod')] as const))(
    'for %s go to it: %s',
    (agent, text) => {
      const targets = [{ name: 'orders-prod', tags: [], replicas: [] }];
      const plan = planByRules({ text, targets, agents });
      expect([plan.kind, plan.targets]).toEqual(['run', ['orders-prod']]);
      expect(plan.agents.map(({ agent: name }) => name)).toContain(agent);
    },
  );
});
