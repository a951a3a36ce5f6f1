import { beforeEach, describe, expect, it } from 'vitest';
import { type Asker, createPreferenceBook } from '../../src/conversation/preferences.ts';
import type { Orchestrator, Question } from '../../src/orchestrator/question.ts';
import { createRemembering } from '../../src/orchestrator/remembering.ts';
import { readPreferenceWish } from '../../src/orchestrator/rules/preference-words.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { report } from '../support/reports.ts';

const targets = ['orders-prod', 'billing-prod', 'crm-main'].map((name) => ({ name, tags: [], replicas: [] }));
const ada: Asker = { team: 'T1', channel: 'C1', user: 'ada' };
const ben: Asker = { ...ada, user: 'ben' };

let store: Store;
let asked: Question[];
let orchestrator: Orchestrator;
beforeEach(() => {
  store = createSqliteStore({ path: ':memory:' });
  asked = [];
  const ask = async (question: Question) => {
    asked.push(question);
    return report();
  };
  orchestrator = createRemembering({ ask, check: ask }, createPreferenceBook(store), targets);
});

async function say(text: string, asker = ada, given: Partial<Question> = {}): Promise<string> {
  return (await orchestrator.ask({ text, asker, ...given })).text;
}

describe('preferences', () => {
  it('are kept, used for the questions after, shown and forgotten by asking', async () => {
    expect(await say('use orders-prod by default')).toContain('target orders-prod');
    await say('look back 6 hours by default please');
    await say('brief reports from now on');
    expect(asked).toEqual([]);

    const told = await orchestrator.ask({ text: 'why is it slow?', asker: ada });
    expect(asked[0]).toMatchObject({ defaultTarget: 'orders-prod', usualHours: 6 });
    expect(asked[0]?.preferences?.[0]).toContain('target orders-prod');
    expect(told.verbosity).toBe('brief');

    expect(await say('what do you remember about me?')).toContain('target orders-prod, window 6 h, brief reports');
    await say('forget my default target');
    expect(await say('what are my preferences')).toContain('You, in this channel: window 6 h, brief reports.');
    await say('forget my preferences');
    expect(await say('what do you know about me')).toContain('You, in this channel: nothing.');
    await say('why is it slow?');
    expect(asked[1]).not.toHaveProperty('defaultTarget');
  });

  it('are those of one person in one channel, unless the channel is named', async () => {
    await say('use orders-prod by default');
    await say('always use crm-main for this channel', ben);
    await say('slow?', ada);
    await say('slow?', ben);
    await say('slow?', { ...ada, channel: 'C2' });
    expect(asked.map(({ defaultTarget }) => defaultTarget)).toEqual(['orders-prod', 'crm-main', undefined]);
    await say('forget my preferences');
    await say('slow?', ada);
    expect(asked[3]?.defaultTarget).toBe('crm-main');
    await say('forget the preferences for this channel', ben);
    await say('slow?', ben);
    expect(asked[4]).not.toHaveProperty('defaultTarget');
  });

  it('outlive the process', async () => {
    await say('use billing-prod by default');
    const ask = async (question: Question) => {
      asked.push(question);
      return report();
    };
    await createRemembering({ ask, check: ask }, createPreferenceBook(store), targets).ask({
      text: 'slow?',
      asker: ada,
    });
    expect(asked[0]?.defaultTarget).toBe('billing-prod');
  });

  it('give way to a target that was picked, and to rights', async () => {
    await say('use orders-prod by default');
    await say('slow?', ada, { defaultTarget: 'crm-main' });
    await say('slow?', ada, { mayAsk: (name) => name !== 'orders-prod' });
    expect(asked.map(({ defaultTarget }) => defaultTarget)).toEqual(['crm-main', undefined]);
    expect(JSON.stringify(asked[1]?.preferences ?? [])).not.toContain('orders-prod');
    expect(await say('use orders-prod by default', ben, { mayAsk: () => false })).toContain('may not ask about');
  });

  it('name the nearest target where there is none of that name, and change nothing', async () => {
    expect(await say('use order-prod by default')).toMatch(/no target "order-prod".*orders-prod/);
    expect(await say('what are my preferences')).toContain('You, in this channel: nothing.');
  });
});

describe('a wish about preferences', () => {
  it.each([
    ['always use crm-main', { target: 'crm-main' }],
    ['we usually mean crm-main', { target: 'crm-main' }],
    ['my usual target is crm-main', { target: 'crm-main' }],
    ['make billing-prod my default', { target: 'billing-prod' }],
    ['set the default target to billing-prod', { target: 'billing-prod' }],
    ['please remember: billing-prod is my database', { target: 'billing-prod' }],
    ['default to the last 24 hours', { hours: 24 }],
    ['my usual window is 3 hours', { hours: 3 }],
    ['keep answers short from now on', { verbosity: 'brief' }],
    ['always give me full reports', { verbosity: 'full' }],
    ['normal reports by default', { verbosity: 'normal' }],
    ['use crm-main and the last 12 hours by default', { target: 'crm-main', hours: 12 }],
  ])('is read from "%s"', (text, change) => {
    expect(readPreferenceWish(text, targets)).toMatchObject({ does: 'set', change });
  });

  it.each([
    'last 6 hours instead',
    'why is orders-prod always slow?',
    'is the default buffer pool size of orders-prod fine?',
    'orders-prod is always at its connection limit, why',
    'full check of crm-main',
    'what do you remember of deadlocks?',
    'forget it',
    'use the index on shop.orders?',
    'which connections are always open on crm-main',
    'reset the replica',
    'clear',
    'show connections that are always open on crm-main',
    'we usually see lag on crm-main',
    'use the default index on crm-main',
    'make sure the default charset is fine on crm-main',
    'show my slow queries on crm-main',
  ])('is not read from "%s"', (text) => {
    expect(readPreferenceWish(text, targets)).toBeUndefined();
  });
});
