import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { WorkspaceOptions } from '../../lab/slack/options.ts';
import { startWorkspace, type Workspace } from '../../lab/slack/workspace.ts';
import { accessSettings } from '../../src/actions/access-settings.ts';
import { actionSettings } from '../../src/actions/action.ts';
import type { Executor } from '../../src/actions/executor.ts';
import { alertSettings } from '../../src/alerts/alert-settings.ts';
import type { ConversationStore } from '../../src/conversation/conversation.ts';
import { createStoredConversations } from '../../src/conversation/stored-conversations.ts';
import { type Log, silentLog } from '../../src/log.ts';
import type { Orchestrator, Question } from '../../src/orchestrator/question.ts';
import type { Report } from '../../src/report/report.ts';
import { summarySettings } from '../../src/schedules/summary-settings.ts';
import { type SlackApp, startSlackApp } from '../../src/slack/app.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { watchSettings } from '../../src/watch/watch-settings.ts';

/** What the manifest asks Slack for; the workspace refuses whatever is not in it. */
export const manifest = parse(readFileSync(new URL('../../manifest.yml', import.meta.url), 'utf8'));

const nobodyThere: Executor = { look: async () => undefined, kill: async () => 'changed' };

export interface SlackBench {
  readonly workspace: Workspace;
  readonly app: SlackApp;
  readonly store: Store;
  /** Every question that reached the orchestrator, in order. */
  readonly asked: readonly Question[];
  /** Stops the bot and the workspace; fails where the bot ever sent what Slack refuses. */
  close(): Promise<void>;
}

export interface BenchOptions {
  /** Answers a question; the orchestrator of the test. */
  readonly answer: (question: Question, number: number) => Promise<Report> | Report;
  readonly transport?: 'socket' | 'http';
  readonly workspace?: WorkspaceOptions;
  readonly log?: Log;
  readonly targets?: readonly {
    readonly name: string;
    readonly tags: readonly string[];
    readonly hasActionAccount?: boolean;
    readonly channel?: string | undefined;
    readonly host?: string | undefined;
  }[];
  readonly conversations?: ConversationStore;
  /** The key `access` of dbcheck.yml. */
  readonly access?: object;
  /** The key `alerts` of dbcheck.yml. */
  readonly alerts?: object;
  /** The key `summary` of dbcheck.yml. */
  readonly summary?: object;
  /** The key `watch` of dbcheck.yml; off by default. */
  readonly watch?: object;
  /** Sees and ends sessions; without one no session is there. */
  readonly executor?: Executor;
  readonly now?: () => number;
  /** A store that the test closes; one in memory otherwise. */
  readonly store?: Store;
  /** A workspace that is there already, and that the test closes. */
  readonly joins?: Workspace;
  /** How long a stop lets turns finish; not at all by default. */
  readonly finishMs?: number;
  /** The test provokes refusals on purpose. */
  readonly violationsExpected?: boolean;
}

/** The real Slack app on a fresh local workspace that grants what the manifest asks for; only the orchestrator is scripted. */
export async function startSlackBench(options: BenchOptions): Promise<SlackBench> {
  const workspace =
    options.joins ??
    (await startWorkspace({
      scopes: manifest.oauth_config.scopes.bot,
      events: manifest.settings.event_subscriptions.bot_events,
      functions: manifest.functions,
      ...options.workspace,
    }));
  const asked: Question[] = [];
  const take = async (question: Question) => {
    asked.push(question);
    return options.answer(question, asked.length);
  };
  const orchestrator: Orchestrator = { ask: take, check: take };
  const { botToken, appToken, signingSecret } = workspace.settings;
  const store = options.store ?? createSqliteStore({ path: ':memory:' });
  const access = accessSettings.parse(options.access ?? {});
  const http = options.transport === 'http';
  const app = await startSlackApp(
    {
      botToken,
      appToken: http ? undefined : appToken,
      signingSecret: http ? signingSecret : undefined,
      port: http ? 0 : undefined,
      host: '127.0.0.1',
      finishMs: options.finishMs ?? 0,
      apiUrl: workspace.apiUrl,
    },
    {
      orchestrator,
      targets: (options.targets ?? [{ name: 'orders-prod', tags: ['prod'] }]).map((target) => ({
        hasActionAccount: false,
        ...target,
      })),
      conversations: options.conversations ?? createStoredConversations(store),
      store,
      access: () => access,
      actionSettings: () => actionSettings.parse({}),
      summarySettings: () => summarySettings.parse(options.summary ?? {}),
      alertSettings: () => alertSettings.parse(options.alerts ?? {}),
      watchSettings: () => watchSettings.parse(options.watch ?? { enabled: false }),
      executor: options.executor ?? nobodyThere,
      ...(options.now ? { now: options.now } : {}),
      log: options.log ?? silentLog,
    },
  );
  if (http) workspace.setRequestUrl(`http://127.0.0.1:${app.port}/slack/events`);
  else await workspace.waitForConnection();
  return {
    workspace,
    app,
    store,
    asked,
    async close() {
      await app.stop();
      if (!options.store) await store.close();
      try {
        if (!options.violationsExpected) workspace.assertNoViolations();
      } finally {
        if (!options.joins) await workspace.close();
      }
    },
  };
}
