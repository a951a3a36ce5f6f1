import { readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { defineFault } from '../fault.ts';
import { openSession, prove } from '../steps.ts';

export const corruptTable = defineFault({
  id: 'corrupt-table',
  title: 'A MyISAM table lost the end of its data file and is marked as crashed',
  question: 'the archive page shows an error, is the database broken?',
  primary: { args: ['--myisam-recover-options=OFF'] },
  async inject({ primary }) {
    await primary.query('CREATE TABLE shop.archive (id INT PRIMARY KEY, note VARCHAR(200)) ENGINE=MyISAM');
    await primary.query("INSERT INTO shop.archive SELECT seq, REPEAT('a', 150) FROM shop.seq_1_to_5000");
    await primary.query('FLUSH TABLES shop.archive');
    const data = join(primary.dataDirectory, 'shop', 'archive.MYD');
    await truncate(data, Math.floor((await stat(data)).size / 2));
    const application = await openSession(primary);
    // The reads that meet the missing half make the server mark the table.
    for (let turn = 0; turn < 3; turn++)
      await application.connection.query('SELECT COUNT(note) FROM archive').catch(() => {});
    await application.connection.end();
    return {
      async gate() {
        const log = await readFile(primary.errorLog, 'utf8');
        prove(/is marked as crashed/.test(log), 'the error log does not say so');
        const checked = await primary.query<{ Msg_text: string }>('CHECK TABLE shop.archive');
        prove(
          checked.some(({ Msg_text }) => /corrupt|crashed/i.test(Msg_text)),
          JSON.stringify(checked),
        );
        return 'the error log says "is marked as crashed"';
      },
      undo: async () => void (await primary.query('DROP TABLE shop.archive')),
      expect: {
        required: [{ code: 'incident.corruption' }],
        rootCause: { codes: ['incident.corruption'] },
        allowed: ['schema.non_transactional_engine', 'incident.error_log'],
        verdict: ['critical', 'degraded'],
      },
    };
  },
});
