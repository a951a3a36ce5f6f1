import { createExecutor } from './actions/executor.ts';
import { agents } from './agents/registry.ts';
import { startAlertServer } from './alerts/server.ts';
import { type Config, namesModel } from './config.ts';
import { watchConfig } from './config-watch.ts';
import type { ConversationStore } from './conversation/conversation.ts';
import { createHabitBook, type HabitBook } from './conversation/habits.ts';
import { createPreferenceBook, type PreferenceBook } from './conversation/preferences.ts';
import { createStoredConversations } from './conversation/stored-conversations.ts';
import { ConfigError } from './errors.ts';
import { createHistories, type Histories } from './history/history.ts';
import { type Sampler, startSampler } from './history/sampler.ts';
import type { Cluster } from './jobs/cluster.ts';
import { createLive } from './live.ts';
import { withBudget } from './llm/budget.ts';
import { createChatCompletionsModel } from './llm/chat-completions.ts';
import type { ChatModel } from './llm/chat-model.ts';
import { createStoredLedger, type Ledger } from './llm/ledger.ts';
import { withMetrics } from './llm/measured-model.ts';
import { withResilience } from './llm/resilience.ts';
import { createResponsesModel } from './llm/responses.ts';
import { withTraces } from './llm/traced-model.ts';
import type { Log } from './log.ts';
import { createReadiness } from './operations/readiness.ts';
import { startOperationsServer } from './operations/server.ts';
import { createModelNarrator } from './orchestrator/model-narrator.ts';
import { createModelPlanner } from './orchestrator/model-planner.ts';
import { createOrchestrator } from './orchestrator/orchestrator.ts';
import type { Orchestrator } from './orchestrator/question.ts';
import { createRemembering } from './orchestrator/remembering.ts';
import { createRulePlanner } from './orchestrator/rule-planner.ts';
import { createSuggesting } from './orchestrator/suggesting.ts';
import { counted } from './report/units.ts';
import { startSlackApp } from './slack/app.ts';
import { startHousekeeping } from './store/housekeeping.ts';
import { openStore } from './store/open-store.ts';
import { createTargetRegistry, type TargetRegistry } from './targets/registry.ts';

export interface Bot {
  /** One line for people: what it is connected to. */
  readonly ready: string;
  readonly conversations: ConversationStore;
  /** Where /healthz, /readyz and /metrics are served, where they are. */
  readonly operationsPort: number | undefined;
  /** Where alerts are taken, where they are. */
  readonly alertsPort: number | undefined;
  /** Reads the configuration anew; an invalid one is refused and the old one goes on. */
  reload(): void;
  stop(): Promise<void>;
}

/** How long one call of the model may take. */
const modelTimeoutMs = 20_000;
const defaultModelName = 'gpt-5-mini';

/**
 * The configured model, or undefined where neither a key nor an address is given: then rules plan and a template narrates.
 * Throws ConfigError where money is capped and the model has no price.
 */
export function createModel({ environment, model: budget }: Config, ledger?: Ledger): ChatModel | undefined {
  if (!namesModel(environment)) return undefined;
  const { apiKey, baseUrl, name } = environment.model;
  const settings = { apiKey, baseUrl, name: name ?? defaultModelName, timeoutMs: modelTimeoutMs };
  // Any other server than OpenAI's own speaks Chat Completions.
  const model = baseUrl ? createChatCompletionsModel(settings) : createResponsesModel(settings);
  // The budget stands inside the retries: each attempt may cost.
  return withResilience(withTraces(withMetrics(withBudget(model, budget, ledger))));
}

/** What is kept in the store and answers are made with. */
interface Kept {
  readonly ledger?: Ledger;
  readonly histories?: Histories;
  readonly preferences?: PreferenceBook;
  readonly habits?: HabitBook;
  /** The processes that share the work; absent where this one is alone. */
  readonly cluster?: Cluster | undefined;
}

/** Servers, rules and, where there is one, the model, put together. The command line and the bot use the same. */
export function composeOrchestrator(
  config: Config,
  targets: TargetRegistry,
  log: Log,
  { ledger, histories, preferences, habits, cluster }: Kept = {},
): Orchestrator {
  const rules = createRulePlanner(agents, targets.targets);
  const model = createModel(config, ledger);
  const orchestrator = createOrchestrator({
    agents,
    targets,
    histories: config.history.enabled ? histories : undefined,
    planner: model ? createModelPlanner(model, agents, targets.targets, rules, config.redaction) : rules,
    ...(model ? { narrator: createModelNarrator(model, log, config.redaction) } : {}),
    settings: config.run,
    redaction: config.redaction,
    runner: cluster?.runner(config.run.cacheSeconds),
    log,
  });
  const remembering = preferences ? createRemembering(orchestrator, preferences, targets.targets) : orchestrator;
  return habits ? createSuggesting(remembering, habits, log) : remembering;
}

/** What a configuration describes and a changed one replaces: the servers, and who plans and judges. */
interface World {
  readonly targets: TargetRegistry;
  readonly orchestrator: Orchestrator;
  /** Closes the sessions to servers when the questions that use them are answered. */
  retire(): Promise<void>;
}

