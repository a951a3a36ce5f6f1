import { LRUCache } from 'lru-cache';
import type { Histories } from '../history/history.ts';
import type { Log } from '../log.ts';
import type { RunCall } from '../orchestrator/question.ts';
import { createResultCache } from '../orchestrator/result-cache.ts';
import { createRunner, type Runner, type RunSettings } from '../orchestrator/run.ts';
import type { AgentOutcome } from '../report/assemble.ts';
import type { SessionCost, TargetSession } from '../targets/connection.ts';
import type { TargetRegistry } from '../targets/registry.ts';
import type { AgentJob } from './job.ts';

/** The part of the runs that this worker does: its agents on one target share what they read. */
export interface RunsHere {
  look(
    job: AgentJob,
    call: RunCall,
    mayAsk: ((target: string) => boolean) | undefined,
  ): Promise<{ readonly outcome: AgentOutcome; readonly cost: SessionCost }>;
  /** Ends a run's work here, and remembers that none of its jobs is to begin. */
  stop(run: string): void;
  isStopped(run: string): boolean;
  stopAll(): void;
}

interface Part {
  readonly runner: Runner;
  readonly stop: AbortController;
  readonly session: TargetSession;
  /** What was told of the session's cost already. */
  told: SessionCost;
}

const maxRuns = 500;

export function createRunsHere(
  world: () => {
    readonly targets: TargetRegistry;
    readonly histories: Histories | undefined;
    readonly settings: RunSettings & { readonly cacheSeconds: number };
  },
  log: Log,
): RunsHere {
  const lifeMs = world().settings.totalSeconds * 1_000;
  const parts = new LRUCache<string, Part>({ max: maxRuns, ttl: lifeMs });
  const stopped = new LRUCache<string, true>({ max: 10 * maxRuns, ttl: 2 * lifeMs });
  // Looks at the same time by several threads are one; what is older lies in the store, for all processes.
  const flights = createResultCache(1);

  function partOf(job: AgentJob, mayAsk: ((target: string) => boolean) | undefined): Part {
    const key = JSON.stringify([job.run, job.target]);
    const known = parts.get(key);
    if (known) return known;
    const { targets, histories, settings } = world();
    const stop = new AbortController();
    const session = targets.session(job.target);
    const part: Part = {
      runner: createRunner({
        targets,
        histories,
        settings,
        cache: flights,
        log,
        fresh: job.fresh,
        signal: stop.signal,
        mayAsk,
        onProgress: () => {},
      }),
      stop,
      session,
      told: session.cost(),
    };
    parts.set(key, part);
    return part;
  }

  return {
    async look(job, call, mayAsk) {
      const part = partOf(job, mayAsk);
      const [outcome] = await part.runner.run([call]);
      const now = part.session.cost();
      const cost = {
        statements: now.statements - part.told.statements,
        connections: now.connections - part.told.connections,
      };
      part.told = now;
      return { outcome: outcome as AgentOutcome, cost };
    },
    stop(run) {
      stopped.set(run, true);
      for (const [key, part] of parts.entries()) {
        if ((JSON.parse(key) as unknown[])[0] !== run) continue;
        part.stop.abort();
        parts.delete(key);
      }
    },
    isStopped: (run) => stopped.has(run),
    stopAll() {
      for (const { stop } of parts.values()) stop.abort();
      parts.clear();
    },
  };
}
