import { existsSync } from 'node:fs';
import { composeOrchestrator } from '../bot.ts';
import { type Config, loadConfig, namesModel } from '../config.ts';
import { describeError } from '../errors.ts';
import { createHistories } from '../history/history.ts';
import { createStoredLedger } from '../llm/ledger.ts';
import { createLog, type Log } from '../log.ts';
import type { Orchestrator } from '../orchestrator/question.ts';
import { openStoreBeside, openStoreToRead } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';
import { createTargetRegistry, type TargetRegistry } from '../targets/registry.ts';
import { type Arguments, text } from './options.ts';

/** Configuration, servers and orchestrator, put together for one call of the command line. */
export interface Workplace {
  readonly config: Config;
  readonly targets: TargetRegistry;
  readonly orchestrator: Orchestrator;
  close(): Promise<void>;
}

export async function openWorkplace({ values }: Arguments): Promise<Workplace> {
  const loaded = loadConfig(text(values, 'config'));
  const config = withErrorLog(loaded, text(values, 'error-log-path'), text(values, 'target'));
  const targets = createTargetRegistry(config);
  const target = text(values, 'target');
  if (target !== undefined) targets.get(target);
  const log = createLog(
    process.stderr.isTTY ? 'silent' : config.environment.logLevel === 'info' ? 'error' : config.environment.logLevel,
  );
  const store = await openKept(config, log);
  const kept = store && {
    ...(config.history.enabled ? { histories: createHistories(store) } : {}),
    ledger: createStoredLedger(store),
  };
  const orchestrator = composeOrchestrator(config, targets, log, kept);
  const close = async () => {
    await targets.close();
    await store?.close();
  };
  return { config, targets, orchestrator, close };
}

/**
 * What a bot keeps, opened beside it: the servers' past, and what models have cost on the day, to which this call adds.
 * Undefined where there is none and none is needed, or where it cannot be used: an answer does without.
 */
async function openKept(config: Config, log: Log): Promise<Store | undefined> {
  const { environment, history, store } = config;
  const asksModel = namesModel(environment);
  const exists = environment.redisUrl !== undefined || existsSync(store.path);
  if (!asksModel && !(exists && history.enabled)) return undefined;
  try {
    return await (asksModel ? openStoreBeside(config) : openStoreToRead(config));
  } catch (error) {
    log.warn({ reason: describeError(error).message }, 'what the bot has stored cannot be used');
    return undefined;
  }
}

/** `--error-log-path` is for whoever sits at the machine; it never comes from a chat message or a model. */
function withErrorLog(config: Config, path: string | undefined, target: string | undefined): Config {
  if (path === undefined) return config;
  const targets = config.targets.map((entry) =>
    target === undefined || entry.name === target ? { ...entry, errorLog: path } : entry,
  );
  return { ...config, targets };
}
