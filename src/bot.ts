import { agents } from './agents/registry.ts';
import type { Config } from './config.ts';
import type { ConversationStore } from './conversation/conversation.ts';
import { createStoredConversations } from './conversation/stored-conversations.ts';
import { ConfigError } from './errors.ts';
import { withBudget } from './llm/budget.ts';
import { createChatCompletionsModel } from './llm/chat-completions.ts';
import type { ChatModel } from './llm/chat-model.ts';
import { withMetrics } from './llm/measured-model.ts';
import { withResilience } from './llm/resilience.ts';
import { createResponsesModel } from './llm/responses.ts';
import type { Log } from './log.ts';
import { createReadiness } from './operations/readiness.ts';
import { startOperationsServer } from './operations/server.ts';
import { createModelNarrator } from './orchestrator/model-narrator.ts';
import { createModelPlanner } from './orchestrator/model-planner.ts';
import { createOrchestrator } from './orchestrator/orchestrator.ts';
import type { Orchestrator } from './orchestrator/question.ts';
import { createRulePlanner } from './orchestrator/rule-planner.ts';
import { startSlackApp } from './slack/app.ts';
import { createMeasuredStore } from './store/measured-store.ts';
import { createResilientStore } from './store/resilient-store.ts';
import { createSqliteStore } from './store/sqlite-store.ts';
import { createTargetRegistry, type TargetRegistry } from './targets/registry.ts';

export interface Bot {
  /** One line for people: what it is connected to. */
  readonly ready: string;
  readonly conversations: ConversationStore;
  /** Where /healthz, /readyz and /metrics are served, where they are. */
  readonly operationsPort: number | undefined;
  stop(): Promise<void>;
}

/** How long one call of the model may take. */
const modelTimeoutMs = 20_000;
const defaultModelName = 'gpt-5-mini';

/**
 * The configured model, or undefined where neither a key nor an address is given: then rules plan and a template narrates.
 * Throws ConfigError where money is capped and the model has no price.
 */
export function createModel({ environment, model: budget }: Config): ChatModel | undefined {
  const { apiKey, baseUrl, name } = environment.model;
  if (!apiKey && !baseUrl) return undefined;
  const settings = { apiKey, baseUrl, name: name ?? defaultModelName, timeoutMs: modelTimeoutMs };
  // Any other server than OpenAI's own speaks Chat Completions.
  const model = baseUrl ? createChatCompletionsModel(settings) : createResponsesModel(settings);
  // The budget stands inside the retries: each attempt may cost.
  return withResilience(withMetrics(withBudget(model, budget)));
}

/** Servers, rules and, where there is one, the model, put together. The command line and the bot use the same. */
export function composeOrchestrator(config: Config, targets: TargetRegistry, log: Log): Orchestrator {
  const rules = createRulePlanner(agents, targets.targets);
  const model = createModel(config);
  return createOrchestrator({
    agents,
    targets,
    planner: model ? createModelPlanner(model, agents, targets.targets, rules) : rules,
    ...(model ? { narrator: createModelNarrator(model, log) } : {}),
    settings: config.run,
    log,
  });
}

/** Starts the bot. Rejects with ConfigError, naming what is missing, before anything is opened. */
export async function startBot(config: Config, log: Log): Promise<Bot> {
  const { botToken, appToken, signingSecret, port, apiUrl } = config.environment.slack;
  if (!botToken) throw new ConfigError('SLACK_BOT_TOKEN is not set; the bot token of the Slack app begins with xoxb-');
  if (!appToken && !signingSecret) {
    throw new ConfigError('neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET and PORT (HTTP) is set');
  }
  const engine = createSqliteStore({
    ...config.store,
    onDamage: (sentence) => log.error({}, sentence),
  });
  const store = createResilientStore(createMeasuredStore(engine), log);
  const targets = createTargetRegistry(config);
  const conversations = createStoredConversations(store);
  const orchestrator = composeOrchestrator(config, targets, log);
  const close = async (): Promise<void> => {
    await targets.close();
    await store.close();
  };
  const slack = await startSlackApp(
    {
      botToken,
      appToken,
      signingSecret,
      port,
      apiUrl,
      connections: config.slack.connections,
      finishMs: config.slack.finishSeconds * 1_000,
    },
    { orchestrator, conversations, targets: targets.targets, store, access: () => config.access, log },
  ).catch(async (error: unknown) => {
    await close();
    throw new ConfigError(`Slack does not let us in: ${slackReason(error)}`, { cause: error });
  });
  const operationsPort = config.operations.port ?? (appToken ? port : undefined);
  const operations =
    operationsPort === undefined
      ? undefined
      : await startOperationsServer(
          { port: operationsPort, host: config.operations.host },
          createReadiness({ slack, store, targets }),
        ).catch(async (error: unknown) => {
          await slack.stop();
          await close();
          throw error;
        });
  const words =
    config.environment.model.apiKey || config.environment.model.baseUrl ? 'with a model' : 'without a model';
  return {
    ready: `dbcheck is ready: ${slack.transport}, ${targets.targets.length} targets, ${words}`,
    conversations,
    operationsPort: operations?.port,
    async stop() {
      await operations?.close();
      await slack.stop();
      await close();
    },
  };
}

function slackReason(error: unknown): string {
  const data = (error as { data?: { error?: unknown } } | undefined)?.data;
  return typeof data?.error === 'string' ? data.error : 'the Web API cannot be reached';
}
