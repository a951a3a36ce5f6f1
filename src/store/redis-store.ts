import { randomUUID } from 'node:crypto';
import { Redis, type RedisOptions } from 'ioredis';
import { StoreError, StoreUnavailableError } from '../errors.ts';
import { decode, encode } from './record.ts';
import {
  defaultListLimit,
  defaultReadLimit,
  expiresAt,
  type KeepDays,
  type Kind,
  type Store,
  type Stored,
} from './store.ts';

export interface RedisSettings {
  /** `redis://user:password@host:port/database`; never shown whole. */
  readonly url: string;
  /** Of every key; two bots on one Redis have different ones. */
  readonly prefix?: string;
  readonly keepDays?: KeepDays;
  readonly now?: () => number;
}

/** The form of the keys below; a newer one is not understood. */
const form = 1;
/** What an answer may take: longer, and the layer above goes on in memory. */
const commandTimeoutMs = 1_500;
const oldestMajor = 7;
/** Keys that are looked at together. */
const batch = 500;

/** Replaces a value only where it still is what was read. KEYS: value, index. ARGV: before, after, expiry or '', member, time. */
const compareAndSet = `
  local now = redis.call('GET', KEYS[1])
  if (now == false and ARGV[1] ~= '') or (now ~= false and now ~= ARGV[1]) then return 0 end
  redis.call('SET', KEYS[1], ARGV[2])
  if ARGV[3] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[3]) end
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[4])
  return 1`;

/**
 * A store for several processes. Records are strings that expire by themselves, with an index a kind by time of writing;
 * logs are sorted sets by time. Rejects with StoreError, without the password, where this Redis cannot be used: not
 * reachable, older than 7, or one that throws out what is stored to make room.
 */
