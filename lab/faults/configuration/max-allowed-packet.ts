import { readFile } from 'node:fs/promises';
import { repeat } from '../background.ts';
import { defineFault } from '../fault.ts';
import { openSession, prove, waitFor } from '../steps.ts';

export const maxAllowedPacket = defineFault({
  id: 'max-allowed-packet',
  title: 'Uploads larger than max_allowed_packet are refused and their connections dropped',
  question: 'large uploads fail with "packet bigger than max_allowed_packet", is it the database?',
  primary: { args: ['--max-allowed-packet=1M', '--log-warnings=4'] },
  async inject(world) {
    const { primary } = world;
    let refused = 0;
    const upload = repeat(world, 200, async () => {
      const { connection } = await openSession(primary);
      const text = 'x'.repeat(1_200_000);
      await connection.query(`SELECT LENGTH('${text}')`).catch(() => {
        refused++;
      });
      await connection.end().catch(() => {});
    });
    await waitFor('three refusals', () => refused >= 3);
    return {
      async gate() {
        const before = refused;
        await waitFor('one more refusal', () => refused > before, 2500);
        const log = await readFile(primary.errorLog, 'utf8');
        prove(/Got a packet bigger than 'max_allowed_packet'/.test(log), 'the error log does not say so');
        return `${refused} uploads refused; the error log says "packet bigger than 'max_allowed_packet'"`;
      },
      undo: () => upload.stop(),
      expect: {
        required: [{ code: ['config.max_allowed_packet', 'incident.error_log'] }],
        rootCause: { codes: ['config.max_allowed_packet', 'incident.error_log', 'conn.aborted'] },
        allowed: ['config.max_allowed_packet', 'incident.error_log', 'conn.aborted'],
      },
    };
  },
});
