/** What a call meets before its method runs. */
export type Obstacle =
  | { readonly kind: 'rate_limit'; readonly retryAfterSeconds: number }
  | { readonly kind: 'error'; readonly error: string }
  | { readonly kind: 'http'; readonly status: number }
  | { readonly kind: 'cut' };

/**
 * Trouble on demand. `method` is a Web API method, `*` for all, or `response_url` and `upload`. `times` counts
 * calls. Each function returns another one that ends the trouble early.
 */
export interface Trouble {
  /** HTTP 429 with Retry-After for the next `times` calls (1 by default). */
  rateLimit(method: string, retryAfterSeconds: number, times?: number): () => void;
  /** `{ ok: false, error }` for the next `times` calls (1 by default). */
  fail(method: string, error: string, times?: number): () => void;
  /** A plain HTTP status with an HTML body, as a broken proxy gives, for the next `times` calls (1 by default). */
  http(method: string, status: number, times?: number): () => void;
  /** Holds every call back for so many milliseconds or until the promise settles. */
  slow(method: string, until: number | Promise<unknown>, times?: number): () => void;
  /** The whole Web API cuts every connection until the returned function is called. */
  down(): () => void;
  /** Refuses a block type with `invalid_blocks`, as while Slack rolls one out. */
  refuseBlockType(type: string): () => void;
  /** The next `times` events are delivered twice with the same event_id (1 by default). */
  duplicateDelivery(times?: number): () => void;
  /** Ends the lifetime of every stream that runs now. */
  expireStreams(): void;
  /**
   * Ends Socket Mode connections: `terminate` cuts without a word; the others are Slack's own disconnect messages.
   * Returns how many it ended: all, or `most`.
   */
  dropSocket(how?: 'terminate' | 'refresh_requested' | 'warning' | 'link_disabled', most?: number): number;
  /** Ends all trouble. */
  clear(): void;
}

interface Rule {
  readonly method: string;
  readonly obstacle: Obstacle | undefined;
  readonly until: number | Promise<unknown> | undefined;
  left: number;
}

/** The side of trouble that the server asks. */
export interface TroubleRules {
  readonly refusedBlockTypes: Set<string>;
  /** Waits as long as told, then says what stands in the way, if anything. */
  meet(method: string): Promise<Obstacle | undefined>;
  /** True once per event that is to be delivered twice. */
  takeDuplicate(): boolean;
}

export function createTrouble(parts: {
  readonly expireStreams: () => void;
  readonly dropSocket: Trouble['dropSocket'];
}): { readonly trouble: Trouble; readonly rules: TroubleRules } {
  const rules = new Set<Rule>();
  const refusedBlockTypes = new Set<string>();
  let duplicates = 0;

  function add(method: string, obstacle: Obstacle | undefined, until: Rule['until'], times: number): () => void {
    const rule: Rule = { method, obstacle, until, left: times };
    rules.add(rule);
    return () => rules.delete(rule);
  }

  function take(method: string, wanted: (rule: Rule) => boolean): Rule | undefined {
    for (const rule of rules) {
      if ((rule.method !== '*' && rule.method !== method) || !wanted(rule)) continue;
      rule.left -= 1;
      if (rule.left <= 0) rules.delete(rule);
      return rule;
    }
    return undefined;
  }

  const trouble: Trouble = {
    rateLimit: (method, retryAfterSeconds, times = 1) =>
      add(method, { kind: 'rate_limit', retryAfterSeconds }, undefined, times),
    fail: (method, error, times = 1) => add(method, { kind: 'error', error }, undefined, times),
    http: (method, status, times = 1) => add(method, { kind: 'http', status }, undefined, times),
    slow: (method, until, times = Infinity) => add(method, undefined, until, times),
    down: () => add('*', { kind: 'cut' }, undefined, Infinity),
    refuseBlockType(type) {
      refusedBlockTypes.add(type);
      return () => refusedBlockTypes.delete(type);
    },
    duplicateDelivery(times = 1) {
      duplicates += times;
      return () => {
        duplicates = 0;
      };
    },
    expireStreams: parts.expireStreams,
    dropSocket: parts.dropSocket,
    clear() {
      rules.clear();
      refusedBlockTypes.clear();
      duplicates = 0;
    },
  };

  return {
    trouble,
    rules: {
      refusedBlockTypes,
      async meet(method) {
        const delay = take(method, (rule) => rule.until !== undefined)?.until;
        if (typeof delay === 'number') await new Promise((resolve) => setTimeout(resolve, delay).unref());
        else if (delay !== undefined) await delay.then(ignore, ignore);
        return take(method, (rule) => rule.obstacle !== undefined)?.obstacle;
      },
      takeDuplicate() {
        if (duplicates <= 0) return false;
        duplicates -= 1;
        return true;
      },
    },
  };
}

function ignore(): void {}
