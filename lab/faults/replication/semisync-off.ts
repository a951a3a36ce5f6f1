import { defineFault } from '../fault.ts';
import { firstRow, prove, waitFor } from '../steps.ts';
import { onlyReplica } from './replica.ts';

export const semisyncOff = defineFault({
  id: 'semisync-off',
  title: 'Semi-synchronous replication timed out and fell back to asynchronous without a word',
  question: 'can we lose commits if orders-prod dies now?',
  primary: { args: ['--rpl-semi-sync-master-enabled=ON', '--rpl-semi-sync-master-timeout=300'] },
  replicas: [{ semiSync: true }],
  async inject(world) {
    const { primary } = world;
    const replica = onlyReplica(world);
    await replica.query('STOP SLAVE IO_THREAD');
    await replica.query('SET GLOBAL rpl_semi_sync_slave_enabled = OFF');
    await replica.query('START SLAVE IO_THREAD');
    await primary.query("UPDATE shop.orders SET note = 'not acknowledged' WHERE id = 8");
    const status = async (): Promise<string> => {
      const row = await firstRow<{ Value: string }>(primary, "SHOW STATUS LIKE 'Rpl_semi_sync_master_status'");
      return row.Value;
    };
    return {
      async gate() {
        const now = await status();
        const { enabled } = await firstRow<{ enabled: number }>(
          primary,
          'SELECT @@rpl_semi_sync_master_enabled AS enabled',
        );
        prove(now === 'OFF' && enabled === 1, `status ${now}, enabled ${enabled}`);
        return 'rpl_semi_sync_master_enabled = ON, Rpl_semi_sync_master_status = OFF';
      },
      async undo() {
        await replica.query('STOP SLAVE IO_THREAD');
        await replica.query('SET GLOBAL rpl_semi_sync_slave_enabled = ON');
        await replica.query('START SLAVE IO_THREAD');
        await waitFor('an acknowledged commit', async () => {
          await primary.query("UPDATE shop.orders SET note = CONCAT('tried at ', NOW(6)) WHERE id = 8");
          return (await status()) === 'ON';
        });
      },
      expect: {
        required: [{ code: 'repl.semisync_off' }],
        rootCause: { codes: ['repl.semisync_off'] },
        allowed: ['config.drift'],
      },
    };
  },
});
