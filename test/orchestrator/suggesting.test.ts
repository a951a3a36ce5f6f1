import { describe, expect, it } from 'vitest';
import { createHabitBook } from '../../src/conversation/habits.ts';
import { silentLog } from '../../src/log.ts';
import type { Question } from '../../src/orchestrator/question.ts';
import { createSuggesting } from '../../src/orchestrator/suggesting.ts';
import type { Report } from '../../src/report/report.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { finding, report } from '../support/reports.ts';

const asker = { team: 'T1', channel: 'C1', user: 'ada' };
const hourMs = 3_600_000;

function suggesting(
  answer: (question: Question) => Report = () => report(),
  store = createSqliteStore({ path: ':memory:' }),
) {
  const clock = { nowMs: Date.parse('2026-11-20T03:00:00Z') };
  const ask = async (question: Question) => answer(question);
  const orchestrator = createSuggesting({ ask, check: ask }, createHabitBook(store), silentLog, () => clock.nowMs);
  return { clock, ask: (text: string, given: Partial<Question> = {}) => orchestrator.ask({ text, asker, ...given }) };
}

describe('the same finding on the same target', () => {
  it('again is said so, with its times and a question that looks at the week', async () => {
    const { ask, clock } = suggesting();
    expect((await ask('slow?')).notes).toEqual([]);
    clock.nowMs += 24 * hourMs;
    expect((await ask('slow?')).notes[0]).toMatch(/^Second time this week on orders-prod: Idle transaction/);
    clock.nowMs += 24 * hourMs;
    const third = await ask('slow?');
    expect(third.notes[0]).toMatch(/^Third time this week on .*\(before: 11-20 03:00 UTC, 11-21 03:00 UTC\)$/);
    expect(third.text).toContain('Third time this week');
    expect(third.suggestions?.[0]?.question).toMatch(/last 7 days on orders-prod/);
  });

  it('within an hour is one occurrence, after a week it is forgotten', async () => {
    const { ask, clock } = suggesting();
    for (let look = 0; look < 5; look++) {
      await ask('slow?');
      clock.nowMs += hourMs / 2;
    }
    expect((await ask('slow?')).notes).toEqual([]);
    clock.nowMs += 8 * 24 * hourMs;
    expect((await ask('slow?')).notes).toEqual([]);
  });

  it('is not the same on another target or of another kind', async () => {
    const others = [finding('f1'), finding('f1', { target: 'crm-main' }), finding('f1', { code: 'lock.mdl' })];
    const { ask, clock } = suggesting(() => report({ findings: [others.shift()!] }));
    for (let look = 0; look < 3; look++) {
      expect((await ask('slow?')).notes).toEqual([]);
      clock.nowMs += 2 * hourMs;
    }
  });
});

describe('what a channel asks next', () => {
  const plan = { ...report().plan, agents: [{ agent: 'backup', params: {} }] };
  const thread = { key: 'T1:C1:1', turns: [{ question: 'first', askedAt: '', report: report({ question: 'first' }) }] };

  it('is suggested there after a finding of the kind, from the fifth time on, and nowhere else', async () => {
    const { ask } = suggesting(({ text }) => (text === 'backups?' ? report({ plan, question: text }) : report()));
    for (let times = 0; times < 5; times++) {
      expect((await ask('slow?')).suggestions?.some(({ learnedFrom }) => learnedFrom)).toBe(false);
      await ask('backups?', { conversation: thread });
    }
    const [first] = (await ask('slow?')).suggestions?.filter(({ learnedFrom }) => learnedFrom) ?? [];
    expect(first).toEqual({ question: 'Are the backups of orders-prod working?', learnedFrom: 5 });
    const elsewhere = await ask('slow?', { asker: { ...asker, channel: 'C2' } });
    expect(elsewhere.suggestions?.some(({ learnedFrom }) => learnedFrom)).toBe(false);
  });

  it('costs no report where the store is gone', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    const { ask } = suggesting(undefined, store);
    await store.close();
    expect(await ask('slow?')).toEqual(report());
  });
});
