import { LRUCache } from 'lru-cache';
import type { AgentOutcome } from '../report/assemble.ts';
import type { RunCall } from './question.ts';

/** What agents found lately, per target, agent and parameters. */
export interface ResultCache {
  /** The outcome with its age in the result, or undefined where there is none or it is too old. */
  get(call: RunCall): AgentOutcome | undefined;
  set(call: RunCall, outcome: AgentOutcome): void;
  /** The outcome of an equal call that is under way right now (single flight), or undefined where there is none. */
  flying(call: RunCall): Promise<AgentOutcome> | undefined;
  launch(call: RunCall, flight: Promise<AgentOutcome>): void;
}

export function createResultCache(seconds: number, maxResults = 500): ResultCache {
  if (seconds <= 0) {
    return { get: () => undefined, set: () => {}, flying: () => undefined, launch: () => {} };
  }
  const flights = new Map<string, Promise<AgentOutcome>>();
  const outcomes = new LRUCache<string, { readonly outcome: AgentOutcome; readonly atMs: number }>({
    max: maxResults,
    ttl: seconds * 1_000,
  });
  return {
    get(call) {
      const kept = outcomes.get(keyOf(call));
      if (!kept) return undefined;
      const ageSeconds = Math.round((Date.now() - kept.atMs) / 1_000);
      return { ...kept.outcome, result: { ...kept.outcome.result, ageSeconds } };
    },
    set: (call, outcome) => void outcomes.set(keyOf(call), { outcome, atMs: Date.now() }),
    flying: (call) => flights.get(keyOf(call)),
    launch(call, flight) {
      const key = keyOf(call);
      flights.set(key, flight);
      const land = () => {
        if (flights.get(key) === flight) flights.delete(key);
      };
      flight.then(land, land);
    },
  };
}

function keyOf({ target, agent, params }: RunCall): string {
  return JSON.stringify([target, agent.name, Object.entries(params).toSorted()]);
}
