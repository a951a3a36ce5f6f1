import { composeOrchestrator } from '../bot.ts';
import { type Config, loadConfig } from '../config.ts';
import { createLog } from '../log.ts';
import type { Orchestrator } from '../orchestrator/question.ts';
import { createTargetRegistry, type TargetRegistry } from '../targets/registry.ts';
import { type Arguments, text } from './options.ts';

/** Configuration, servers and orchestrator, put together for one call of the command line. */
export interface Workplace {
  readonly config: Config;
  readonly targets: TargetRegistry;
  readonly orchestrator: Orchestrator;
  close(): Promise<void>;
}

export function openWorkplace({ values }: Arguments): Workplace {
  const loaded = loadConfig(text(values, 'config'));
  const config = withErrorLog(loaded, text(values, 'error-log-path'), text(values, 'target'));
  const targets = createTargetRegistry(config);
  const target = text(values, 'target');
  if (target !== undefined) targets.get(target);
  const log = createLog(
    process.stderr.isTTY ? 'silent' : config.environment.logLevel === 'info' ? 'error' : config.environment.logLevel,
  );
  const orchestrator = composeOrchestrator(config, targets, log);
  return { config, targets, orchestrator, close: () => targets.close() };
}

/** `--error-log-path` is for whoever sits at the machine; it never comes from a chat message or a model. */
function withErrorLog(config: Config, path: string | undefined, target: string | undefined): Config {
  if (path === undefined) return config;
  const targets = config.targets.map((entry) =>
    target === undefined || entry.name === target ? { ...entry, errorLog: path } : entry,
  );
  return { ...config, targets };
}
