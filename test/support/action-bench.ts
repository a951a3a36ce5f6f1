import type { Message, View } from '../../lab/slack/nouns.ts';
import { type AuditEntry, auditKind } from '../../src/actions/audit.ts';
import type { Executor, Sighting } from '../../src/actions/executor.ts';
import type { Finding, Kill } from '../../src/report/finding.ts';
import type { Report } from '../../src/report/report.ts';
import { finding, report } from './reports.ts';
import { type BenchOptions, type SlackBench, startSlackBench } from './slack-bench.ts';

/** What the report of a test blames: an idle connection of the application. */
export const blocker: Kill = {
  kind: 'connection',
  thread: 8_412,
  queryId: 77_001,
  user: 'app',
  host: '10.2.3.4:55012',
  seconds: 312,
};

/** The same session as the server shows it. */
export const blockerSeen: Sighting = {
  thread: blocker.thread,
  user: blocker.user,
  host: blocker.host,
  command: 'Sleep',
  seconds: 340,
  queryId: blocker.queryId,
  statement: undefined,
  rowsModified: 3,
  transactionSeconds: 350,
  isOurs: false,
};

export function lockFinding(given: Partial<Finding> = {}, kill: Kill = blocker): Finding {
  const recommendations = [{ action: 'End it', sql: `KILL ${kill.thread};`, risk: 'disruptive', kill } as const];
  return finding('f1', {
    code: 'lock.row_chain',
    subject: `thread ${kill.thread}`,
    title: '2 sessions wait behind one idle transaction',
    facts: { waiters: 2 },
    recommendations,
    ...given,
  });
}

export interface ActionBench extends SlackBench {
  /** The server of the test; what it shows can be changed, and what was killed is kept. */
  readonly server: {
    sighting: Sighting | undefined;
    look: (() => Promise<void>) | undefined;
    failure: Error | undefined;
  };
  readonly kills: Kill[];
  readonly clock: { nowMs: number };
  /** Asks, and gives the message with the button of the offer. */
  offered(channel?: string): Promise<Message>;
  /** Presses the button of an offer, and gives the modal when it can be submitted. */
  confirmable(user: string, offer: Message): Promise<View>;
  /** The message that asks the second person, after the first has submitted. */
  requested(user: string, offer: Message): Promise<Message>;
  audited(): Promise<readonly AuditEntry[]>;
  /** The words of the thread by the bot, in order. */
  said(offer: Message): readonly string[];
}

export interface ActionBenchOptions extends Partial<BenchOptions> {
  readonly tags?: readonly string[];
  readonly findings?: readonly Finding[];
}

export const killButton = 'Kill connection 8412';
export const confirmButton = 'Confirm: kill connection 8412';

/** Ada and Ben are DBAs and may act on what is asked about in #incidents; Cleo may not. */
export async function startActionBench(options: ActionBenchOptions = {}): Promise<ActionBench> {
  const { tags = ['orders'], findings = [lockFinding()], ...rest } = options;
  const server: ActionBench['server'] = { sighting: blockerSeen, look: undefined, failure: undefined };
  const kills: Kill[] = [];
  const clock = { nowMs: Date.now() };
  const executor: Executor = {
    async look() {
      await server.look?.();
      return server.sighting;
    },
    async kill(_, kill) {
      if (server.failure) throw server.failure;
      kills.push(kill);
      server.sighting = undefined;
      return 'killed';
    },
  };
  const found = (): Report => (kills.length > 0 ? report({ findings: [], rootCauses: [] }) : report({ findings }));
  const bench = await startSlackBench({
    answer: found,
    targets: [{ name: 'orders-prod', tags, hasActionAccount: true }],
    access: {
      channels: [{ channels: ['incidents', 'dba-private', 'direct'], may: ['ask', 'act'] }],
      people: [
        { users: ['*'], may: ['ask'] },
        { userGroups: ['dba'], may: ['act'] },
      ],
      administrators: { users: ['U0CLEO0001'] },
    },
    executor,
    now: () => clock.nowMs,
    ...rest,
    workspace: {
      userGroups: [{ id: 'S0DBA00001', handle: 'dba', users: ['U0ADA00001', 'U0BEN00001'] }],
      ...rest.workspace,
    },
  });
  const { workspace } = bench;

  async function confirmable(user: string, offer: Message): Promise<View> {
    await workspace.user(user).click(offer, killButton);
    return workspace.waitForModal(user, ({ source }) => 'submit' in source);
  }

  return {
    ...bench,
    server,
    kills,
    clock,
    async offered(channel = 'incidents') {
      const asked = workspace.user('ada').mention(channel, 'who blocks whom on orders-prod?');
      return workspace.waitForReply(asked, ({ blocks }) => JSON.stringify(blocks).includes('dbcheck:act'));
    },
    confirmable,
    async requested(user, offer) {
      await workspace.user(user).submit(await confirmable(user, offer));
      return workspace.waitForReply(offer, ({ blocks }) => JSON.stringify(blocks).includes('dbcheck:approve'));
    },
    audited: async () => (await bench.store.read(auditKind, 'all')).map(({ value }) => value),
    said: ({ channel, threadTs }) =>
      workspace
        .thread(channel, String(threadTs))
        .filter(({ botId }) => botId !== undefined)
        .map(({ text }) => text),
  };
}
