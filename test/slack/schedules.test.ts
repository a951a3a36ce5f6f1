import { afterEach, describe, expect, it } from 'vitest';
import { auditKind } from '../../src/actions/audit.ts';
import { silentLog } from '../../src/log.ts';
import type { Report } from '../../src/report/report.ts';
import { createScheduleBook } from '../../src/schedules/schedule-book.ts';
import { createResilientStore } from '../../src/store/resilient-store.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { breakable } from '../support/breakable-store.ts';
import { finding, report, result } from '../support/reports.ts';
import { type BenchOptions, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

const eight = Date.parse('2026-11-24T07:00:00Z');
const healthy = () => report({ verdict: 'healthy', findings: [], rootCauses: [] });
const critical = () => report({ findings: [finding('f1')] });
const targets = [
  { name: 'orders-prod', tags: ['prod'] },
  { name: 'billing-prod', tags: ['prod'] },
];

/** A bot with a clock that the test sets. */
async function open(answer: () => Report, options: Partial<BenchOptions> = {}) {
  const clock = { ms: Date.parse('2026-11-23T12:00:00Z') };
  const bench = await startSlackBench({ answer, targets, now: () => clock.ms, ...options });
  ending.push(() => bench.close());
  const { workspace, store } = bench;
  const ada = workspace.user('ada');
  const schedule = async (words: string) => {
    await ada.slash('/dbcheck', `schedule ${words}`, 'incidents');
  };
  const made = (text = 'Schedule 1:') =>
    workspace.waitFor(() => inChannel(bench).find((one) => one.text.includes(text)));
  const checks = () => inChannel(bench).filter(({ text }) => text.includes('Scheduled check'));
  const told = (count: number) =>
    workspace.waitFor(() => checks().length >= count && checks().at(-1), { timeoutMs: 20_000 });
  const audited = async () => (await store.read(auditKind, 'all')).map(({ value }) => value);
  /** Until the check of a due time is through, told or not. */
  const through = (count: number) => expect.poll(() => bench.asked.length, { timeout: 20_000 }).toBe(count);
  return {
    ...bench,
    bench,
    clock,
    ada,
    schedule,
    made,
    checks,
    told,
    audited,
    through,
    book: createScheduleBook(store),
  };
}

function inChannel({ workspace }: SlackBench) {
  return workspace.messages('incidents').filter(({ threadTs }) => threadTs === undefined);
}

describe('a schedule', () => {
  it('is confirmed with what runs, when, and how it is told; its check opens a thread that people can go on in', async () => {
    const { workspace, clock, schedule, made, told, asked } = await open(critical);
    await schedule('orders-prod every day at 08:00 Europe/Berlin full');
    const confirmed = await made();
    expect(confirmed.text).toBe(
      'Schedule 1: orders-prod every day at 08:00 Europe/Berlin, full, notify always\n' +
        'Next: Tue 24 Nov 08:00 Europe/Berlin · Wed 25 Nov 08:00 Europe/Berlin · Thu 26 Nov 08:00 Europe/Berlin',
    );
    clock.ms = eight;
    const root = await told(1);
    expect(root.text).toContain('🔴 Critical · orders-prod · Idle transaction holds row locks');
    expect(root.text).toContain('Scheduled check 1 of Tue 24 Nov 08:00 Europe/Berlin');
    await workspace.waitForReply(root, ({ text }) => text.includes('🔴 Critical'));
    workspace.user('ben').reply(root, 'tell me more');
    await expect.poll(() => asked.length).toBe(2);
    expect(asked[1]?.conversation?.turns).toHaveLength(1);
  });

  it('by mention is answered in the thread, and a list names number, next time and last verdict', async () => {
    const { workspace, clock, told, book } = await open(healthy);
    const said = workspace.user('ada').mention('incidents', 'schedule orders-prod every day at 8');
    const made = await workspace.waitForReply(said, ({ text }) => text.startsWith('Schedule 1'));
    expect(made.text).toContain('every day at 08:00');
    clock.ms = Date.parse('2026-11-24T23:00:00Z');
    await told(1);
    await expect.poll(async () => (await book.all())[0]?.last?.verdict).toBe('healthy');
    await workspace.user('ben').slash('/dbcheck', 'schedule list', 'incidents');
    const list = await workspace.waitForEphemeral('ben', ({ text }) => text.includes('orders-prod'));
    expect(list.text).toMatch(/^1 {2}orders-prod every day at 08:00 .*\n\s+next .*; last 🟢 Healthy/);
  });

  it('that is not understood is asked back with an example and makes nothing', async () => {
    const { workspace, schedule, book } = await open(healthy);
    await schedule('orders-prod every day');
    const told = await workspace.waitForEphemeral('ada');
    expect(told.text).toContain('At what time?');
    expect(told.text).toContain('/dbcheck schedule orders-prod every day at 08:00 Europe/Berlin full');
    expect(await book.all()).toEqual([]);
  });

  it('says that a restart would forget it while the store cannot be written', async () => {
    const file = breakable();
    const store = createResilientStore(file.engine, silentLog);
    ending.push(() => store.close());
    const { schedule, made } = await open(healthy, { store });
    file.broken = true;
    await schedule('orders-prod every hour');
    expect(JSON.stringify((await made()).blocks)).toContain('kept in memory only, because the disk is full');
  });

  it('goes on after a clock that was years ahead has come back', async () => {
    const { clock, schedule, made, told, checks, book } = await open(healthy);
    await schedule('orders-prod every hour');
    await made();
    const before = clock.ms;
    clock.ms = Date.parse('2031-01-01T00:30:00Z');
    await told(1);
    await expect.poll(async () => (await book.all())[0]?.nextAtMs).toBe(Date.parse('2031-01-01T01:00:00Z'));
    clock.ms = before + 120_000;
    await expect.poll(async () => (await book.all())[0]?.nextAtMs, { timeout: 5_000 }).toBe(before + 3_600_000);
    // That of the first hour was made, too early; it is not made twice.
    clock.ms = before + 3_605_000;
    await expect.poll(async () => (await book.all())[0]?.nextAtMs, { timeout: 5_000 }).toBe(before + 7_200_000);
    expect(checks()).toHaveLength(1);
    clock.ms = before + 7_205_000;
    await told(2);
    expect(checks()).toHaveLength(2);
  });

  it('is made in the time zone of its person', async () => {
    const { schedule, made, workspace } = await open(healthy);
    await schedule('orders-prod every day at 8');
    const zone = workspace.user('ada') && (await made()).text;
    expect(zone).toMatch(/every day at 08:00 [A-Z]\w+\/[A-Z]\w+,/);
  });

  it('is paused, resumed and deleted by its buttons, each of which counts once', async () => {
    const { workspace, clock, schedule, made, checks, book, audited, through, told } = await open(healthy);
    await schedule('orders-prod every hour');
    const confirmed = await made();
    await workspace.user('ben').click(confirmed, 'Pause schedule 1');
    const paused = await workspace.waitFor(() => inChannelText(workspace, 'Paused: by a person'));
    clock.ms = Date.parse('2026-11-23T13:00:00Z');
    await workspace.user('ben').click(paused, 'Resume schedule 1');
    const resumed = await workspace.waitFor(() => inChannelText(workspace, 'Next: Mon 23 Nov'));
    expect(checks()).toEqual([]);
    clock.ms = Date.parse('2026-11-23T14:00:01Z');
    await told(1);
    await through(1);
    await workspace.user('ben').click(resumed, 'Delete schedule 1');
    await workspace.waitFor(() => inChannelText(workspace, 'Schedule 1 is deleted.'));
    expect(await book.all()).toEqual([]);
    expect((await audited()).map(({ did, who }) => [did, who]).filter(([did]) => did?.includes('_schedule'))).toEqual([
      ['create_schedule', 'U0ADA00001'],
      ...['pause_schedule', 'resume_schedule', 'delete_schedule'].map((did) => [did, workspace.user('ben').id]),
    ]);
  });

  it('of another channel, or one that is not there, cannot be changed from here', async () => {
    const { workspace, schedule, made, book, audited } = await open(healthy);
    await schedule('orders-prod every hour');
    const confirmed = await made();
    await workspace.user('ben').slash('/dbcheck', 'schedule delete 1', 'dba');
    const told = await workspace.waitForEphemeral('ben');
    expect(told.text).toContain('This channel has no schedule 1');
    await workspace.user('ben').slash('/dbcheck', 'schedule delete', 'dba');
    await workspace.waitForEphemeral('ben', ({ text }) =>
      text.startsWith('Which one? For instance: /dbcheck schedule delete 3.'),
    );
    await workspace.user('ben').click(confirmed, 'Pause schedule 1', { value: '77' });
    await workspace.waitForEphemeral('ben', ({ text }) => text.includes('no longer there'));
    expect(await book.all()).toHaveLength(1);
    expect((await audited()).at(-1)).toMatchObject({ did: 'pause_schedule', result: 'refused' });
  });

  it('needs the right to schedule, for the command and for the click', async () => {
    const access = {
      people: [
        { users: ['U0ADA00001'], may: ['ask', 'schedule'] },
        { users: ['*'], may: ['ask'] },
      ],
    };
    const { workspace, schedule, made, book, audited } = await open(healthy, { access });
    await workspace.user('ben').slash('/dbcheck', 'schedule orders-prod every hour', 'incidents');
    const refused = await workspace.waitForEphemeral('ben');
    expect(refused.text).toBe('You may not schedule checks of orders-prod here: no rule for you allows it.');
    expect(await book.all()).toEqual([]);
    await schedule('orders-prod every hour');
    await workspace.user('ben').click(await made(), 'Delete schedule 1');
    await expect
      .poll(async () => (await audited()).at(-1))
      .toMatchObject({ did: 'delete_schedule', result: 'refused' });
    expect(await book.all()).toHaveLength(1);
  });

  it('stands on the home page of who made it, with a button that pauses it', async () => {
    const { workspace, ada, schedule, made } = await open(healthy);
    await schedule('orders-prod every hour');
    await made();
    await ada.openHome();
    const home = await workspace.waitFor(() => {
      const view = workspace.home('ada');
      return JSON.stringify(view ?? '').includes('orders-prod every hour') && view;
    });
    expect(JSON.stringify(home)).toContain('Pause schedule 1');
  });
});

function inChannelText(workspace: SlackBench['workspace'], text: string) {
  return workspace.messages('incidents').find((message) => message.text.includes(text));
}

describe('what a check is told for', () => {
  it('on change: the first, then only what came or went', async () => {
    let now = healthy;
    const { clock, schedule, made, checks, told, through } = await open(() => now());
    await schedule('orders-prod every hour, notify on change');
    await made();
    const hour = (count: number) => {
      clock.ms = Date.parse('2026-11-23T12:00:30Z') + count * 3_600_000;
    };
    hour(1);
    await told(1);
    hour(2);
    await through(2);
    now = critical;
    hour(3);
    const third = await told(2);
    expect(third.text).toContain('The last check: Healthy');
    expect(third.text).toContain('New: tx.idle_in_transaction orders-prod thread');
    // The same trouble of the next session is no change.
    now = () => report({ findings: [finding('f1', { subject: 'thread 9001' })] });
    hour(4);
    await through(4);
    now = healthy;
    hour(5);
    const fifth = await told(3);
    expect(fifth.text).toContain('Gone: tx.idle_in_transaction orders-prod thread');
    expect(checks()).toHaveLength(3);
  });

  it('on warning and above: trouble and its end, and silence on a healthy server', async () => {
    let now = healthy;
    const { clock, schedule, made, checks, told, through } = await open(() => now());
    await schedule('orders-prod every hour, notify on warning');
    await made();
    const hour = (count: number) => {
      clock.ms = Date.parse('2026-11-23T12:00:30Z') + count * 3_600_000;
    };
    hour(1);
    await through(1);
    now = critical;
    hour(2);
    await told(1);
    now = healthy;
    hour(3);
    expect((await told(2)).text).toContain('🟢 Healthy');
    hour(4);
    await through(4);
    expect(checks()).toHaveLength(2);
  });

  it('one that could not look is always told', async () => {
    const { clock, schedule, made, told } = await open(() =>
      report({
        verdict: 'unknown',
        findings: [],
        rootCauses: [],
        results: [result('running_query', { status: 'failed', reason: 'no answer' })],
      }),
    );
    await schedule('orders-prod every hour, notify on warning');
    await made();
    clock.ms = Date.parse('2026-11-23T13:00:05Z');
    expect((await told(1)).text).toContain('⚪ Unknown · orders-prod');
  });
});

describe('a due time', () => {
  it('that went by while no process was there is made once, late, and says how many were missed', async () => {
    const store = createSqliteStore({ path: ':memory:' });
    ending.push(() => store.close());
    const first = await open(healthy, { store });
    await first.schedule('orders-prod every hour, notify on warning');
    await first.made();
    await first.app.stop();
    const clock = { ms: Date.parse('2026-11-23T17:20:00Z') };
    const second = await startSlackBench({
      answer: healthy,
      targets,
      store,
      joins: first.workspace,
      now: () => clock.ms,
    });
    ending.push(() => second.app.stop());
    const root = await first.told(1);
    expect(root.text).toContain('Scheduled check 1 of Mon 23 Nov');
    expect(root.text).toContain('dbcheck was not running; 4 more were due meanwhile. It is made now, once.');
    await expect.poll(async () => (await first.book.all())[0]?.nextAtMs).toBe(Date.parse('2026-11-23T18:00:00Z'));
    expect(second.asked).toHaveLength(1);
  });

  it('of whoever lost the right is not made: the schedule is paused and that is said once', async () => {
    const access = { people: [{ users: ['U0ADA00001'], may: ['ask', 'schedule'] as string[] }] };
    const { workspace, clock, schedule, made, asked, book } = await open(healthy, { access });
    await schedule('orders-prod every hour');
    await made();
    const [made1] = await book.all();
    await book.change(String(made1?.team), 1, (one) => ({ ...one, user: workspace.user('ben').id }));
    clock.ms = Date.parse('2026-11-23T13:00:05Z');
    const told = await workspace.waitFor(() => inChannelText(workspace, 'is paused: whoever made it may not'));
    expect(told.text).toContain('/dbcheck schedule resume 1');
    expect(asked).toEqual([]);
    expect((await book.all())[0]?.paused).toContain('may not have orders-prod checked');
  });

  it('in a channel that was archived pauses the schedule and tells its maker', async () => {
    const { workspace, ada, clock, schedule, made, book } = await open(healthy);
    await schedule('orders-prod every hour');
    await made();
    workspace.setArchived('incidents', true);
    clock.ms = Date.parse('2026-11-23T13:00:05Z');
    await expect
      .poll(async () => (await book.all())[0]?.paused, { timeout: 10_000 })
      .toContain('cannot write in its channel');
    const told = await workspace.waitForCall('chat.postMessage', ({ args }) => args['channel'] === ada.id);
    expect(String(told.args['text'])).toContain('Schedule 1 (orders-prod every hour');
  });
});
