import { accountName, type RiskyAccount } from '../probes/accounts.ts';
import type { FindingDraft, Recommendation } from '../report/finding.ts';
import { quotedText } from '../sql/quote.ts';
import { isOn, type ServerFacts } from '../targets/server-facts.ts';

export interface SecurityView {
  readonly facts: ServerFacts;
  readonly accounts: readonly RiskyAccount[];
  readonly evidence: readonly string[];
}

/** More accounts than this of one kind make a list, not a report; the evidence has them all. */
const maxAccounts = 20;

/** Accounts that let anybody in, or let an administrator in from anywhere. */
export function judgeSecurity(view: SecurityView): FindingDraft[] {
  const { accounts, facts } = view;
  const offersTls = /^yes$/i.test(facts.variables['have_ssl'] ?? '');
  const mustUseTls = isOn(facts, 'require_secure_transport');
  return [
    ...pick(accounts, ({ emptyPassword, user }) => emptyPassword && user !== '').map((one) => empty(one, view)),
    ...pick(accounts, ({ user }) => user === '').map((one) => anonymous(one, view)),
    ...pick(accounts, (one) => one.administrator && isAnywhere(one.host)).map((one) => wildcard(one, view)),
    ...pick(accounts, (one) => one.administrator && isRemote(one.host) && !one.requiresTls && !mustUseTls).map((one) =>
      withoutTls(one, offersTls, view),
    ),
  ];
}

function pick(accounts: readonly RiskyAccount[], wanted: (account: RiskyAccount) => boolean): readonly RiskyAccount[] {
  return accounts.filter(wanted).slice(0, maxAccounts);
}

function isRemote(host: string): boolean {
  return !/^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host);
}

/** `%` and an empty host mean any host; `10.1.%` or `%.example.com` still means some. */
function isAnywhere(host: string): boolean {
  return host === '' || /^[%_.]+$/.test(host);
}

function isExposed(account: RiskyAccount, { facts }: SecurityView): boolean {
  return isRemote(account.host) && !isOn(facts, 'skip_networking');
}

function empty(account: RiskyAccount, view: SecurityView): FindingDraft {
  const exposed = isExposed(account, view);
  const power = account.administrator ? ' and may do everything' : '';
  return {
    ...common(account, view),
    code: 'security.empty_password',
    severity: exposed ? 'critical' : 'warning',
    title: 'Account without a password',
    summary: `Whoever reaches the server ${exposed ? `from ${account.host === '%' ? 'any host' : account.host}` : 'on its own host'} can log in as ${accountName(account)} without a password${power}.`,
    impact: (exposed ? 20 : 5) + (account.administrator ? 20 : 0),
    recommendations: [
      {
        action: 'Lock it now, if nobody can say who uses it',
        sql: `ALTER USER ${quoted(account)} ACCOUNT LOCK;`,
        risk: 'disruptive',
        rollback: `ALTER USER ${quoted(account)} ACCOUNT UNLOCK;`,
      },
      {
        action: `Else run SET PASSWORD FOR ${quoted(account)} and tell the application the new one`,
        risk: 'disruptive',
        rollback: 'none: a passwordless account is not a state to go back to',
      },
    ],
  };
}

function anonymous(account: RiskyAccount, view: SecurityView): FindingDraft {
  return {
    ...common(account, view),
    code: 'security.anonymous_user',
    severity: isExposed(account, view) && account.emptyPassword ? 'critical' : 'warning',
    title: 'Anonymous account',
    summary: `${accountName(account)} lets in whoever gives any name${account.emptyPassword ? ', without a password' : ''}, and is chosen before named accounts from wider hosts.`,
    impact: 10,
    recommendations: [drop(account, 'Remove it; nothing should depend on it')],
  };
}

function wildcard(account: RiskyAccount, view: SecurityView): FindingDraft {
  return {
    ...common(account, view),
    code: 'security.wildcard_superuser',
    severity: 'warning',
    title: 'Administrator from any host',
    summary: `${accountName(account)} may do everything and may log in from any host.`,
    impact: 15,
    recommendations: [
      {
        action: `Bind it to the hosts that administrators use: RENAME USER ${quoted(account)} to the same name at their network`,
        risk: 'disruptive',
        rollback: `RENAME USER back to ${quoted(account)}`,
      },
    ],
  };
}

/** Information: passwords are not sent in clear, but what an administrator reads and writes is. */
function withoutTls(account: RiskyAccount, offersTls: boolean, view: SecurityView): FindingDraft {
  return {
    ...common(account, view),
    code: 'security.no_tls',
    severity: 'info',
    title: 'Administrator from afar without TLS',
    summary: `${accountName(account)} may log in over the network without TLS${offersTls ? ', though the server offers it' : '; the server offers none'}.`,
    recommendations: [
      offersTls
        ? {
            action: 'Demand TLS of it, after its clients were tried with TLS',
            sql: `ALTER USER ${quoted(account)} REQUIRE SSL;`,
            risk: 'disruptive',
            rollback: `ALTER USER ${quoted(account)} REQUIRE NONE;`,
          }
        : {
            action: 'Give the server a certificate (ssl_cert, ssl_key) and restart, then demand TLS of the account',
            risk: 'disruptive',
            rollback: 'remove the two options and restart',
          },
    ],
  };
}

function common(account: RiskyAccount, view: SecurityView) {
  return {
    subject: accountName(account),
    confidence: 'certain',
    facts: {
      user: account.user,
      host: account.host,
      emptyPassword: account.emptyPassword,
      administrator: account.administrator,
      requiresTls: account.requiresTls,
    },
    evidence: view.evidence,
  } as const;
}

function drop(account: RiskyAccount, action: string): Recommendation {
  return {
    action,
    sql: `DROP USER ${quoted(account)};`,
    risk: 'disruptive',
    rollback: `SHOW CREATE USER ${quoted(account)} and SHOW GRANTS FOR ${quoted(account)} before, to make it anew`,
  };
}

function quoted({ user, host }: Pick<RiskyAccount, 'user' | 'host'>): string {
  return `${quotedText(user)}@${quotedText(host)}`;
}
