import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import type { Connection, ConnectionConfig } from 'mariadb';
import type { Accounts } from './accounts.ts';
import { controlConnection, openConnection } from './connection.ts';
import { type Daemon, launchDaemon } from './daemon.ts';
import { ensureMariadb } from './install.ts';
import { disownDirectory, ownDirectory, ownServer, sweepLeftovers } from './ownership.ts';
import { ensureSeries, type Series } from './series.ts';
import { copyTemplate, ensureTemplate, placeArguments, type Seed } from './template.ts';

export type ServerOptions = {
  /** Shown in errors and used as the target's name; the folder's name when absent. */
  readonly name?: string;
  /** Server options that override the lab's, for example `--max-connections=20`. */
  readonly args?: readonly string[];
  /** Listen on a free port of the loopback address besides the socket. */
  readonly port?: boolean;
  /** `shop` (the default) holds the schema shop; `none` holds no user schema. */
  readonly seed?: Seed;
  /** The machine's own MariaDB when absent; other series are fetched into the project's cache, as root. */
  readonly series?: Series;
};

/** The connector's settings, and the way in: by the socket (the default), or by the port of a server that has one. */
export type ConnectOptions = ConnectionConfig & { readonly by?: 'socket' | 'port' };

/** A private MariaDB that this process started. Everything of it goes with `stop()` or with this process. */
export type LabServer = {
  readonly name: string;
  readonly version: string;
  /** The series that was asked for; undefined for the machine's own. */
  readonly series: Series | undefined;
  /** Holds data, socket, logs; removed by `stop()`. */
  readonly directory: string;
  readonly dataDirectory: string;
  readonly socket: string;
  readonly port: number | undefined;
  /** The process id of the running server; changes with `restart()`. */
  readonly pid: number;
  readonly errorLog: string;
  readonly slowLog: string;
  readonly accounts: Accounts;
  /** The options that override the lab's, as given to the start or to the last restart. */
  readonly args: readonly string[];
  /** A new connection, as root and by socket unless the options say otherwise. Closed with the server at the latest. */
  connect(options?: ConnectOptions): Promise<Connection>;
  /** One statement as root, on a connection that closes by itself soon after the last call. */
  query<Row = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Closes the connection that `query` keeps, so that it is not seen on the server. */
  quiet(): Promise<void>;
  /** Ends the process and removes every file. May be called twice. */
  stop(): Promise<void>;
  /** Sends a signal; for those that end the server, waits until it has ended. Files stay. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Shuts down in order where it still runs, and starts again on the same data; `args` replace the former ones. */
  restart(args?: readonly string[]): Promise<void>;
  /** Freezes the process: connections hang as on a hung host. */
  suspend(): void;
  resume(): void;
};

let serversStarted = 0;

/** Starts a private server from the cached template: about 0.2 s once the template is there. */
export async function startServer(options: ServerOptions = {}): Promise<LabServer> {
  if (serversStarted++ === 0) sweepLeftovers();
  const programs = options.series ? await ensureSeries(options.series) : await ensureMariadb();
  const template = await ensureTemplate(programs, options.seed ?? 'shop');
  const directory = ownDirectory();
  const dataDirectory = join(directory, 'data');
  const socket = join(directory, 's.sock');
  const errorLog = join(directory, 'error.log');
  const slowLog = join(directory, 'slow.log');
  const port = options.port ? await freePort() : undefined;
  const place = { directory, dataDirectory, socket, errorLog };
  let args = options.args ?? [];

  const launch = async (): Promise<Daemon> => {
    const network = port === undefined ? ['--skip-networking'] : ['--bind-address=127.0.0.1', `--port=${port}`];
    const launched = await launchDaemon(
      programs,
      [...placeArguments(programs, place), ...network, `--slow-query-log-file=${slowLog}`, ...labArguments(), ...args],
      place,
    );
    ownServer(directory, launched.pid);
    return launched;
  };
  let daemon: Daemon;
  try {
    await copyTemplate(template, dataDirectory);
    daemon = await launch();
  } catch (error) {
    disownDirectory(directory);
    throw error;
  }
  const { accounts } = template;
  const control = controlConnection(() => openConnection({ socketPath: socket, ...accounts.root }));

  return {
    name: options.name ?? basename(directory),
    version: programs.version,
    series: options.series,
    directory,
    dataDirectory,
    socket,
    port,
    errorLog,
    slowLog,
    accounts,
    get args() {
      return args;
    },
    get pid() {
      return daemon.pid;
    },
    async connect({ by = 'socket', ...settings } = {}) {
      if (by === 'port' && port === undefined) throw new Error(`${place.directory} was started without a port`);
      const address = by === 'port' && port !== undefined ? { host: '127.0.0.1', port } : { socketPath: socket };
      return await openConnection({ ...address, ...accounts.root, ...settings });
    },
    query: (sql, values) => control.query(sql, values),
    quiet: () => control.close(),
    async stop() {
      // Nothing of the data is kept, so there is no reason to let it shut down in order. Its end closes every connection.
      daemon.kill('SIGKILL');
      await daemon.waitForEnd();
      disownDirectory(directory);
    },
    async kill(signal) {
      daemon.kill(signal);
      if (signal === 'SIGSTOP' || signal === 'SIGCONT' || signal === 'SIGHUP') return;
      await daemon.waitForEnd();
      control.forget();
    },
    async restart(newArgs) {
      daemon.kill('SIGTERM');
      await daemon.waitForEnd();
      control.forget();
      args = newArgs ?? args;
      daemon = await launch();
    },
    suspend: () => daemon.kill('SIGSTOP'),
    resume: () => daemon.kill('SIGCONT'),
  };
}

/** What makes a small private server quick without making it another kind of server: durability stays as shipped. */
function labArguments(): readonly string[] {
  return [
    '--innodb-buffer-pool-size=64M',
    '--innodb-flush-method=fsync',
    '--loose-innodb-buffer-pool-dump-at-shutdown=0',
  ];
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
