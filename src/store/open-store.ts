import { existsSync } from 'node:fs';
import type { Config } from '../config.ts';
import { DbcheckError } from '../errors.ts';
import type { Log } from '../log.ts';
import { createMeasuredStore } from './measured-store.ts';
import { createResilientStore } from './resilient-store.ts';
import { createSqliteStore } from './sqlite-store.ts';
import type { KeepDays, Store } from './store.ts';

/** The store of a bot: Redis with REDIS_URL, one file otherwise. Rejects with StoreError, saying what to do, where it cannot be used. */
export async function openStore({ store, environment }: Config, log: Log): Promise<Store> {
  const { keepDays } = store;
  const engine =
    environment.redisUrl === undefined
      ? createSqliteStore({ path: store.path, keepDays, onDamage: (sentence) => log.error({}, sentence) })
      : await onRedis(environment.redisUrl, keepDays);
  return createResilientStore(createMeasuredStore(engine), log);
}

/** What a bot has stored, to be read beside it by the command line. Rejects where there is nothing to read. */
export async function openStoreToRead({ store: { path, keepDays }, environment }: Config): Promise<Store> {
  if (environment.redisUrl !== undefined) return onRedis(environment.redisUrl, keepDays);
  if (!existsSync(path))
    throw new DbcheckError('input_unreadable', `there is no store at ${path}: no bot has run with it yet`);
  return createSqliteStore({ path, use: 'read' });
}

/** The store of a bot, for a call of the command line that adds to what the bot counts; made where there is none yet. */
export async function openStoreBeside({ store: { path, keepDays }, environment }: Config): Promise<Store> {
  if (environment.redisUrl !== undefined) return onRedis(environment.redisUrl, keepDays);
  return createSqliteStore({ path, keepDays, use: 'beside' });
}

/** Its library is loaded where it is used: it would lengthen every start. */
async function onRedis(url: string, keepDays: KeepDays): Promise<Store> {
  const { openRedisStore } = await import('./redis-store.ts');
  return openRedisStore({ url, keepDays });
}
