import { existsSync } from 'node:fs';
import { faults } from '../../lab/faults/registry.ts';
import { type Score, scoreReport } from '../../lab/faults/score.ts';
import { startWorld } from '../../lab/faults/world.ts';
import { historyPath } from '../../lab/history/world-history.ts';
import { createHistories } from '../../src/history/history.ts';
import type { Report } from '../../src/report/report.ts';
import { createSqliteStore } from '../../src/store/sqlite-store.ts';
import { type CheckOptions, checkAgents } from './check.ts';

export interface CheckedFault {
  readonly report: Omit<Report, 'text'>;
  readonly score: Score;
}

/** Breaks a real server with a fault of the lab, proves that it is broken, and lets agents look. */
export async function checkFault(
  id: string,
  agentNames: readonly string[],
  options: CheckOptions = {},
): Promise<CheckedFault> {
  const fault = faults.find((one) => one.id === id);
  if (!fault) throw new Error(`the lab has no fault "${id}"`);
  const world = await startWorld(fault);
  try {
    const injection = await fault.inject(world);
    await injection.gate();
    await world.quiet();
    const past = existsSync(historyPath(world))
      ? createSqliteStore({ path: historyPath(world), use: 'read' })
      : undefined;
    try {
      const histories = past ? { histories: createHistories(past) } : {};
      const report = await checkAgents(world.targets, agentNames, { about: world.about, ...histories, ...options });
      return { report, score: scoreReport(injection.expect, { ...report, text: '' }) };
    } finally {
      await past?.close();
    }
  } finally {
    await world.stop();
  }
}
