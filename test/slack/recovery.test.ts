import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { afterEach, describe, expect, it } from 'vitest';
import { startBotProcess } from '../../lab/bot-process.ts';
import { startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import type { Message } from '../../lab/slack/nouns.ts';
import { startWorkspace, type Workspace } from '../../lab/slack/workspace.ts';
import { createStoredConversations } from '../../src/conversation/stored-conversations.ts';
import { silentLog } from '../../src/log.ts';
import { post } from '../../src/slack/posting/posting.ts';
import { reportMessages } from '../../src/slack/report/report-blocks.ts';
import { questionKind, type TakenQuestion } from '../../src/slack/turns/inbox.ts';
import { createResilientStore } from '../../src/store/resilient-store.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { breakable } from '../support/breakable-store.ts';
import { answer, report } from '../support/reports.ts';
import { type BenchOptions, manifest, type SlackBench, startSlackBench } from '../support/slack-bench.ts';

const ending: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

/** What a process left that was killed: its store, and the thread of its question in the workspace. */
interface Wreck {
  readonly workspace: Workspace;
  readonly store: Store;
  readonly client: WebClient;
  /** The message that asked. */
  readonly asked: Message;
  readonly id: string;
  readonly key: string;
  leave(question: Partial<TakenQuestion>): Promise<void>;
  restart(options: Pick<BenchOptions, 'answer'>): Promise<SlackBench>;
}

async function wreck(): Promise<Wreck> {
  const workspace = await startWorkspace({
    scopes: manifest.oauth_config.scopes.bot,
    events: manifest.settings.event_subscriptions.bot_events,
  });
  ending.push(() => workspace.close());
  const store = createSqliteStore({ path: ':memory:' });
  ending.push(() => store.close());
  // Nobody listens yet: to the workspace this is a message like any other.
  const asked = workspace.user('ada').message('incidents', 'why is orders-prod slow?');
  const channel = workspace.channel('incidents').id;
  const team = workspace.settings.team.id;
  const id = `said ${channel} ${asked.ts}`;
  return {
    workspace,
    store,
    client: new WebClient(workspace.settings.botToken, { slackApiUrl: workspace.apiUrl }),
    asked,
    id,
    key: `${team}:${channel}:${asked.ts}`,
    async leave(question) {
      const before: TakenQuestion = {
        team,
        channel,
        threadTs: asked.ts,
        text: 'why is orders-prod slow?',
        user: workspace.user('ada').id,
        fresh: false,
        takenAtMs: Date.now(),
        state: 'running',
        begun: 1,
        owner: 'a process that is dead',
      };
      const { threadTs: _, ...rootless } = before;
      await store.put(questionKind, id, { ...(question.echo === undefined ? before : rootless), ...question });
    },
    async restart(options) {
      const bench = await startSlackBench({ ...options, joins: workspace, store });
      ending.push(() => bench.close());
      return bench;
    },
  };
}

const isReport = ({ text }: { readonly text: string }) => text.includes('🔴 Critical · orders-prod');

async function stateOf({ store, id }: Wreck): Promise<string | undefined> {
  return (await store.get(questionKind, id))?.state;
}

describe('a question that a killed process left', () => {
  it('before it was begun is answered as if nothing had happened', async () => {
    const left = await wreck();
    await left.leave({ state: 'waiting', begun: 0 });
    const { asked } = await left.restart({ answer: () => report() });
    await left.workspace.waitForReply(left.asked, isReport);
    expect(asked.map(({ text }) => text)).toEqual(['why is orders-prod slow?']);
    await expect.poll(() => stateOf(left)).toBe('answered');
  });

  it('in the middle of its run is looked at again, and the thread is told', async () => {
    const left = await wreck();
    const list = await left.client.chat.postMessage({
      channel: left.workspace.channel('incidents').id,
      thread_ts: left.asked.ts,
      text: '2 of 9 checks',
    });
    await left.leave({ progressTs: String(list.ts) });
    await left.restart({ answer: () => report() });
    await left.workspace.waitForReply(left.asked, isReport);
    const texts = left.workspace.thread('incidents', left.asked.ts).map(({ text }) => text);
    expect(texts).toContain('dbcheck was stopped while it worked on this question; it looks again.');
    expect(texts).toContain('Interrupted: dbcheck was stopped');
    expect(texts.filter((text) => text.includes('🔴 Critical'))).toHaveLength(1);
  });

  it('with its report stored but only half posted gets the other half, and nothing twice', async () => {
    const left = await wreck();
    await left.leave({});
    const given = report({ question: 'why is orders-prod slow?' });
    await createStoredConversations(left.store).append(left.key, {
      id: left.id,
      question: given.question,
      askedAt: given.takenAt,
      report: given,
    });
    const [first] = reportMessages(given, `${left.key}#0`).messages;
    const place = { channel: left.workspace.channel('incidents').id, threadTs: left.asked.ts };
    if (first) await post(left.client, place, { ...first, key: `${left.id}/0` }, silentLog);
    const { asked } = await left.restart({ answer: () => report() });
    await expect.poll(() => stateOf(left)).toBe('answered');
    expect(asked).toHaveLength(0);
    expect(left.workspace.thread('incidents', left.asked.ts).filter(isReport)).toHaveLength(1);
  });

  it('with its report stored but not posted gets it, without a second run', async () => {
    const left = await wreck();
    await left.leave({});
    const given = report();
    await createStoredConversations(left.store).append(left.key, {
      id: left.id,
      question: given.question,
      askedAt: given.takenAt,
      report: given,
    });
    const { asked } = await left.restart({ answer: () => report() });
    await left.workspace.waitForReply(left.asked, isReport);
    expect(asked).toHaveLength(0);
  });

  it.each([
    ['that was begun twice', { begun: 2 }],
    ['that is older than a quarter of an hour', { takenAtMs: Date.now() - 16 * 60_000 }],
  ])('%s gets a last word with a button, and the button asks it again', async (_, question) => {
    const left = await wreck();
    await left.leave(question);
    const { asked } = await left.restart({ answer: () => report() });
    const told = await left.workspace.waitForReply(left.asked, ({ text }) =>
      text.startsWith('Interrupted: dbcheck was stopped'),
    );
    expect(asked).toHaveLength(0);
    await left.workspace.user('ben').click(told, 'Run again');
    await left.workspace.waitForReply(told, isReport);
    expect(asked.map(({ text }) => text)).toEqual(['why is orders-prod slow?']);
  });

  it.each([true, false])(
    'from a command whose root message was posted (%s) has one root message',
    async (wasPosted) => {
      const left = await wreck();
      await left.leave({ state: 'waiting', begun: 0, echo: 'ada asks: is it healthy?' });
      const place = { channel: left.workspace.channel('incidents').id, threadTs: undefined };
      const root = { text: 'ada asks: is it healthy?', blocks: [], key: `${left.id}/root` };
      if (wasPosted) await post(left.client, place, root, silentLog);
      await left.restart({ answer: () => answer('yes') });
      const roots = () => left.workspace.messages('incidents').filter(({ text }) => text === root.text);
      await left.workspace.waitFor(() => roots().length > 0);
      const [only] = roots();
      if (!only) throw new Error('no root message');
      await left.workspace.waitFor(() =>
        left.workspace.thread('incidents', only.ts).some(({ text }) => text === 'yes'),
      );
      expect(roots()).toHaveLength(1);
    },
  );

  it('in a channel that is archived since is let go, and the next one is answered', async () => {
    const left = await wreck();
    await left.leave({ channel: 'C0GONE' });
    const bench = await left.restart({ answer: () => answer('here') });
    const next = left.workspace.user('ada').mention('incidents', 'still there?');
    await left.workspace.waitForReply(next, ({ text }) => text === 'here');
    await expect.poll(() => stateOf(left)).toBe('answered');
    expect(bench.asked).toHaveLength(1);
  });
});

describe('an event', () => {
  it.each(['socket', 'http'] as const)('is in the store before it is acknowledged (%s)', async (transport) => {
    const hang = Promise.withResolvers<void>();
    const bench = await startSlackBench({
      transport,
      answer: async () => {
        await hang.promise;
        return answer('at last');
      },
    });
    ending.push(() => bench.close());
    const { workspace, store } = bench;
    const asked = workspace.user('ada').mention('incidents', 'help');
    await workspace.waitFor(() => workspace.deliveries.some(({ finished }) => finished));
    const stored = await store.list(questionKind);
    expect(stored.map(({ key, value }) => [key, value.text, value.state])).toEqual([
      [`said ${workspace.channel('incidents').id} ${asked.ts}`, 'help', 'running'],
    ]);
    hang.resolve();
    await workspace.waitForReply(asked, ({ text }) => text === 'at last');
    await expect.poll(async () => (await store.list(questionKind))[0]?.value.state).toBe('answered');
  });

  it('is stored without its words once it is answered', async () => {
    const bench = await startSlackBench({ answer: () => answer('here') });
    ending.push(() => bench.close());
    const { workspace, store } = bench;
    await workspace.user('ada').slash('/dbcheck', 'what does email=ada@example.org do?', 'incidents');
    const taken = async () => (await store.list(questionKind)).map(({ value }) => value);
    await expect.poll(async () => (await taken()).map(({ state }) => state)).toEqual(['answered']);
    expect(JSON.stringify(await taken())).not.toContain('email');
  });
});

describe('a store that cannot be written', () => {
  it('stops no answer: the report says that the thread is kept in memory, and why', async () => {
    const state = breakable();
    const store = createResilientStore(state.engine, silentLog);
    ending.push(() => store.close());
    const bench = await startSlackBench({ store, answer: () => report() });
    ending.push(() => bench.close());
    state.broken = true;
    const asked = bench.workspace.user('ada').mention('incidents', 'why is orders-prod slow?');
    const told = await bench.workspace.waitForReply(asked, isReport);
    expect(bench.workspace.render([told])).toContain('kept in memory only, because the disk is full');
    const follow = bench.workspace.user('ada').reply(asked, 'and now?');
    await bench.workspace.waitForReply(follow, isReport);
    expect(bench.asked[1]?.conversation?.turns).toHaveLength(1);
    state.broken = false;
    await expect.poll(() => store.trouble, { timeout: 5_000 }).toBeUndefined();
    const states = async () => (await state.engine.list(questionKind)).map(({ value }) => value.state);
    await expect.poll(states).toEqual(['answered', 'answered']);
  });
});

describe('the bot as a process', () => {
  it('that is killed in the middle of a run answers once after its restart, and knows the thread', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dbcheck-kill-'));
    ending.push(() => rmSync(folder, { recursive: true, force: true }));
    const server = await startServer({ name: 'orders-prod' });
    ending.push(() => server.stop());
    const workspace = await startWorkspace();
    ending.push(() => workspace.close());
    const config = join(folder, 'dbcheck.yml');
    writeFileSync(config, JSON.stringify({ targets: [targetEntry(server)], run: { windowSeconds: 2 } }));
    const start = () => startBotProcess({ config, apiUrl: workspace.apiUrl, settings: workspace.settings });
    let bot = await start();
    await workspace.waitForConnection();
    const asked = workspace.user('ada').mention('incidents', 'is orders-prod healthy?');
    await workspace.waitForReply(asked, ({ blocks }) => JSON.stringify(blocks).includes('dbcheck:stop'));
    await bot.kill();

    bot = await start();
    ending.push(() => bot.kill());
    const isHealthy = ({ text }: { readonly text: string }) => /^\S+ \w+ · orders-prod/.test(text);
    await workspace.waitForReply(asked, isHealthy, { timeoutMs: 20_000 });
    const follow = workspace.user('ben').reply(asked, 'give me a summary');
    await workspace.waitForReply(follow, undefined, { timeoutMs: 10_000 });
    expect(workspace.thread('incidents', asked.ts).filter(isHealthy)).toHaveLength(1);
  });
});
