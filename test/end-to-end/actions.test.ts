import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  openSession,
  openTransaction,
  type Session,
  startStatement,
  transactionAge,
  waitFor,
  waitForRowLockWaits,
} from '../../lab/faults/steps.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import type { JsonObject, Message } from '../../lab/slack/nouns.ts';
import { startWorkspace, type Workspace } from '../../lab/slack/workspace.ts';
import { auditKind } from '../../src/actions/audit.ts';
import { type Bot, startBot } from '../../src/bot.ts';
import { loadConfig, parseConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { manifest } from '../support/slack-bench.ts';

const cleanUp: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const work of cleanUp.splice(0).toReversed()) await work();
});

interface Scene {
  readonly server: LabServer;
  readonly workspace: Workspace;
  readonly blocker: Session;
  readonly waiters: readonly Session[];
  /** The entries of the audit, read beside the running bot as the command line does. */
  audited(): Promise<readonly string[]>;
}

/** A shop whose orders are blocked by one idle transaction, and the real bot in a workspace with a group of DBAs. */
async function start(
  tags: readonly string[],
  prepare: (server: LabServer, blocker: Session) => Promise<void> = async () => {},
): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'dbcheck-actions-'));
  cleanUp.push(() => rmSync(folder, { recursive: true }));
  const server = await startServer({ name: 'orders-prod' });
  cleanUp.push(() => server.stop());
  const workspace = await startWorkspace({
    scopes: manifest.oauth_config.scopes.bot,
    events: manifest.settings.event_subscriptions.bot_events,
    userGroups: [{ id: 'S0DBA00001', handle: 'dba', users: ['U0ADA00001', 'U0BEN00001'] }],
  });
  cleanUp.push(() => workspace.close());
  const { environment } = loadConfig(undefined, {
    DB_HOST: 'unused',
    SLACK_BOT_TOKEN: workspace.settings.botToken,
    SLACK_APP_TOKEN: workspace.settings.appToken,
    SLACK_API_URL: workspace.apiUrl,
  });
  const path = join(folder, 'dbcheck.db');
  const file = parseConfig(
    JSON.stringify({
      targets: [targetEntry(server, { tags, action: server.accounts.action })],
      run: { windowSeconds: 0.3 },
      store: { path },
      access: {
        channels: [{ channels: ['#incidents'], may: ['ask', 'act'] }],
        people: [
          { users: ['*'], may: ['ask'] },
          { userGroups: ['@dba'], may: ['act'] },
        ],
      },
    }),
    join(folder, 'dbcheck.yml'),
    {},
  );
  const bot: Bot = await startBot({ ...file, path: undefined, environment }, silentLog);
  cleanUp.push(async () => {
    await bot.stop();
    workspace.assertNoViolations();
  });
  await workspace.waitForConnection();
  const blocker = await openTransaction(server, ["UPDATE orders SET note = 'secret' WHERE id = 10"]);
  await prepare(server, blocker);
  const waiters = [await openSession(server), await openSession(server)];
  for (const waiter of waiters) startStatement(waiter, "UPDATE orders SET note = 'other secret' WHERE id = 10");
  await waitForRowLockWaits(server, waiters);
  await server.quiet();
  return {
    server,
    workspace,
    blocker,
    waiters,
    async audited() {
      const store = createSqliteStore({ path, use: 'read' });
      const entries = await store.read(auditKind, 'all');
      await store.close();
      expect(JSON.stringify(entries)).not.toContain('secret');
      return entries.map(({ value: { who, did, result } }) => `${who} ${did} ${result}`);
    },
  };
}

const patience = { timeoutMs: 20_000 };
const has = (words: string) => (shown: Message) => JSON.stringify(shown.blocks).includes(words);

async function offered({ workspace, blocker }: Scene): Promise<Message> {
  const asked = workspace.user('ada').mention('incidents', 'who blocks whom on orders-prod?');
  return workspace.waitForReply(asked, has(`Kill connection ${blocker.thread}`), patience);
}

const wordsOf = (source: JsonObject) => JSON.stringify(source);

