import { agents } from '../../src/agents/registry.ts';
import { parseConfig } from '../../src/config.ts';
import { startAgentWorker } from '../../src/jobs/agent-worker.ts';
import { createRedisClients } from '../../src/jobs/redis-clients.ts';
import { createSharedResults } from '../../src/jobs/shared-results.ts';
import { createTargetLeases } from '../../src/jobs/target-leases.ts';
import { silentLog } from '../../src/log.ts';
import { openRedisStore } from '../../src/store/redis-store.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';

/** A worker as a process of its own, to be killed: its standard input is its configuration, `ready` its first word. */
const [url = '', text = ''] = process.argv.slice(2);
const config = parseConfig(text, 'worker.yml', {});
const clients = createRedisClients(url, silentLog);
const store = await openRedisStore({ url });
const leases = createTargetLeases(await clients.open('impatient'), { prefix: 'dbcheck', log: silentLog });
const targets = createTargetRegistry(config, undefined, leases);
await startAgentWorker({
  clients,
  agents,
  world: () => ({ targets, histories: undefined, settings: config.run }),
  leases,
  results: createSharedResults(store),
  store,
  log: silentLog,
});
process.stdout.write('ready\n');
