import type { ConnectionOptions } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { StoreError } from '../errors.ts';
import type { Log } from '../log.ts';

/** An answer is waited for no longer than this by whoever could also do without Redis. */
const commandTimeoutMs = 1_500;

/** Fails at once while Redis is away. */
const impatient = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: commandTimeoutMs,
  connectTimeout: 3_000,
  retryStrategy: (times: number) => Math.min(200 * times, 2_000),
} satisfies RedisOptions;

/** Waits until Redis is back, as workers do and whoever listens. */
const patient = {
  maxRetriesPerRequest: null,
  connectTimeout: 3_000,
  retryStrategy: (times: number) => Math.min(200 * times, 2_000),
} satisfies RedisOptions;

/** Connections of BullMQ and ours to the Redis of REDIS_URL. */
export interface RedisClients {
  readonly impatient: ConnectionOptions;
  readonly patient: ConnectionOptions;
  /** An open connection, to be closed by whoever asked. Rejects with StoreError. */
  open(kind: 'impatient' | 'patient'): Promise<Redis>;
}

export function createRedisClients(url: string, log: Log): RedisClients {
  return {
    impatient: { ...impatient, url },
    patient: { ...patient, url },
    async open(kind) {
      const redis = new Redis(url, { ...(kind === 'patient' ? patient : impatient), lazyConnect: true });
      // Every call tells its own failure; an event that nobody hears would end the process.
      redis.on('error', (error) => log.debug({ err: error }, 'Redis'));
      await redis.connect().catch((cause: unknown) => {
        redis.disconnect();
        throw new StoreError('the Redis of REDIS_URL cannot be reached for jobs', { cause });
      });
      return redis;
    },
  };
}
