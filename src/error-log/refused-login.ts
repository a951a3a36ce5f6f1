import type { LogEntry } from './entry.ts';

/** Logins of one account that the server refused, as its error log tells. */
export interface RefusedAccount {
  /** `app@10.2.3.4`, in the words of whoever tried, on one line. */
  readonly account: string;
  readonly count: number;
  readonly lastAtMs: number | undefined;
}

const maxAccounts = 20;

/** Refusals by account, most first. The name may hold anything, quotes included: it ends where the message ends. */
export function refusedAccounts(entries: readonly LogEntry[]): RefusedAccount[] {
  const accounts = new Map<string, RefusedAccount>();
  for (const { message, details, atMs } of entries) {
    if (!message.startsWith('Access denied for user ')) continue;
    const text = [message, ...details].join(' ');
    const [, user, host] =
      /^Access denied for user '(.*)'@'([^']*)'(?: to database '.*')?(?: \(using password: (?:YES|NO)\))?$/s.exec(
        text,
      ) ?? [];
    if (user === undefined) continue;
    const account = `${user}@${host}`.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ').slice(0, 160);
    accounts.set(account, { account, count: (accounts.get(account)?.count ?? 0) + 1, lastAtMs: atMs });
  }
  return [...accounts.values()].sort((a, b) => b.count - a.count).slice(0, maxAccounts);
}
