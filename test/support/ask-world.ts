import type { Fault, World } from '../../lab/faults/fault.ts';
import { faultById } from '../../lab/faults/registry.ts';
import { startWorld } from '../../lab/faults/world.ts';
import { agents } from '../../src/agents/registry.ts';
import { parseConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { createOrchestrator } from '../../src/orchestrator/orchestrator.ts';
import type { Planner } from '../../src/orchestrator/planner.ts';
import { createRulePlanner } from '../../src/orchestrator/rule-planner.ts';
import type { Report } from '../../src/report/report.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';
import type { Target } from '../../src/targets/target.ts';

/** Breaks real servers, proves it, and hands over how to ask about them as a person does; rules plan where no other planner is given. */
export async function inBrokenWorld(
  fault: string | Fault,
  use: (ask: (question: string) => Promise<Report>, world: World) => Promise<void>,
  plannerFor: (targets: readonly Target[]) => Planner = (targets) => createRulePlanner(agents, targets),
): Promise<void> {
  const chosen = typeof fault === 'string' ? faultById(fault) : fault;
  const world = await startWorld(chosen);
  try {
    const injection = await chosen.inject(world);
    await injection.gate();
    await world.quiet();
    const config = parseConfig(JSON.stringify({ targets: world.targets, run: { windowSeconds: 0.3 } }), 'test.yml', {});
    const targets = createTargetRegistry(config);
    try {
      const orchestrator = createOrchestrator({
        agents,
        targets,
        planner: plannerFor(targets.targets),
        settings: config.run,
        log: silentLog,
      });
      await use((text) => orchestrator.ask({ text, defaultTarget: world.about, fresh: true }), world);
    } finally {
      await targets.close();
    }
  } finally {
    await world.stop();
  }
}
