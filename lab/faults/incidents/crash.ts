import { readFile, rename } from 'node:fs/promises';
import { defineFault } from '../fault.ts';
import { globalStatus, prove } from '../steps.ts';

export const crash = defineFault({
  id: 'crash',
  title: 'The server died of a segmentation fault and came back',
  question: 'orders-prod dropped all connections a minute ago, did it restart?',
  async inject({ primary }) {
    await primary.query("UPDATE shop.orders SET note = 'before the crash' WHERE id = 1");
    await primary.kill('SIGSEGV');
    await primary.restart();
    return {
      async gate() {
        const log = await readFile(primary.errorLog, 'utf8');
        const uptime = await globalStatus(primary, 'Uptime');
        prove(/got signal 11/.test(log), 'no signal in the error log');
        prove(/Starting crash recovery/.test(log), 'no recovery in the error log');
        return `signal 11 and crash recovery in the error log, up for ${uptime} s`;
      },
      // A crash cannot be taken back; its owner reads the log, rotates it away and goes on after a clean restart.
      async undo() {
        await rename(primary.errorLog, `${primary.errorLog}.1`);
        await primary.restart();
      },
      expect: {
        required: [{ code: 'incident.crash_restart' }],
        rootCause: { codes: ['incident.crash_restart'] },
        allowed: ['incident.error_log', 'incident.recent_restart'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});
