import { z } from 'zod';
import { sqlProbe } from './probe.ts';

const flag = z.coerce.number().transform((value) => value !== 0);

const account = z.object({
  user: z.string(),
  host: z.string(),
  emptyPassword: flag,
  /** May do everything: SUPER, or make accounts and give rights away. */
  administrator: flag,
  /** Must use TLS, or a certificate, to log in. */
  requiresTls: flag,
});

export type RiskyAccount = z.output<typeof account>;

/** An account may have several ways to log in; `auth_or[n]` lists them, `{}` standing for the one at the top. */
const passwordlessWays = [passwordless('$'), ...[0, 1, 2, 3, 4].map((way) => passwordless(`$.auth_or[${way}]`))].join(
  ' OR ',
);

/** Plugins of which an empty stored string means that no password is asked for. */
function passwordless(path: string): string {
  return (
    `(JSON_VALUE(Priv, '${path}.plugin') IN ('mysql_native_password', 'mysql_old_password', '') ` +
    `AND COALESCE(JSON_VALUE(Priv, '${path}.authentication_string'), '') = '')`
  );
}

/** Bits of `access`: SUPER, CREATE USER, GRANT OPTION (sql/privilege.h). */
const administrator =
  "(CAST(JSON_VALUE(Priv, '$.access') AS UNSIGNED) & 32768 <> 0 OR " +
  "CAST(JSON_VALUE(Priv, '$.access') AS UNSIGNED) & 33555456 = 33555456)";

/**
 * A row is an account that can be used and that is passwordless, anonymous or an administrator. Roles and locked
 * accounts are left out. Passwords and their hashes never leave the server: only what is true of them does.
 */
export const riskyAccounts = sqlProbe({
  name: 'accounts',
  needs: [],
  sql:
    'SELECT user, host, emptyPassword, administrator, requiresTls FROM (' +
    'SELECT LEFT(User, 128) AS user, LEFT(Host, 255) AS host, ' +
    // Who must show a certificate (ssl_type 2 and 3) needs no password as well.
    `COALESCE(${passwordlessWays}, 0) AND COALESCE(JSON_VALUE(Priv, '$.ssl_type'), 0) < 2 AS emptyPassword, COALESCE(${administrator}, 0) AS administrator, ` +
    "COALESCE(JSON_VALUE(Priv, '$.ssl_type'), 0) > 0 AS requiresTls " +
    'FROM mysql.global_priv ' +
    "WHERE COALESCE(JSON_VALUE(Priv, '$.is_role'), '0') IN ('0', 'false') " +
    "AND COALESCE(JSON_VALUE(Priv, '$.account_locked'), '0') IN ('0', 'false')) accounts " +
    "WHERE emptyPassword OR administrator OR user = ''",
  row: account,
  maxRows: 2_000,
});

/** `app@10.2.3.4`, as people write it; an anonymous account is `''@localhost`. */
export function accountName({ user, host }: Pick<RiskyAccount, 'user' | 'host'>): string {
  return `${user === '' ? "''" : user}@${host}`;
}
