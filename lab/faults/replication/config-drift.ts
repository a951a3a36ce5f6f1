import { defineFault } from '../fault.ts';
import { firstRow, prove } from '../steps.ts';
import { onlyReplica } from './replica.ts';

export const configDrift = defineFault({
  id: 'config-drift',
  title: 'Primary and replica run with different sql_mode and character set',
  question: 'is the configuration of orders-prod and its replica the same?',
  replicas: [{ args: ['--sql-mode=NO_ENGINE_SUBSTITUTION', '--character-set-server=utf8mb4'] }],
  async inject(world) {
    const read = (server = world.primary) =>
      firstRow<{ mode: string }>(server, 'SELECT CONCAT(@@GLOBAL.sql_mode, @@GLOBAL.character_set_server) AS mode');
    const replica = onlyReplica(world);
    return {
      async gate() {
        const [primary, other] = [await read(), await read(replica)];
        prove(primary.mode !== other.mode, 'they agree');
        return `${primary.mode} against ${other.mode}`;
      },
      async undo() {
        const { mode } = await firstRow<{ mode: string }>(world.primary, 'SELECT @@GLOBAL.sql_mode AS mode');
        const { charset } = await firstRow<{ charset: string }>(
          world.primary,
          'SELECT @@GLOBAL.character_set_server AS charset',
        );
        await replica.query('SET GLOBAL sql_mode = ?', [mode]);
        await replica.query('SET GLOBAL character_set_server = ?', [charset]);
      },
      expect: {
        required: [{ code: 'config.drift' }],
        // The replica's lax mode is a finding of its own, once it is asked.
        allowed: ['config.drift', 'config.sql_mode_lax'],
      },
    };
  },
});
