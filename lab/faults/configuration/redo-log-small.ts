import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { firstRow, openSessions, prove, waitFor } from '../steps.ts';

export const redoLogSmall = defineFault({
  id: 'redo-log-small',
  title: 'A redo log of 4 MiB under steady inserts: writers wait for checkpoints',
  question: 'inserts on orders-prod stall all the time since the move to the new host, why?',
  primary: { args: ['--innodb-log-file-size=4M', '--innodb-buffer-pool-size=128M'] },
  async inject(world) {
    const { primary } = world;
    await primary.query(
      'CREATE TABLE shop.clicks (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, page VARCHAR(1000), k INT, KEY k (k))',
    );
    const writers = await openSessions(primary, 3);
    for (const { connection } of writers) {
      repeat(world, 5, async () => {
        await connection.query(
          "INSERT INTO clicks (page, k) SELECT REPEAT('x', 900), RAND() * 1000000 FROM seq_1_to_1000",
        );
      });
    }
    const written = async () => {
      const sql =
        "SELECT VARIABLE_VALUE AS bytes FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'INNODB_OS_LOG_WRITTEN'";
      return Number((await firstRow<{ bytes: string }>(primary, sql)).bytes);
    };
    await waitFor('ten times the log to be written', async () => (await written()) > 40 * 1_024 ** 2);
    return {
      async gate() {
        const before = await written();
        await waitFor('the log to be overwritten', async () => (await written()) - before > 4 * 1_024 ** 2, 5_000);
        const [setting] = await primary.query<{ size: number }>('SELECT @@innodb_log_file_size AS size');
        prove(setting?.size === 4 * 1_024 ** 2, `the log has ${setting?.size} bytes`);
        return 'a redo log of 4 MiB is overwritten within seconds';
      },
      async undo() {
        await primary.query('DROP TABLE shop.clicks');
      },
      expect: {
        required: [{ code: 'config.redo_log_small', subject: 'innodb_log_file_size' }],
        rootCause: { codes: ['config.redo_log_small'] },
        allowed: ['lock.row_chain'],
        verdict: ['degraded'],
      },
    };
  },
});
