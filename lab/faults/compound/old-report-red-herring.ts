import { appendFile, readFile } from 'node:fs/promises';
import { replicationAccount } from '../../mariadb/replicate.ts';
import { defineFault } from '../fault.ts';
import { channelStatus, onlyReplica, waitForChannel } from '../replication/replica.ts';
import { changeReplicationPassword } from '../replication/replica-io-auth.ts';
import { prove } from '../steps.ts';

export const oldReportRedHerring = defineFault({
  id: 'old-report-red-herring',
  title: "Yesterday's five-minute report stands in the slow log; the replica cannot log in now",
  question: 'orders-replica-1 is behind, is it that slow report?',
  replicas: [{}],
  about: 'replica',
  async inject(world) {
    const replica = onlyReplica(world);
    await appendFile(replica.slowLog, slowReport(new Date(Date.now() - 24 * 3_600_000)));
    await changeReplicationPassword(world.primary, 'rotated');
    await waitForChannel(replica, 'the refused login', (status) => Number(status['Last_IO_Errno']) === 1045);
    return {
      async gate() {
        const errno = Number((await channelStatus(replica))['Last_IO_Errno']);
        const log = await readFile(replica.slowLog, 'utf8');
        prove(errno === 1045 && log.includes('Query_time: 312.'), `Last_IO_Errno ${errno}`);
        return 'Last_IO_Errno 1045; the slow log holds one report of 312 s from yesterday';
      },
      async undo() {
        await changeReplicationPassword(world.primary, replicationAccount.password);
        await waitForChannel(replica, 'the login', (status) => status['Slave_IO_Running'] === 'Yes');
      },
      expect: {
        required: [{ code: 'repl.io_auth', subject: replica.name }],
        rootCause: { codes: ['repl.io_auth'], subject: replica.name },
        absent: [{ code: 'repl.lag' }],
        allowed: ['repl.io_error', 'repl.stopped', 'incident.error_log'],
        verdict: ['degraded', 'critical'],
      },
    };
  },
});

/** An event as MariaDB writes it: two-digit year, space-padded hour, time in the server's zone. */
function slowReport(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(at.getFullYear() % 100)}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const hour = String(at.getHours()).padStart(2, ' ');
  return [
    `# Time: ${day} ${hour}:${two(at.getMinutes())}:${two(at.getSeconds())}`,
    '# User@Host: reports[reports] @ localhost []',
    '# Thread_id: 12  Schema: shop  QC_hit: No',
    '# Query_time: 312.481516  Lock_time: 0.000142  Rows_sent: 5  Rows_examined: 48000000',
    '# Rows_affected: 0  Bytes_sent: 412',
    `SET timestamp=${Math.floor(at.getTime() / 1000)};`,
    'SELECT c.city, SUM(o.total) FROM orders o JOIN customers c ON c.id = o.customer_id GROUP BY c.city;',
    '',
  ].join('\n');
}
