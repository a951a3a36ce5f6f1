import { afterEach, describe, expect, it } from 'vitest';
import type { World } from '../../../lab/faults/fault.ts';
import { faultById, faults } from '../../../lab/faults/registry.ts';
import { startWorld } from '../../../lab/faults/world.ts';

// The quick ones; `npm run bench -- faults` runs them all and counts a gate that fails as an error.
const quick = ['row-lock-chain', 'metadata-lock', 'near-limit', 'exhausted', 'deadlocks', 'crash', 'blind-process'];

describe('faults', () => {
  let world: World | undefined;
  afterEach(async () => {
    await world?.stop();
    world = undefined;
  });

  it.each(quick)('%s is there after inject and gone after undo', async (id) => {
    const fault = faultById(id);
    world = await startWorld(fault);
    const injection = await fault.inject(world);
    expect(await injection.gate()).not.toBe('');
    await injection.undo();
    await expect(injection.gate()).rejects.toThrow();
  });

  it('have names of their own', () => {
    const ids = faults.map((fault) => fault.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(() => faultById('no-such-fault')).toThrow(/there are row-lock-chain/);
  });
});
