import { join } from 'node:path';
import { parseConfig } from '../../src/config.ts';
import { createSampler } from '../../src/history/sampler.ts';
import { silentLog } from '../../src/log.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';
import type { World } from '../faults/fault.ts';

/** Where dbcheck looks for its store when it is asked about a world: beside the world's dbcheck.yml. */
export function historyPath(world: Pick<World, 'primary'>): string {
  return join(world.primary.directory, 'dbcheck.db');
}

/** Lets something write the history of a world, as a bot that ran there would have left it. */
export async function withHistory(world: Pick<World, 'primary'>, work: (store: Store) => Promise<void>): Promise<void> {
  const store = createSqliteStore({ path: historyPath(world) });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

/**
 * Samples the world's own target once a minute of an invented clock, from `fromMs` to `untilMs`; before each sample
 * the application works. The server's counters are real, only their times are not.
 */
export async function sampleThrough(
  world: World,
  store: Store,
  span: { readonly fromMs: number; readonly untilMs: number },
  work: (minute: number) => Promise<void>,
): Promise<void> {
  const config = parseConfig(JSON.stringify({ targets: world.targets }), 'lab.yml', {});
  const targets = createTargetRegistry(config);
  let nowMs = span.fromMs;
  const sampler = createSampler({ targets, store, log: silentLog, everySeconds: 60, now: () => nowMs });
  try {
    for (let minute = 0; nowMs < span.untilMs; minute++, nowMs += 60_000) {
      await work(minute);
      const sampled = await sampler.sample(world.about);
      if (sampled !== 'sampled') throw new Error(`the lab's server was not sampled: ${sampled}`);
    }
  } finally {
    await targets.close();
  }
}