export async function openRedisStore(settings: RedisSettings): Promise<Store> {
  const { prefix = 'dbcheck', keepDays, now = Date.now } = settings;
  if (!/^rediss?:$/.test(URL.parse(settings.url)?.protocol ?? ''))
    throw new StoreError('REDIS_URL: expected an address such as redis://:password@host:6379, or rediss:// with TLS');
  const place = `Redis, ${addressOf(settings.url)}`;
  const redis = new Redis(settings.url, clientOptions);
  // Every call tells its own failure; an event that nobody hears would end the process.
  let lastEvent: unknown;
  redis.on('error', (error) => {
    lastEvent = error;
  });
  try {
    await redis.connect();
    await checkServer(redis, place, prefix);
  } catch (error) {
    redis.disconnect();
    throw error instanceof StoreError
      ? error
      : new StoreError(`${place} cannot be used: ${reasonOf(lastEvent ?? error)}`, { cause: error });
  }

  const valueKey = (kind: Kind<unknown>, key: string) => `${prefix}:${kind.name}:v:${key}`;
  const indexKey = (kind: Kind<unknown>) => `${prefix}:${kind.name}:i`;
  const logKey = (kind: Kind<unknown>, stream: string) => `${prefix}:${kind.name}:l:${stream}`;
  const streamsKey = (kind: Kind<unknown>) => `${prefix}:${kind.name}:s`;

  async function attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreUnavailableError(`${place} does not answer: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Sets a value where what stands there is `before` (undefined: nothing). */
  async function swap(kind: Kind<unknown>, key: string, before: string | undefined, after: string): Promise<boolean> {
    const expiry = expiresAt(kind, now(), keepDays);
    const swapped = await redis.eval(
      compareAndSet,
      2,
      valueKey(kind, key),
      indexKey(kind),
      before ?? '',
      after,
      expiry === undefined ? '' : String(expiry),
      key,
      String(now()),
    );
    return swapped === 1;
  }

  const readRaw = async (kind: Kind<unknown>, key: string): Promise<string | undefined> =>
    (await redis.get(valueKey(kind, key))) ?? undefined;

  return {
    place,
    isShared: true,
    get: (kind, key) =>
      attempt(async () => {
        const text = await readRaw(kind, key);
        return text === undefined ? undefined : decode(kind, text);
      }),
    put: async (kind, key, value) => {
      const text = encode(kind, value);
      await attempt(async () => {
        const expiry = expiresAt(kind, now(), keepDays);
        const write = redis.multi().set(valueKey(kind, key), text);
        if (expiry !== undefined) write.pexpireat(valueKey(kind, key), expiry);
        await write.zadd(indexKey(kind), now(), key).exec();
      });
    },
    insert: async (kind, key, value) => {
      const text = encode(kind, value);
      return attempt(() => swap(kind, key, undefined, text));
    },
    update: (kind, key, change) =>
      attempt(async () => {
        for (;;) {
          const text = await readRaw(kind, key);
          const current = text === undefined ? undefined : decode(kind, text);
          const next = change(current);
          if (next === undefined) return current;
          if (await swap(kind, key, text, encode(kind, next))) return next;
        }
      }),
    remove: (kind, key) =>
      attempt(async () => {
        const results = await redis.multi().del(valueKey(kind, key)).zrem(indexKey(kind), key).exec();
        return results?.[0]?.[1] === 1;
      }),
    list: (kind, { prefix: wanted = '', limit = defaultListLimit } = {}) =>
      attempt(async () => {
        const found: Stored<never>[] = [];
        for (let from = 0; found.length < limit; from += batch) {
          const members = await redis.zrevrange(indexKey(kind), from, from + batch - 1, 'WITHSCORES');
          if (members.length === 0) break;
          const fitting = pairs(members).filter(([key]) => key.startsWith(wanted));
          if (fitting.length === 0) continue;
          const values = await redis.mget(fitting.map(([key]) => valueKey(kind, key)));
          for (const [at, [key, writtenAtMs]] of fitting.entries()) {
            const text = values[at];
            const value = typeof text === 'string' ? decode(kind, text) : undefined;
            if (value !== undefined) found.push({ key, value: value as never, writtenAtMs });
          }
        }
        return found.slice(0, limit);
      }),
    append: async (kind, stream, value, atMs = now()) => {
      const text = encode(kind, value);
      await attempt(async () => {
        // Equal entries are kept apart, and entries of one millisecond in their order, by what stands before the value.
        const member = `${String(now()).padStart(15, '0')}${randomUUID()} ${text}`;
        const write = redis.multi().zadd(logKey(kind, stream), Math.trunc(atMs), member).sadd(streamsKey(kind), stream);
        const oldest = oldestKept(kind);
        if (oldest !== undefined) write.zremrangebyscore(logKey(kind, stream), '-inf', `(${oldest}`);
        await write.exec();
      });
    },
    read: (kind, stream, { fromMs = 0, untilMs, limit = defaultReadLimit, newestFirst = false } = {}) =>
      attempt(async () => {
        const low = String(Math.max(Math.trunc(fromMs), oldestKept(kind) ?? 0));
        const high = untilMs === undefined ? '+inf' : `(${Math.trunc(untilMs)}`;
        const members = await (newestFirst
          ? redis.zrevrangebyscore(logKey(kind, stream), high, low, 'WITHSCORES', 'LIMIT', 0, limit)
          : redis.zrangebyscore(logKey(kind, stream), low, high, 'WITHSCORES', 'LIMIT', 0, limit));
        return pairs(members).flatMap(([member, atMs]) => {
          const value = decode(kind, member.slice(member.indexOf(' ') + 1));
          return value === undefined ? [] : [{ atMs, value }];
        });
      }),
    streams: (kind, wanted = '') =>
      attempt(async () => {
        const names = (await redis.smembers(streamsKey(kind))).filter((name) => name.startsWith(wanted));
        return names.toSorted();
      }),
    removeExpired: () => attempt(() => tidy(redis, prefix)),
    ping: async () => void (await attempt(() => redis.ping())),
    close: async () => {
      await redis.quit().catch(() => redis.disconnect());
    },
  };

  /** Entries of a log from before this time are past theirs; undefined where it is kept for ever. */
  function oldestKept(kind: Kind<unknown>): number | undefined {
    const expiry = expiresAt(kind, 0, keepDays);
    return expiry === undefined ? undefined : Math.trunc(now() - expiry);
  }
}

const clientOptions = {
  lazyConnect: true,
  // While Redis is away a call fails at once: somebody waits for an answer, and there is memory to go on with.
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: commandTimeoutMs,
  connectTimeout: 3_000,
  retryStrategy: (times: number) => Math.min(200 * times, 2_000),
} satisfies RedisOptions;

/** Values expire by themselves; their names are taken out of the indexes here. */
async function tidy(redis: Redis, prefix: string): Promise<number> {
  let removed = 0;
  for await (const keys of redis.scanStream({ match: `${prefix}:*:i`, count: batch })) {
    for (const index of keys as string[]) {
      const base = index.slice(0, -1);
      for await (const found of redis.zscanStream(index, { count: batch })) {
        const members = pairs(found as string[]).map(([key]) => key);
        if (members.length === 0) continue;
        const values = await Promise.all(members.map((key) => redis.exists(`${base}v:${key}`)));
        const gone = members.filter((_, at) => values[at] === 0);
        if (gone.length > 0) removed += await redis.zrem(index, ...gone);
      }
    }
  }
  return removed;
}

async function checkServer(redis: Redis, place: string, prefix: string): Promise<void> {
  const info = await redis.info();
  const told = (name: string) => new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim();
  const version = told('redis_version') ?? '';
  if (told('valkey_version') === undefined && Number.parseInt(version, 10) < oldestMajor) {
    throw new StoreError(`${place} is version ${version}; dbcheck needs Redis ${oldestMajor} or Valkey`);
  }
  const policy = told('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    throw new StoreError(
      `${place} throws out what is stored to make room (maxmemory-policy ${policy}): set maxmemory-policy noeviction in redis.conf, or CONFIG SET maxmemory-policy noeviction`,
    );
  }
  await redis.set(`${prefix}:form`, String(form), 'NX');
  const known = Number(await redis.get(`${prefix}:form`));
  if (known > form) {
    throw new StoreError(
      `${place} was written by a newer dbcheck (form ${known}, this one knows ${form}); start that one`,
    );
  }
}

function pairs(flat: readonly string[]): [string, number][] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] as string, Number(flat[2 * at + 1])]);
}

/** Host, port and database: what may be shown of the URL. */
function addressOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || 6379}${pathname === '/' ? '' : pathname}`;
}

/** The first words of Redis's or the system's error; commands and passwords are not in them. */
function reasonOf(error: unknown): string {
  const { code, message = '' } = (error ?? {}) as { readonly code?: string; readonly message?: string };
  if (/WRONGPASS|NOAUTH|NOPERM/.test(message)) return 'wrong or missing user or password in REDIS_URL';
  if (/timed out/i.test(message)) return 'no answer in time';
  if (/Stream isn't writeable|Connection is closed/i.test(message)) return 'not connected';
  return code ?? message.split('\n')[0]?.slice(0, 120) ?? 'unknown';
}
