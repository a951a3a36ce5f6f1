import { randomBytes } from 'node:crypto';
import type { Connection } from 'mariadb';

export type Account = { readonly user: string; readonly password: string };

/** The accounts that every lab server has. Passwords are made with the template and differ from machine to machine. */
export type Accounts = {
  /** All rights; by socket. */
  readonly root: Account;
  /** What dbcheck needs to read and nothing more. */
  readonly dbcheck: Account;
  /** What an approved action needs: end the queries of other users. */
  readonly action: Account;
  /** The application that works on the shop. */
  readonly app: Account;
};

/** Enough for every agent and nothing that writes. REPLICA MONITOR is needed since MariaDB 10.5.9. */
const readOnlyGrants = 'SELECT, PROCESS, SHOW DATABASES, SHOW VIEW, EVENT, REPLICA MONITOR, BINLOG MONITOR ON *.*';

/** Local means the socket and, for servers that listen, the loopback address. */
const localHosts = ['localhost', '127.0.0.1'];

export function newAccounts(): Accounts {
  return accountsWith(() => randomBytes(12).toString('hex'));
}

/** The same accounts without passwords: what the statements that make them look like, whatever the passwords are. */
export const blankAccounts = accountsWith(() => '');

function accountsWith(password: () => string): Accounts {
  return {
    root: { user: 'root', password: password() },
    dbcheck: { user: 'dbcheck', password: password() },
    action: { user: 'dbcheck_action', password: password() },
    app: { user: 'app', password: password() },
  };
}

/**
 * The statements that make the accounts, run by the server itself at its first start. `root` keeps its socket login as
 * Debian has it, and gets a password so that the lab needs not run as the system's root.
 */
export function accountStatements(accounts: Accounts): readonly string[] {
  const { root, dbcheck, action, app } = accounts;
  const rootLogin = `mysql_native_password USING PASSWORD('${root.password}') OR unix_socket`;
  return [
    `CREATE USER IF NOT EXISTS root@localhost`,
    `ALTER USER root@localhost IDENTIFIED VIA ${rootLogin}`,
    `GRANT ALL PRIVILEGES ON *.* TO root@localhost WITH GRANT OPTION`,
    ...createUser(dbcheck, readOnlyGrants),
    ...createUser(action, 'CONNECTION ADMIN, PROCESS ON *.*'),
    ...createUser(app, 'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, LOCK TABLES ON shop.*'),
  ];
}

/** Statements that make an account that may log in by the socket and from the loopback address. */
export function createUser(account: Account, grants: string): readonly string[] {
  return localHosts.flatMap((host) => {
    const name = `'${account.user}'@'${host}'`;
    return [`CREATE USER ${name} IDENTIFIED BY '${account.password}'`, `GRANT ${grants} TO ${name}`];
  });
}

/** Makes one more account of the given rights on a running server. */
export async function addAccount(connection: Connection, account: Account, grants: string): Promise<void> {
  for (const statement of createUser(account, grants)) await connection.query(statement);
}
