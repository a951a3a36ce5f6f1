import type { LabServer } from '../../lab/mariadb/server.ts';
import { type TargetEntry, targetEntry } from '../../lab/mariadb/target.ts';
import { parseConfig } from '../../src/config.ts';
import type { ProbeSource } from '../../src/probes/probe.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';
import { serverFacts } from '../../src/targets/server-facts.ts';

/** A probe's way to a lab server, through the real registry and session. */
export async function openSource(
  server: LabServer,
  options: { readonly windowSeconds?: number; readonly entry?: Partial<TargetEntry> } = {},
): Promise<{ source: ProbeSource; close: () => Promise<void> }> {
  const entry = targetEntry(server, options.entry);
  const registry = createTargetRegistry(parseConfig(JSON.stringify({ targets: [entry] }), 'test.yml', {}));
  const session = registry.session(entry.name);
  const variables = await session.query('SHOW GLOBAL VARIABLES', { probe: 'variables' });
  const grants = await session.query('SHOW GRANTS', { probe: 'grants' });
  const source: ProbeSource = {
    target: registry.get(entry.name),
    facts: serverFacts(variables.rows, grants.rows),
    windowSeconds: options.windowSeconds ?? 0,
    signal: undefined,
    query: (sql, query) => session.query(sql, { probe: 'test', ...query }),
    wait: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000)),
    now: () => Date.now(),
    ownStatements: () => session.cost().statements,
  };
  return { source, close: () => registry.close() };
}
