import { defineSqlFault } from '../sql-fault.ts';

const quietAccounts = ['parked@localhost', 'socket_only@localhost', 'retired@%'];

export const openDoor = defineSqlFault({
  id: 'open-door',
  title: 'An anonymous account, and an administrator from anywhere without a password, beside locked accounts',
  question: 'are there any insecure accounts on orders-prod?',
  statements: [
    "CREATE USER ''@localhost",
    "CREATE USER ops@'%'",
    "GRANT ALL PRIVILEGES ON *.* TO ops@'%'",
    'CREATE USER parked@localhost ACCOUNT LOCK',
    "CREATE USER retired@'%' ACCOUNT LOCK",
    'CREATE USER socket_only@localhost IDENTIFIED VIA unix_socket',
  ],
  proof: `SELECT User, Host FROM mysql.global_priv WHERE User = 'ops'
          AND JSON_VALUE(Priv, '$.authentication_string') = ''`,
  undo: ["DROP USER ''@localhost, ops@'%', parked@localhost, retired@'%', socket_only@localhost"],
  expect: {
    required: [
      { code: 'security.anonymous_user' },
      { code: 'security.empty_password', subject: 'ops@%' },
      { code: 'security.wildcard_superuser', subject: 'ops@%' },
    ],
    rootCause: {
      codes: ['security.empty_password', 'security.wildcard_superuser', 'security.anonymous_user'],
    },
    absent: quietAccounts.map((subject) => ({ subject })),
    // The anonymous account has no password either, and ops may come from afar without TLS.
    allowed: ['security.empty_password', 'security.no_tls'],
    verdict: ['degraded', 'critical'],
  },
});
