import type { Violation } from './block-kit/violation.ts';
import type { JsonObject } from './nouns.ts';

/** One request of the app to the workspace: a Web API method, a response_url or an upload. */
export interface Call {
  readonly id: number;
  /** The method's name; `response_url` and `upload` for the two others. */
  readonly method: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly durationMs: number;
  /** Decoded arguments, without the token. */
  readonly args: JsonObject;
  readonly status: number;
  readonly ok: boolean;
  readonly error: string | undefined;
  readonly response: JsonObject;
  readonly violations: readonly Violation[];
}

/** A violation with the call that made it. */
export interface PostedViolation extends Violation {
  readonly method: string;
  readonly callId: number;
}

/** The log of all calls in the order in which they were answered. */
export interface Traffic {
  readonly calls: Call[];
  readonly violations: PostedViolation[];
  nextId(): number;
  record(call: Call): void;
}

export function createTraffic(changed: () => void): Traffic {
  let lastId = 0;
  const traffic: Traffic = {
    calls: [],
    violations: [],
    nextId() {
      lastId += 1;
      return lastId;
    },
    record(call) {
      traffic.calls.push(call);
      for (const violation of call.violations) {
        traffic.violations.push({ ...violation, method: call.method, callId: call.id });
      }
      changed();
    },
  };
  return traffic;
}
