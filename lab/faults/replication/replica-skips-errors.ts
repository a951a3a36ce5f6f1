import { defineFault } from '../fault.ts';
import { firstRow, prove, waitFor } from '../steps.ts';
import { onlyReplica, withoutBinaryLog } from './replica.ts';

export const replicaSkipsErrors = defineFault({
  id: 'replica-skips-errors',
  title: 'The replica steps over duplicate rows and filters a table: it looks healthy and differs',
  question: 'is orders-replica-1 a true copy of orders-prod? replication looks fine',
  agents: ['replication_health', 'incident_triage'],
  replicas: [{ args: ['--slave-skip-errors=1062', '--replicate-wild-ignore-table=shop.audit%'] }],
  about: 'replica',
  async inject(world) {
    const replica = onlyReplica(world);
    const add = (name: string) =>
      `INSERT INTO shop.products (id, sku, name, price, stock) VALUES (9001, 'SKU9001', '${name}', 1, 1)`;
    await withoutBinaryLog(replica, [add('by hand')]);
    await world.primary.query(add('by the application'));
    const skipped = async () => {
      const sql = "SHOW GLOBAL STATUS LIKE 'Slave_skipped_errors'";
      return Number((await firstRow<{ Value: string }>(replica, sql)).Value);
    };
    await waitFor('a skipped error', async () => (await skipped()) > 0);
    return {
      async gate() {
        const count = await skipped();
        prove(count > 0, 'no error was skipped');
        return `${count} errors skipped`;
      },
      undo: async () => {},
      expect: {
        required: [{ code: 'repl.skips_errors' }, { code: 'repl.filtered' }],
        rootCause: { codes: ['repl.skips_errors'] },
        absent: [{ code: 'repl.sql_error' }],
        allowed: ['repl.errant_writes'],
        verdict: ['degraded'],
      },
    };
  },
});
