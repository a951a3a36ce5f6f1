import { existsSync } from 'node:fs';
import { composeOrchestrator } from '../bot.ts';
import { type Config, loadConfig } from '../config.ts';
import { describeError } from '../errors.ts';
import { createHistories } from '../history/history.ts';
import { createLog, type Log } from '../log.ts';
import type { Orchestrator } from '../orchestrator/question.ts';
import { openStoreToRead } from '../store/open-store.ts';
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
  const store = config.history.enabled ? await openPast(config, log) : undefined;
  const orchestrator = composeOrchestrator(config, targets, log, store ? { histories: createHistories(store) } : {});
  const close = async () => {
    await targets.close();
    await store?.close();
  };
  return { config, targets, orchestrator, close };
}

/** What a bot keeps of the servers' past, read beside it; undefined where there is none, for an answer needs none. */
async function openPast(config: Config, log: Log): Promise<Store | undefined> {
  if (config.environment.redisUrl === undefined && !existsSync(config.store.path)) return undefined;
  try {
    return await openStoreToRead(config);
  } catch (error) {
    log.warn({ reason: describeError(error).message }, 'the history cannot be read');
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
