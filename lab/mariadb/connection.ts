import { type Connection, type ConnectionConfig, createConnection } from 'mariadb';

/** Opens a connection that returns numbers as JavaScript numbers and never dies of an unheard error event. */
export async function openConnection(config: ConnectionConfig): Promise<Connection> {
  const connection = await createConnection({ bigIntAsNumber: true, insertIdAsNumber: true, ...config });
  connection.on('error', () => {});
  return connection;
}

/** A connection for single statements of the lab itself. */
export type ControlConnection = {
  query<Row>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
  /** For a server that has ended: the next statement opens a new connection. */
  forget(): void;
};

/**
 * Opens a connection at the first statement and closes it when none has come for `idleMs`: polling makes one
 * connection rather than hundreds, and afterwards the server shows no trace of the lab.
 */
export function controlConnection(open: () => Promise<Connection>, idleMs = 250): ControlConnection {
  let opened: Promise<Connection> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const running = new Set<Promise<unknown>>();

  const close = async (): Promise<void> => {
    clearTimeout(timer);
    const closing = opened;
    opened = undefined;
    // A statement that reaches a connection after its goodbye would never be answered.
    await Promise.allSettled(running);
    await closing?.then((connection) => connection.end()).catch(() => {});
  };
  const currentConnection = async (): Promise<Connection> => {
    const current = await opened?.catch(() => undefined);
    if (current?.isValid()) return current;
    opened = open();
    return await opened;
  };
  const run = async (sql: string, values?: readonly unknown[]) => {
    const connection = await currentConnection();
    return await connection.query(sql, values && [...values]);
  };

  return {
    close,
    async query(sql, values) {
      clearTimeout(timer);
      const statement = run(sql, values);
      running.add(statement);
      try {
        return await statement;
      } finally {
        running.delete(statement);
        if (running.size === 0) timer = setTimeout(() => void close(), idleMs).unref();
      }
    },
    forget() {
      clearTimeout(timer);
      opened = undefined;
    },
  };
}