function createWorld(config: Config, log: Log, kept: Kept, previous?: TargetRegistry): World {
  const targets = createTargetRegistry(config, previous, kept.cluster?.leases);
  const orchestrator = composeOrchestrator(config, targets, log, kept);
  const open = new Set<Promise<unknown>>();
  const held = <T>(work: Promise<T>): Promise<T> => {
    open.add(work);
    const leave = () => open.delete(work);
    work.then(leave, leave);
    return work;
  };
  return {
    targets,
    orchestrator: {
      ask: (question) => held(orchestrator.ask(question)),
      check: (question, calls, names) => held(orchestrator.check(question, calls, names)),
    },
    async retire() {
      await Promise.allSettled(open);
      await targets.close();
    },
  };
}

/** Starts the bot. Rejects with ConfigError, naming what is missing, before anything is opened. */
export async function startBot(config: Config, log: Log): Promise<Bot> {
  const { role, redisUrl } = config.environment;
  const access = role === 'worker' ? undefined : slackAccess(config);
  const store = await openStore(config, log);
  const conversations = createStoredConversations(store);
  const housekeeping = startHousekeeping(store, log);
  // Loaded where it is used: one process alone needs no queue.
  const cluster =
    redisUrl === undefined ? undefined : await (await import('./jobs/cluster.ts')).openCluster(redisUrl, store, log);
  let inForce = config;
  const kept: Kept = {
    ledger: createStoredLedger(store),
    histories: createHistories(store),
    preferences: createPreferenceBook(store),
    habits: createHabitBook(store),
    cluster,
  };
  let world = createWorld(config, log, kept);
  const orchestrator = createLive(world.orchestrator);
  const targets = createLive(world.targets);
  const targetList = createLive(world.targets.targets);
  const watch = watchConfig(
    config,
    (next) => {
      const old = world;
      world = createWorld(next, log, kept, old.targets);
      inForce = next;
      orchestrator.replace(world.orchestrator);
      targets.replace(world.targets);
      targetList.replace(world.targets.targets);
      old.retire().catch((error: unknown) => log.warn({ err: error }, 'an old session did not end well'));
    },
    log,
  );
  const worker =
    role === 'slack'
      ? undefined
      : await cluster?.startWorker({
          agents,
          world: () => ({
            targets: world.targets,
            histories: inForce.history.enabled ? kept.histories : undefined,
            settings: inForce.run,
          }),
        });
  let sampler: Sampler | undefined;
  const close = async (): Promise<void> => {
    watch.stop();
    housekeeping.stop();
    await sampler?.stop();
    await worker?.close(config.slack.finishSeconds * 1_000);
    await cluster?.close();
    await world.targets.close();
    await store.close();
  };
  const slack =
    access &&
    (await startSlackApp(access, {
      orchestrator: orchestrator.now,
      conversations,
      targets: targetList.now,
      store,
      access: () => inForce.access,
      actionSettings: () => inForce.actions,
      alertSettings: () => inForce.alerts,
      summarySettings: () => inForce.summary,
      watchSettings: () => inForce.watch,
      executor: createExecutor(targets.now),
      log,
    }).catch(async (error: unknown) => {
      await close();
      throw new ConfigError(`Slack does not let us in: ${slackReason(error)}`, { cause: error });
    }));
  // With signed HTTP the port is that of Slack's requests.
  const isPortFree = access === undefined || access.appToken !== undefined;
  const operationsPort = config.operations.port ?? (isPortFree ? config.environment.slack.port : undefined);
  const operations =
    operationsPort === undefined
      ? undefined
      : await startOperationsServer(
          { port: operationsPort, host: config.operations.host },
          createReadiness({
            slack,
            store,
            targets: targets.now,
            configuration: watch,
            isBusyElsewhere: cluster?.isBusyElsewhere,
          }),
        ).catch(async (error: unknown) => {
          await slack?.stop();
          await close();
          throw error;
        });
  const { takeAlerts } = slack ?? {};
  const alerts =
    takeAlerts === undefined || config.alerts.port === undefined
      ? undefined
      : await startAlertServer({ settings: () => inForce.alerts, take: takeAlerts, log }).catch(
          async (error: unknown) => {
            await operations?.close();
            await slack?.stop();
            await close();
            throw error;
          },
        );
  sampler = startSampler({
    store,
    log,
    // A changed configuration is obeyed from the next interval on.
    get everySeconds() {
      return inForce.history.everySeconds;
    },
    targets: {
      get targets() {
        return inForce.history.enabled ? world.targets.targets : [];
      },
      session: (name) => world.targets.session(name),
    },
  });
  const words =
    config.environment.model.apiKey || config.environment.model.baseUrl ? 'with a model' : 'without a model';
  return {
    ready: `dbcheck is ready: ${slack?.transport ?? 'a worker'}, ${counted(targetList.now.length, 'target')}, ${words}`,
    conversations,
    operationsPort: operations?.port,
    alertsPort: alerts?.port,
    reload: watch.reload,
    async stop() {
      await alerts?.close();
      await operations?.close();
      await slack?.stop();
      await close();
    },
  };
}

function slackAccess({ environment, slack }: Config) {
  const { botToken, appToken, signingSecret, port, apiUrl } = environment.slack;
  if (!botToken) throw new ConfigError('SLACK_BOT_TOKEN is not set; the bot token of the Slack app begins with xoxb-');
  if (!appToken && !signingSecret) {
    throw new ConfigError('neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET and PORT (HTTP) is set');
  }
  const { connections, finishSeconds } = slack;
  return { botToken, appToken, signingSecret, port, apiUrl, connections, finishMs: finishSeconds * 1_000 };
}

function slackReason(error: unknown): string {
  const data = (error as { data?: { error?: unknown } } | undefined)?.data;
  return typeof data?.error === 'string' ? data.error : 'the Web API cannot be reached';
}
