import { describe, expect, it } from 'vitest';
import { faults } from '../../lab/faults/registry.ts';
import { startWorld } from '../../lab/faults/world.ts';
import { agents } from '../../src/agents/registry.ts';
import { parseConfig } from '../../src/config.ts';
import { createHistories } from '../../src/history/history.ts';
import { createSampler } from '../../src/history/sampler.ts';
import { silentLog } from '../../src/log.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';
import { checkAgents } from '../support/check.ts';

/** Samples a healthy server a few seconds before every agent looks, and gives what they say. */
async function checkSampled(id: string) {
  const fault = faults.find((one) => one.id === id);
  if (!fault?.healthy) throw new Error(`no healthy control "${id}"`);
  const world = await startWorld(fault);
  const registry = createTargetRegistry(parseConfig(JSON.stringify({ targets: world.targets }), 'test.yml', {}));
  const store = createSqliteStore({ path: ':memory:' });
  try {
    const sampler = createSampler({ targets: registry, store, log: silentLog, everySeconds: 60 });
    const injection = await fault.inject(world);
    expect(await sampler.sample(world.about)).toBe('sampled');
    await injection.gate();
    await world.quiet();
    const names = agents.map(({ name }) => name);
    return await checkAgents(world.targets, names, {
      about: world.about,
      histories: createHistories(store),
      fresh: false,
      windowSeconds: 0.3,
    });
  } finally {
    await registry.close();
    await world.stop();
    await store.close();
  }
}

describe('a healthy server that is sampled', () => {
  it.each(['healthy-load', 'healthy-maintenance', 'healthy-restart', 'healthy-replica'])(
    'gets no warning from any agent: %s',
    async (id) => {
      const report = await checkSampled(id);
      expect(report.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
      expect(report.verdict).toBe('healthy');
      const triage = report.results.find(({ agent }) => agent === 'incident_triage');
      expect(triage?.headline).toMatch(/, what is usual of [\w-]+: history since .*, 1 h 30 min are needed$/);
      expect(report.coverage.filter(({ code }) => code === 'coverage.no_history')).toMatchObject([
        { agent: 'capacity' },
      ]);
      expect(report.windowSeconds).toBeGreaterThanOrEqual(0.3);
    },
  );
});
