import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { DbcheckError, describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import { metrics } from '../metrics.ts';
import type { Kind, Store } from '../store/store.ts';
import type { TargetSession } from '../targets/connection.ts';
import type { TargetRegistry } from '../targets/registry.ts';
import { rollUpDue } from './roll-up.ts';
import { troubleKind } from './sample.ts';
import { createSampleTaker, GivesWay } from './take-sample.ts';

export interface SamplerSettings {
  readonly targets: Pick<TargetRegistry, 'targets' | 'session'>;
  readonly store: Store;
  readonly log: Log;
  readonly everySeconds: number;
  /** Milliseconds since 1970; tests give their own. */
  readonly now?: () => number;
}

/** How one attempt went. `elsewhere`: another process samples this target. */
export type Sampled = 'sampled' | 'busy' | 'down' | 'elsewhere';

export interface Sampler {
  /** One set of statements at one target, now. Never rejects for a server that is busy or down. */
  sample(target: string): Promise<Sampled>;
  /** Begins no further set, and waits for the one that runs, a moment at most. */
  stop(): Promise<void>;
}

/** Which process samples a target, so that several do not do it twice. Key: the target. */
const holderKind: Kind<{ readonly holder: string; readonly untilMs: number }> = {
  name: 'history-holder',
  schema: z.object({ holder: z.string(), untilMs: z.number() }),
  keepDays: 1,
};

/** Where a question has the session, the sample is tried again after this time, so often. */
const again = { afterMs: 4_000, tries: 3 };
/** A target that is down is tried at every interval, then ever more rarely up to every so many. */
const rarest = 8;
const stopMs = 1_000;

/** Samples without a timetable; `startSampler` adds that. */
export function createSampler(settings: SamplerSettings): Sampler {
  const { targets, store, log } = settings;
  const now = settings.now ?? Date.now;
  const me = randomUUID();
  const takers = new Map<string, { readonly session: TargetSession; readonly take: () => Promise<void> }>();
  const troubled = new Map<string, string>();
  const running = new Set<Promise<unknown>>();

  /** A configuration that was read again may have given the target a new session. */
  function takerOf(name: string) {
    const session = targets.session(name);
    const kept = takers.get(name);
    if (kept?.session === session) return kept;
    const taker = { session, take: createSampleTaker({ store, session, now }).take };
    takers.set(name, taker);
    return taker;
  }

  async function isMine(name: string): Promise<boolean> {
    if (!store.isShared) return true;
    const untilMs = now() + 3 * settings.everySeconds * 1_000;
    const holder = await store.update(holderKind, name, (held) =>
      held && held.holder !== me && held.untilMs > now() ? undefined : { holder: me, untilMs },
    );
    return holder?.holder === me;
  }

  async function attempt(name: string): Promise<Sampled> {
    if (!(await isMine(name))) return 'elsewhere';
    const taker = takerOf(name);
    try {
      await taker.take();
    } catch (error) {
      if (error instanceof GivesWay) return 'busy';
      await note(name, describeError(error).message, error);
      return 'down';
    }
    await rollUpDue(store, name, now());
    await note(name, undefined);
    return 'sampled';
  }

  /** Says once that a target is not sampled, and once that it is again. */
  async function note(name: string, reason: string | undefined, error?: unknown): Promise<void> {
    const before = troubled.get(name);
    if ((before === undefined) === (reason === undefined)) return;
    if (reason === undefined) troubled.delete(name);
    else troubled.set(name, reason);
    const entry = { reason: reason ?? before ?? '', since: reason === undefined ? 'up' : 'down' } as const;
    if (reason === undefined) log.info({ target: name }, 'history: sampled again');
    else
      log.warn(
        { target: name, reason, ...(error instanceof DbcheckError ? {} : { err: error }) },
        'history: not sampled',
      );
    await store.append(troubleKind, name, entry, now());
  }

  return {
    sample(name) {
      const work = attempt(name).catch((error: unknown): Sampled => {
        log.warn({ target: name, err: error }, 'history: a sample was not stored');
        return 'down';
      });
      running.add(work);
      return work.then((result) => {
        running.delete(work);
        metrics.samples.inc({ result });
        return result;
      });
    },
    async stop() {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, stopMs);
      });
      await Promise.race([Promise.allSettled(running), patience]);
      clearTimeout(timer);
    },
  };
}

/** Samples every target once in each interval, each at its own time in it, until it is stopped. */
export function startSampler(settings: SamplerSettings): Sampler {
  const sampler = createSampler(settings);
  const timers = new Set<NodeJS.Timeout>();
  const failures = new Map<string, { count: number; rests: number }>();
  let isStopped = false;

  function later(ms: number, work: () => void): void {
    if (isStopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timer.unref();
    timers.add(timer);
  }

  async function visit(name: string, tries: number): Promise<void> {
    const result = await sampler.sample(name);
    if (result === 'busy' && tries > 1) later(again.afterMs, () => void visit(name, tries - 1));
    else if (result === 'busy') settings.log.debug({ target: name }, 'history: a sample was left out for a question');
    const count = result === 'down' ? (failures.get(name)?.count ?? 0) + 1 : 0;
    if (count === 0) failures.delete(name);
    else failures.set(name, { count, rests: Math.min(rarest, 2 ** (count - 1)) - 1 });
  }

  function round(): void {
    const everyMs = settings.everySeconds * 1_000;
    for (const { name } of settings.targets.targets) {
      const failed = failures.get(name);
      if (failed && failed.rests > 0) failed.rests--;
      else later(placeOf(name) * 0.9 * everyMs + Math.random() * 0.05 * everyMs, () => void visit(name, again.tries));
    }
    later(everyMs, round);
  }

  round();
  return {
    sample: sampler.sample,
    async stop() {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      await sampler.stop();
    },
  };
}

/** Where in the interval a target has its turn, from 0 to 1: always the same, and spread over all targets. */
function placeOf(name: string): number {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 9_973;
  return hash / 9_973;
}
