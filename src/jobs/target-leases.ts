import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { StoppedError, TimedOutError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { TargetLeases } from '../targets/leased-session.ts';

export interface LeaseSettings {
  /** Of the keys. */
  readonly prefix: string;
  readonly log: Log;
  /** After this time without a sign of life another process may connect. */
  readonly leaseMs?: number;
  /** How long a lease outlasts its last use: agents of one run follow each other closely. */
  readonly lingerMs?: number;
  readonly patienceMs?: number;
}

export interface ClosableLeases extends TargetLeases {
  /** This process, as the leases name it. */
  readonly owner: string;
  /** The process that may be connected just now; undefined where none is, or Redis cannot tell. */
  holderOf(target: string): Promise<string | undefined>;
  /** Disconnects from every server and gives all leases back. */
  close(): Promise<void>;
}

interface Held {
  users: number;
  isOurs: boolean;
  taking: Promise<boolean> | undefined;
  lettingGo: Promise<void>;
  renewal: NodeJS.Timeout | undefined;
  readonly closers: Set<() => Promise<void>>;
}

const lookMs = 50;
const renew = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
  return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') and 1 or 0`;
const giveBack = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

/**
 * Leases in Redis: one key a target, which expires by itself when its process dies. While Redis cannot be used every
 * process goes by itself: to look at a server then is worth more than that none looks beside it.
 */
export function createTargetLeases(redis: Redis, settings: LeaseSettings): ClosableLeases {
  const { prefix, log, leaseMs = 4_000, lingerMs = 50, patienceMs = 15_000 } = settings;
  const owner = randomUUID();
  const targets = new Map<string, Held>();
  const keyOf = (target: string) => `${prefix}:lease:${target}`;

  function heldOf(target: string): Held {
    const known = targets.get(target);
    if (known) return known;
    const held: Held = {
      users: 0,
      isOurs: false,
      taking: undefined,
      lettingGo: Promise.resolve(),
      renewal: undefined,
      closers: new Set(),
    };
    targets.set(target, held);
    return held;
  }

  async function take(target: string, held: Held): Promise<boolean> {
    await held.lettingGo;
    try {
      if ((await redis.set(keyOf(target), owner, 'PX', leaseMs, 'NX')) !== 'OK') return false;
    } catch (error) {
      log.warn({ err: error, target }, 'no lease of a server can be had; this process goes by itself');
    }
    held.isOurs = true;
    clearInterval(held.renewal);
    held.renewal = setInterval(() => void prolong(target, held), leaseMs / 4).unref();
    return true;
  }

  async function prolong(target: string, held: Held): Promise<void> {
    try {
      if ((await redis.eval(renew, 1, keyOf(target), owner, leaseMs)) === 1 || !held.isOurs) return;
      log.warn({ target }, 'the lease of a server was lost; another process has it');
      held.isOurs = false;
      clearInterval(held.renewal);
      await closeAll(held);
    } catch {
      // Redis is away; the next renewal comes soon.
    }
  }

  const closeAll = (held: Held) => Promise.allSettled([...held.closers].map((close) => close()));

  function letGo(target: string, held: Held): void {
    if (held.users > 0 || !held.isOurs) return;
    held.isOurs = false;
    clearInterval(held.renewal);
    held.lettingGo = closeAll(held)
      .then(() => redis.eval(giveBack, 1, keyOf(target), owner))
      .then(
        () => {},
        // It expires by itself.
        () => {},
      );
  }

  async function tryHold(target: string): Promise<boolean> {
    const held = heldOf(target);
    held.users += 1;
    if (held.isOurs) return true;
    held.taking ??= take(target, held).finally(() => {
      held.taking = undefined;
    });
    const isOurs = await held.taking;
    if (!isOurs) held.users -= 1;
    return isOurs;
  }

  return {
    owner,
    tryHold,
    async holderOf(target) {
      return (await redis.get(keyOf(target)).catch(() => null)) ?? undefined;
    },
    async hold(target, signal) {
      const until = Date.now() + patienceMs;
      while (!(await tryHold(target))) {
        if (signal?.aborted) throw new StoppedError();
        if (Date.now() > until)
          throw new TimedOutError(`another process of dbcheck was busy on ${target} for ${patienceMs / 1_000} s`);
        await wait(lookMs);
      }
    },
    release(target) {
      const held = heldOf(target);
      held.users -= 1;
      if (held.users === 0) setTimeout(() => letGo(target, held), lingerMs).unref();
    },
    beforeLettingGo: (target, close) => void heldOf(target).closers.add(close),
    async close() {
      for (const [target, held] of targets) {
        held.users = 0;
        letGo(target, held);
        clearInterval(held.renewal);
      }
      await Promise.all([...targets.values()].map(({ lettingGo }) => lettingGo));
    },
  };
}
