import type { RunCall } from '../orchestrator/question.ts';
import type { AgentOutcome } from '../report/assemble.ts';
import type { Store } from '../store/store.ts';
import { agentResultKind, callKey } from './job.ts';

/** Results that one process measured and every other may use. */
export interface SharedResults {
  /** A completed outcome with its age, or undefined where there is none or it is too old. */
  get(call: RunCall, cacheSeconds: number): Promise<AgentOutcome | undefined>;
  set(call: RunCall, outcome: AgentOutcome): Promise<void>;
}

export function createSharedResults(store: Store, now: () => number = Date.now): SharedResults {
  return {
    async get(call, cacheSeconds) {
      if (cacheSeconds <= 0) return undefined;
      const kept = await store.get(agentResultKind, callKey(call));
      const ageMs = kept ? now() - kept.takenAtMs : Number.POSITIVE_INFINITY;
      if (!kept || ageMs > cacheSeconds * 1_000) return undefined;
      const ageSeconds = Math.max(0, Math.round(ageMs / 1_000));
      return { ...kept.outcome, result: { ...kept.outcome.result, ageSeconds } };
    },
    set: (call, outcome) => store.put(agentResultKind, callKey(call), { outcome, takenAtMs: now() }),
  };
}
