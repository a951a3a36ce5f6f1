import type { TargetEntry } from '../../lab/mariadb/target.ts';
import { findAgent } from '../../src/agents/registry.ts';
import { parseConfig } from '../../src/config.ts';
import type { Histories } from '../../src/history/history.ts';
import { silentLog } from '../../src/log.ts';
import { createResultCache } from '../../src/orchestrator/result-cache.ts';
import { createRunner } from '../../src/orchestrator/run.ts';
import { type AgentOutcome, assembleReport } from '../../src/report/assemble.ts';
import { noUsage, type Report } from '../../src/report/report.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';

export interface CheckOptions {
  readonly params?: Readonly<Record<string, unknown>>;
  /** Which of the targets to ask; the first when absent. */
  readonly about?: string;
  readonly windowSeconds?: number;
  /** Settings of the run beside the window. */
  readonly run?: Readonly<Record<string, number>>;
  /** The environment. */
  readonly variables?: Readonly<Record<string, string>>;
  /** What is kept of the servers' past. */
  readonly histories?: Histories;
  /** Where false, a sample of history may begin the window, as in an ordinary question. */
  readonly fresh?: boolean;
}

/** Runs agents on lab servers through the real runner and puts the report together, without text. */
export async function checkAgents(
  targets: readonly TargetEntry[],
  agentNames: readonly string[],
  options: CheckOptions = {},
): Promise<Omit<Report, 'text'> & { readonly outcomes: readonly AgentOutcome[] }> {
  const config = parseConfig(JSON.stringify({ targets, run: options.run ?? {} }), 'test.yml', options.variables ?? {});
  const registry = createTargetRegistry(config);
  const target = options.about ?? (targets[0] as TargetEntry).name;
  const runner = createRunner({
    targets: registry,
    settings: { ...config.run, windowSeconds: options.windowSeconds ?? 0.3 },
    cache: createResultCache(0),
    log: silentLog,
    fresh: options.fresh ?? true,
    histories: options.histories,
    signal: undefined,
    onProgress: () => {},
  });
  try {
    const calls = agentNames.map((name) => {
      const agent = findAgent(name);
      if (!agent) throw new Error(`there is no agent ${name}`);
      return { agent, target, params: options.params ?? {} };
    });
    const outcomes = await runner.run(calls);
    const report = assembleReport({
      question: 'test',
      plan: { kind: 'run', agents: [], source: 'rules', targets: [target] },
      takenAtMs: Date.now(),
      durationMs: 0,
      outcomes,
      usage: noUsage,
      notes: [],
      replicasOf: (name) => registry.get(name).replicas,
    });
    return { ...report, outcomes };
  } finally {
    runner.finish();
    await registry.close();
  }
}