describe('a kill on a target that is not tagged prod', () => {
  it('goes from the report over button and modal to the end of the waiting, and the thread and the audit say so', async () => {
    const scene = await start(['orders']);
    const { workspace, blocker, waiters } = scene;
    const offer = await offered(scene);
    await workspace.user('ben').click(offer, `Kill connection ${blocker.thread}`);
    const modal = await workspace.waitForModal('ben', ({ source }) => 'submit' in source, patience);
    const words = wordsOf(modal.source);
    for (const expected of [
      'orders-prod (orders)',
      `${blocker.thread}, idle for`,
      'app@localhost',
      'Rows to roll back: ","style":{"bold":true}},{"type":"text","text":"1"',
      'its open transaction is rolled back (1 row)',
      'Valid until',
    ])
      expect(words).toContain(expected);
    await workspace.user('ben').submit(modal);
    const result = await workspace.waitForReply(offer, ({ text }) => text.startsWith('Done: connection'), patience);
    expect(result.text).toBe(
      `Done: connection ${blocker.thread} (app@localhost) on orders-prod was killed; ben asked. ` +
        'It helped: the 2 sessions that waited are through, and nobody waits for a lock any more.',
    );
    await Promise.all(waiters.map(({ ended }) => ended));
    expect(workspace.message(offer)?.blocks.some(({ type }) => type === 'actions')).toBe(false);
    expect(await scene.audited()).toEqual([
      'U0ADA00001 ask done',
      'dbcheck offer done',
      'U0BEN00001 request done',
      'U0BEN00001 kill_connection done',
    ]);
    await workspace.user('ben').click(offer, `Kill connection ${blocker.thread}`);
    const again = await workspace.waitForEphemeral('ben');
    expect(again.text).toBe('It was done already: a button works once.');
  });
});

describe('a kill on a target that is tagged prod', () => {
  it('waits for a second person, who is not the first', async () => {
    const scene = await start(['prod']);
    const { workspace, blocker } = scene;
    const offer = await offered(scene);
    await workspace.user('ada').click(offer, `Kill connection ${blocker.thread}`);
    const modal = await workspace.waitForModal('ada', ({ source }) => 'submit' in source, patience);
    expect(wordsOf(modal.source)).toContain('nothing happens until a second person confirms');
    await workspace.user('ada').submit(modal);
    const ask = await workspace.waitForReply(offer, has('Confirm: kill connection'), patience);
    expect(ask.text).toContain('ada wants to kill connection');
    const still = await scene.server.query(
      `SELECT ID FROM information_schema.PROCESSLIST WHERE ID = ${blocker.thread}`,
    );
    expect(still).toHaveLength(1);

    const confirm = `Confirm: kill connection ${blocker.thread}`;
    await workspace.user('ada').click(ask, confirm);
    const own = await workspace.waitForEphemeral('ada', ({ text }) => text.includes('somebody else'));
    expect(own.text).toBe('You asked for it yourself; somebody else must confirm.');
    await workspace.user('cleo').click(ask, confirm);
    const foreign = await workspace.waitForEphemeral('cleo', ({ text }) => text.includes('may not'));
    expect(foreign.text).toBe('You may not act on orders-prod here: no rule for you allows it.');

    await workspace.user('ben').click(ask, confirm);
    const result = await workspace.waitForReply(ask, ({ text }) => text.startsWith('Done: connection'), patience);
    expect(result.text).toContain('ada asked, ben confirmed. It helped: the 2 sessions that waited are through');
    expect(await scene.audited()).toEqual([
      'U0ADA00001 ask done',
      'dbcheck offer done',
      'U0ADA00001 request waiting',
      'U0ADA00001 approve refused',
      'U0CLEO0001 approve refused',
      'U0BEN00001 approve done',
      'U0BEN00001 kill_connection done',
    ]);
  });
});

describe('a blocker that is running a statement', () => {
  it('has its query stopped first, and its connection is offered when those who wait still do', async () => {
    const scene = await start(['orders'], async (server, blocker) => {
      await waitFor(
        'the transaction to be older',
        async () => ((await transactionAge(server, blocker.thread)) ?? 0) > 2.5,
      );
      startStatement(blocker, "UPDATE customers SET name = 'secret' WHERE id = 900 AND SLEEP(60) = 0");
    });
    const { workspace, blocker } = scene;
    const asked = workspace.user('ada').mention('incidents', 'who blocks whom on orders-prod?');
    const offer = await workspace.waitForReply(asked, has(`Kill query ${blocker.thread}`), patience);
    await workspace.waitForReply(asked, has(`Kill connection ${blocker.thread}`), patience);
    await workspace.user('ada').click(offer, `Kill query ${blocker.thread}`);
    const modal = await workspace.waitForModal('ada', ({ source }) => 'submit' in source, patience);
    expect(wordsOf(modal.source)).toContain('UPDATE customers SET name = ?');
    expect(wordsOf(modal.source)).toContain('with the locks of earlier statements');
    await workspace.user('ada').submit(modal);
    const first = await workspace.waitForReply(offer, ({ text }) => text.startsWith('Done: query'), patience);
    expect(first.text).toContain('It is not over: 2 sessions wait behind one idle transaction');
    const next = await workspace.waitForReply(first, has(`Kill connection ${blocker.thread}`), patience);
    await workspace.user('ada').click(next, `Kill connection ${blocker.thread}`);
    const second = await workspace.waitForModal(
      'ada',
      ({ source }) => 'submit' in source && wordsOf(source).includes('Kill connection'),
      patience,
    );
    await workspace.user('ada').submit(second);
    const last = await workspace.waitForReply(next, ({ text }) => text.startsWith('Done: connection'), patience);
    expect(last.text).toContain('It helped: the 2 sessions that waited are through');
  });
});
