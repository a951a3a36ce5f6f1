import { createDigest } from '../../src/slow-log/digest.ts';
import type { DigestOptions } from '../../src/slow-log/digester.ts';
import type { SlowLogDigest } from '../../src/slow-log/summary.ts';

export const banner =
  '/usr/sbin/mariadbd, Version: 10.11.6-MariaDB-log (MariaDB Server). started with:\n' +
  'Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\nTime\t\t    Id Command\tArgument\n';

interface EventText {
  readonly sql: string;
  readonly us?: number;
  /** Seconds since 1970. */
  readonly at?: number;
  readonly user?: string;
  readonly rows?: number;
  readonly plan?: string;
}

/** One event as MariaDB 10.11 writes it. */
export function event({ sql, us = 1000, at = 1_705_312_800, user = 'app', rows = 0, plan = '' }: EventText): string {
  const time = `${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}`;
  return (
    `# User@Host: ${user}[${user}] @ web1 [10.0.0.1]\n# Thread_id: 7  Schema: shop  QC_hit: No\n` +
    `# Query_time: ${time}  Lock_time: 0.000100  Rows_sent: 1  Rows_examined: ${rows}\n` +
    `# Rows_affected: 0  Bytes_sent: 60\n${plan}SET timestamp=${at};\n${sql};\n`
  );
}

export function digestText(log: string | Uint8Array, options: DigestOptions = {}): SlowLogDigest {
  const digest = createDigest(options);
  digest.write(typeof log === 'string' ? Buffer.from(log) : log);
  return digest.end();
}
