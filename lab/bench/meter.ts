import { waitFor } from '../faults/steps.ts';
import type { LabServer } from '../mariadb/server.ts';

/** What a piece of work cost a server, seen from the server. */
export type ServerCost = {
  readonly statements: number;
  readonly connections: number;
  /** Statements that change data, schema, accounts or settings for everybody. */
  readonly writes: Readonly<Record<string, number>>;
  /** What the server sent and received. */
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly seconds: number;
};

/** Com_ counters of statements that change something that outlives the session. */
const writePattern =
  /^Com_(insert|update|delete|replace|load|truncate|create|alter|drop|rename|grant|revoke|optimize|repair|analyze|flush|reset|purge|change_master|start_slave|stop_slave|start_all|stop_all|call|kill|lock_tables|xa_|multi|shutdown|install|uninstall|do$|ha_)/;

type Counters = ReadonlyMap<string, number>;

/** Runs the work and returns its cost. Nothing else may use the server meanwhile; the meter's own reading is taken off. */
export async function meter(server: LabServer, work: () => Promise<void>): Promise<ServerCost> {
  const connection = await server.connect();
  const read = async (): Promise<Counters> => {
    const rows: { Variable_name: string; Value: string }[] = await connection.query('SHOW GLOBAL STATUS');
    return new Map(rows.map((row) => [row.Variable_name, Number(row.Value)]));
  };
  // A connection that has said goodbye may still be on its way out, and would be counted.
  const alone = async (): Promise<boolean> => {
    const [row]: { n: number }[] = await connection.query(
      "SELECT COUNT(*) AS n FROM information_schema.PROCESSLIST WHERE COMMAND NOT IN ('Daemon', 'Binlog Dump')",
    );
    return row?.n === 1;
  };
  try {
    await waitFor('the server to be left alone', alone);
    // What one reading adds to the counters by itself.
    const [first, second] = [await read(), await read()];
    const before = await read();
    const begun = performance.now();
    await work();
    const seconds = (performance.now() - begun) / 1000;
    const after = await read();
    const rise = (name: string): number => {
      const own = (second.get(name) ?? 0) - (first.get(name) ?? 0);
      return (after.get(name) ?? 0) - (before.get(name) ?? 0) - own;
    };
    const written = [...after.keys()].filter((name) => writePattern.test(name) && rise(name) > 0);
    return {
      statements: rise('Questions'),
      connections: rise('Connections'),
      writes: Object.fromEntries(written.map((name) => [name, rise(name)])),
      sentBytes: rise('Bytes_sent'),
      receivedBytes: rise('Bytes_received'),
      seconds,
    };
  } finally {
    await connection.end();
  }
}
