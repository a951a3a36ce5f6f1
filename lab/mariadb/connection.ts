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
  let running = 0;
  let timer: NodeJS.Timeout | undefined;
  const close = async (): Promise<void> => {
    const closing = opened;
    opened = undefined;
    clearTimeout(timer);
    await closing?.then((connection) => connection.end()).catch(() => {});
  };
  return {
    close,
    async query(sql, values) {
      clearTimeout(timer);
      running++;
      try {
        opened ??= open();
        const connection = await opened.catch((error: unknown) => {
          opened = undefined;
          throw error;
        });
        if (!connection.isValid()) {
          opened = open();
          return await (await opened).query(sql, values && [...values]);
        }
        return await connection.query(sql, values && [...values]);
      } finally {
        running--;
        if (running === 0) timer = setTimeout(() => void close(), idleMs).unref();
      }
    },
    forget() {
      clearTimeout(timer);
      opened = undefined;
    },
  };
}
