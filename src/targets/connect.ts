import { readFileSync } from 'node:fs';
import { connect as connectSocket, type Socket } from 'node:net';
import { checkServerIdentity, type SecureContextOptions } from 'node:tls';
import { type Connection, createConnection } from 'mariadb';
import { DbcheckError, TimedOutError } from '../errors.ts';
import { errnoOf, isTlsRefused } from './server-errors.ts';
import type { Target } from './target.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string | undefined;
}

export interface SessionLimits {
  /** The server ends a statement of ours after this time (max_statement_time). */
  readonly statementTimeoutMs: number;
  /** How long one attempt to connect may take. */
  readonly connectTimeoutMs: number;
  readonly connectTries: number;
  /** Connections to one server at a time. */
  readonly connections: number;
  readonly maxRows: number;
  readonly maxBytes: number;
}

export const defaultLimits: SessionLimits = {
  statementTimeoutMs: 5_000,
  connectTimeoutMs: 3_000,
  connectTries: 3,
  // One: a server at its limit must not be pushed over it by us, and a fleet run adds no second one anywhere.
  connections: 1,
  maxRows: 20_000,
  maxBytes: 8 * 1024 * 1024,
};

interface Way {
  readonly target: Target;
  readonly credentials: Credentials;
  readonly limits: SessionLimits;
}

/** The sockets of connections by TCP: only who holds the socket can leave a server that has gone silent. */
const sockets = new WeakMap<Connection, Socket>();

type Address = { readonly socketPath: string } | { readonly host: string; readonly port: number };
type Encryption = SecureContextOptions & {
  readonly rejectUnauthorized?: boolean;
  readonly checkServerIdentity?: typeof checkServerIdentity;
};

/** All slots that max_connections gives are taken. */
const fullErrno = 1040;

/**
 * One login. A server that is full is tried at its extra port, where one is configured; `tls: preferred` goes without
 * TLS where the server has none. Rejects with the connector's error.
 */
export async function connectOnce(
  target: Target,
  credentials: Credentials,
  limits: SessionLimits,
): Promise<Connection> {
  const way = { target, credentials, limits };
  const { socket, host = 'localhost', port, extraPort } = target;
  try {
    return await encrypted(socket === undefined ? { host, port } : { socketPath: socket }, way);
  } catch (error) {
    if (extraPort === undefined || errnoOf(error) !== fullErrno) throw error;
    // A full extra port is news of the server too, but less of it than the first answer.
    const address = { host: socket === undefined ? host : '127.0.0.1', port: extraPort };
    return await encrypted(address, way).catch(() => Promise.reject(error));
  }
}

async function encrypted(address: Address, way: Way): Promise<Connection> {
  const { tls, tlsCa } = way.target;
  if (tls === 'off') return attemptConnection(address, undefined, way);
  if (tls === 'required') return attemptConnection(address, verified(way.target.host ?? 'localhost', tlsCa), way);
  return attemptConnection(address, { rejectUnauthorized: false }, way).catch((error: unknown) => {
    if (!isTlsRefused(error)) throw error;
    return attemptConnection(address, undefined, way);
  });
}

/** For an address in numbers the connector names no host, and Node would then compare with "localhost". */
function verified(host: string, ca: string | undefined): Encryption {
  return {
    checkServerIdentity: (_, certificate) => checkServerIdentity(host, certificate),
    ...(ca === undefined ? {} : { ca: readCa(ca) }),
  };
}

function readCa(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new DbcheckError('config_invalid', `the TLS certificate ${path} (tlsCa) cannot be read`, { cause });
  }
}

async function attemptConnection(
  address: Address,
  ssl: Encryption | undefined,
  { target, credentials, limits }: Way,
): Promise<Connection> {
  const timeoutSeconds = limits.statementTimeoutMs / 1_000;
  let socket: Socket | undefined;
  const attempt = createConnection({
    ...address,
    ...('host' in address && {
      stream: (take) => {
        socket = connectSocket({ ...address, noDelay: true });
        take(undefined, socket);
      },
    }),
    user: credentials.user,
    ...(credentials.password === undefined ? {} : { password: credentials.password }),
    ...(target.database === undefined ? {} : { database: target.database }),
    ...(ssl === undefined ? {} : { ssl }),
    connectTimeout: limits.connectTimeoutMs,
    bigIntAsNumber: true,
    decimalAsNumber: true,
    dateStrings: true,
    checkNumberRange: false,
    multipleStatements: false,
    permitLocalInfile: false,
    trace: false,
    connectAttributes: { program_name: 'dbcheck' },
    // sql_mode is ours, so that a global ANSI_QUOTES or NO_BACKSLASH_ESCAPES cannot change how our SQL is read;
    // slow_query_log keeps us out of the patient's slow log; times are UTC.
    initSql: [
      `SET SESSION tx_read_only = 1, max_statement_time = ${timeoutSeconds}, lock_wait_timeout = 2, ` +
        "innodb_lock_wait_timeout = 2, slow_query_log = 0, time_zone = '+00:00', sql_mode = 'NO_ENGINE_SUBSTITUTION'",
    ],
  });
  // connectTimeout ends at the TCP handshake: a server that is stopped (SIGSTOP) accepts and then says nothing.
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TimedOutError('no answer'));
      socket?.destroy();
      attempt.then(
        (late) => endQuietly(late),
        () => {},
      );
    }, limits.connectTimeoutMs + 500);
  });
  try {
    const connection = await Promise.race([attempt, silence]);
    if (socket) sockets.set(connection, socket);
    return connection;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Ends a connection in order once the statement that it is busy with has settled, or after half a second by closing its
 * socket. Not by the connector's destroy(), which for a busy connection opens another one and holds no failure of it;
 * nor by end() while it is busy, which never settles.
 */
export async function endQuietly(connection: Connection, busyWith?: Promise<unknown>): Promise<void> {
  const goodbye = async (): Promise<void> => {
    await busyWith?.catch(() => {});
    await connection.end().catch(() => {});
  };
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, 500);
  });
  await Promise.race([goodbye(), patience]);
  clearTimeout(timer);
  sockets.get(connection)?.destroy();
}
