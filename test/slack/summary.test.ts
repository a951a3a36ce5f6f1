import { afterEach, describe, expect, it } from 'vitest';
import { auditKind, createAudit } from '../../src/actions/audit.ts';
import { noUsage } from '../../src/report/report.ts';
import { summarySettings } from '../../src/schedules/summary-settings.ts';
import { lastDue } from '../../src/slack/summary/summary-desk.ts';
import { countWeek } from '../../src/slack/summary/week.ts';
import { weekLines } from '../../src/slack/summary/week-in-words.ts';
import { createRunLog, type LoggedRun } from '../../src/slack/turns/run-log.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { finding, report, result } from '../support/reports.ts';
import { type BenchOptions, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

const benches: SlackBench[] = [];
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

const incidents = 'C0INCIDENT';
const targets = [
  { name: 'orders-prod', tags: ['prod'], channel: incidents },
  { name: 'billing-prod', tags: ['prod'], channel: 'C0DBA00001' },
];
/** A Monday, nine o'clock in Berlin. */
const due = Date.parse('2026-11-23T08:00:00Z');
const hour = 3_600_000;

const run: LoggedRun = {
  ref: 'T:C:1.1#0',
  channel: 'C0OTHER001',
  threadTs: '1.1',
  user: 'U0ADA00001',
  question: 'why is the table of Zaphod slow?',
  target: 'orders-prod',
  verdict: 'critical',
  findings: ['lock.wait thread 7', 'lock.wait thread 9', 'disk.full /data'],
  agents: ['running_query'],
  durationMs: 900,
  answerMs: 1_000,
  tokens: 0,
  costUsd: 0,
};
const scope = { targets: ['orders-prod'], channel: incidents };

describe('a week in numbers', () => {
  it('counts what people asked apart from what was looked at by itself', () => {
    const week = countWeek([run, { ...run, user: 'U2' }, { ...run, unasked: true }], [], scope);
    expect(week).toMatchObject({ questions: 2, people: 2, unasked: 1, agents: [['running_query', 3]] });
  });

  it('is about the targets that it is asked for, in whatever channel they were asked about', () => {
    const runs = [run, { ...run, target: 'billing-prod' }, { ...run, target: 'billing-prod, orders-prod' }];
    expect(countWeek(runs, [], scope).questions).toBe(2);
  });

  it('takes the time until the report was there, by median and 95th percentile', () => {
    const runs = Array.from({ length: 21 }, (_, index) => ({ ...run, answerMs: (index + 1) * 1_000 }));
    expect(countWeek(runs, [], scope).answerMs).toEqual({ median: 11_000, p95: 20_000 });
  });

  it('adds up tokens and money', () => {
    const week = countWeek(
      [
        { ...run, tokens: 1_200, costUsd: 0.01 },
        { ...run, tokens: 34, costUsd: 0.002 },
      ],
      [],
      scope,
    );
    expect(week.tokens).toBe(1_234);
    expect(week.costUsd).toBeCloseTo(0.012);
  });

  it('counts a kind of finding once a run', () => {
    expect(countWeek([run, run], [], scope).findings).toEqual([
      ['disk.full', 2],
      ['lock.wait', 2],
    ]);
  });

  it('counts of several words of feedback by one person under one report the last', () => {
    const said = {
      who: 'U1',
      target: 'orders-prod',
      result: 'done' as const,
      channel: 'C',
      thread: '1',
      about: { turn: 0 },
    };
    const week = countWeek(
      [],
      [
        { ...said, did: 'useful' },
        { ...said, did: 'not_useful', about: { turn: 0, reason: 'It missed the problem' } },
        { ...said, who: 'U2', did: 'useful' },
        { ...said, did: 'useful', target: 'billing-prod' },
      ],
      scope,
    );
    expect(week).toMatchObject({ useful: 1, notUseful: 1, reasons: [['It missed the problem', 1]] });
  });

  it('counts refusals and failures, those without a target in the channel itself', () => {
    const refused = { who: 'U1', did: 'ask', result: 'refused' as const };
    const week = countWeek(
      [{ ...run, verdict: 'unknown' }],
      [
        { ...refused, target: 'orders-prod' },
        { ...refused, channel: incidents },
        { ...refused, channel: 'C0OTHER001' },
        { ...refused, result: 'failed', channel: incidents },
      ],
      scope,
    );
    expect(week).toMatchObject({ refused: 2, failed: 2 });
  });

  it('in words names the numbers, and no word that somebody asked', () => {
    const week = countWeek([{ ...run, tokens: 12_345, costUsd: 0.0312 }], [], scope);
    const text = weekLines(week, week).join('\n');
    expect(text).toMatchInlineSnapshot(`
      "Questions: 1 by 1 person; the week before: 1
      Agents: running query 1
      Time to answer: median 1.0 s, 95 % within 1.0 s
      Model: 12,345 tokens, $0.0312
      Feedback: 0 useful, 0 not useful
      Found most: disk.full 1, lock.wait 1"
    `);
  });
});

describe('the time of the summary', () => {
  it('is Monday at nine in the zone of the configuration, also over a change of the clock', () => {
    const berlin = summarySettings.parse({ zone: 'Europe/Berlin' });
    expect(lastDue(berlin, due - 1)).toBe(due - 168 * hour);
    expect(lastDue(berlin, due)).toBe(due);
    // The clock went back on 25 October: that week had 169 hours.
    expect(lastDue(berlin, Date.parse('2026-10-26T08:30:00Z'))).toBe(Date.parse('2026-10-26T08:00:00Z'));
    expect(lastDue(berlin, Date.parse('2026-10-26T07:30:00Z'))).toBe(Date.parse('2026-10-19T07:00:00Z'));
  });

  it.each([{ day: 'someday' }, { at: '9' }, { zone: 'Mars/Base' }, { of: 'us' }])(
    'is refused where it is %o',
    (wrong) => {
      expect(summarySettings.safeParse(wrong).success).toBe(false);
    },
  );
});

async function open(options: Partial<BenchOptions> = {}) {
  const store = options.store ?? createSqliteStore({ path: ':memory:' });
  const bench = await startSlackBench({
    answer: () => report({ findings: [finding('f1')] }),
    targets,
    store,
    summary: { zone: 'Europe/Berlin' },
    ...options,
  });
  benches.push(bench);
  return { ...bench, weekly: () => weeklyIn(bench) };
}

function weeklyIn({ workspace }: SlackBench, channel = 'incidents') {
  return workspace.messages(channel).filter(({ text }) => text.startsWith('A week with dbcheck'));
}

/** A store in which a week happened before the summary is due. */
async function lived(atMs = due - 24 * hour) {
  const store = createSqliteStore({ path: ':memory:' });
  const ran = report({
    question: 'why is the table of Zaphod slow?',
    takenAt: new Date(atMs).toISOString(),
    findings: [finding('f1')],
    results: [result('running_query')],
    usage: { ...noUsage, inputTokens: 900, outputTokens: 100, costUsd: 0.0125, llmCalls: 1 },
  });
  const at = { channel: 'G0PRIVATE1', threadTs: '1.1' };
  await createRunLog(store).add(ran, { ref: 'T:G:1.1#0', user: 'U0ADA00001', answerMs: 2_500, ...at });
  await store.append(
    auditKind,
    'all',
    { who: 'U0BEN00001', did: 'useful', result: 'done', target: 'orders-prod', thread: '1.1' },
    atMs,
  );
  return store;
}

describe('the weekly summary', () => {
  it('is posted in the channel that owns targets, when it is due, and tells nothing but numbers and kinds', async () => {
    const store = await lived();
    const { workspace, weekly } = await open({ store, now: () => due + 60_000 });
    await workspace.waitFor(() => weekly().length > 0);
    const [told] = weekly();
    const text = workspace.render([told as never]);
    for (const part of [
      'A week with dbcheck: orders-prod',
      'Questions: 1 by 1 person; the week before: 0',
      'Agents: running query 1',
      'median 2.5 s',
      'Model: 1,000 tokens, $0.0125',
      'Feedback: 1 useful, 0 not useful',
      'Found most: tx.idle_in_transaction 1',
      'Mon 16 Nov 09:00 to Mon 23 Nov 09:00 Europe/Berlin',
    ])
      expect(text).toContain(part);
    expect(text).not.toMatch(/Zaphod|8412|billing-prod/);
    // Nothing happened on billing-prod: its channel is left in peace.
    expect(workspace.messages('dba')).toEqual([]);
    await store.close();
  });

  it('is posted once over several processes and their restarts', async () => {
    const store = await lived();
    const first = await open({ store, now: () => due + 60_000 });
    const second = await open({ store, joins: first.workspace, now: () => due + 60_000 });
    await first.workspace.waitFor(() => first.weekly().length > 0);
    await benches.pop()?.close();
    const third = await open({ store, joins: first.workspace, now: () => due + 2 * 60_000 });
    await third.workspace.user('ada').slash('/dbcheck', 'summary', 'incidents');
    await third.workspace.waitForEphemeral('ada');
    expect(second.weekly()).toHaveLength(1);
    await benches.pop()?.close();
    await benches.pop()?.close();
    await store.close();
  });

  it('is not posted in a channel that is shared with another organisation', async () => {
    const store = await lived();
    const shared = [{ name: 'orders-prod', tags: [], channel: 'C0PARTNER1' }];
    const bench = await open({ store, targets: shared, now: () => due + 60_000 });
    await benches.pop()?.close();
    expect(weeklyIn(bench, 'partner-shared')).toEqual([]);
    await store.close();
  });

  it.each([
    ['before it is due', { now: () => due - 60_000 }],
    ['days after it was due', { now: () => due + 50 * hour }],
    ['where it is turned off', { summary: { enabled: false, zone: 'Europe/Berlin' } }],
    ['where the rules do not let the channel ask', { access: { channels: [{ channels: ['dba'], may: ['ask'] }] } }],
  ])('is not posted %s', async (_, options) => {
    const store = await lived();
    const { weekly } = await open({ store, now: () => due + 60_000, ...options });
    // Closing waits for what was begun.
    await benches.pop()?.close();
    expect(weekly()).toEqual([]);
    await store.close();
  });
});

describe('/dbcheck summary', () => {
  it('tells its person the week so far, from what was really asked, refused and said', async () => {
    const { workspace, store } = await open();
    const ada = workspace.user('ada');
    const told = await workspace.waitForReply(ada.mention('incidents', 'slow?'), ({ text }) =>
      text.includes('Critical'),
    );
    await ada.click(told, 'Useful');
    await workspace.waitForEphemeral('ada', ({ text }) => text.startsWith('Thank you'));
    await createAudit(store).note({ who: 'U1', did: 'ask', result: 'refused', target: 'orders-prod' });
    await ada.slash('/dbcheck', 'summary', 'incidents');
    // The scripted reports are taken at a fixed time, so their run is outside of this week.
    const { text } = await workspace.waitForEphemeral('ada', (one) => one.text.includes('This week on orders-prod'));
    expect(text).toContain('1 useful, 0 not useful');
    expect(text).toContain('Refused: 1; failed: 0');
    expect(workspace.messages('incidents').filter((one) => one.threadTs === undefined)).toHaveLength(1);
  });

  it('is about targets that its person may ask about, and refused where there are none', async () => {
    const people = [{ users: ['U0ADA00001'], targets: ['billing-prod'], may: ['ask'] }];
    const { workspace } = await open({ access: { people } });
    await workspace.user('ada').slash('/dbcheck', 'summary last week', 'dba-private');
    await workspace.waitForEphemeral('ada', ({ text }) => text.startsWith('The last week on billing-prod,'));
    await workspace.user('ben').slash('/dbcheck', 'summary', 'dba-private');
    await workspace.waitForEphemeral('ben', ({ text }) => text.includes('no summary for you'));
  });

  it('leaves questions that begin alike alone', async () => {
    const { workspace, asked } = await open();
    await workspace.user('ada').slash('/dbcheck', 'summary of slow queries on orders-prod', 'incidents');
    await workspace.waitFor(() => asked.length === 1);
  });
});

describe('the log of runs', () => {
  it('keeps no literal of a statement and no secret of a question', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    const log = createRunLog(store);
    const at = { ref: 'T:C:1.1#0', user: 'U0ADA00001', channel: 'C', threadTs: '1.1' };
    const pasted = "run: SELECT id FROM accounts WHERE card = '4111111111111111'";
    for (const question of [pasted, "is it slow? the password='hunter2zaphod'"])
      await log.add(report({ question }), at);
    const kept = JSON.stringify([await log.all({}), await log.of('U0ADA00001')]);
    expect(kept).toContain('FROM accounts');
    expect(kept).not.toMatch(/4111|hunter2zaphod/);
    await store.close();
  });
});

describe('a question that fails', () => {
  it('is in the audit with the code of why', async () => {
    const { workspace, store } = await open({
      answer: () => {
        throw new Error('mysql://dbcheck:hunter2@10.0.0.1 is gone');
      },
    });
    await workspace.waitForReply(workspace.user('ada').mention('incidents', 'slow?'), ({ text }) =>
      text.includes('(internal)'),
    );
    const entries = (await store.read(auditKind, 'all')).map(({ value }) => value);
    expect(entries).toMatchObject([{ did: 'ask', result: 'failed', why: 'internal' }]);
  });
});
