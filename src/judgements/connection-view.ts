import type { Thresholds } from '../agents/thresholds.ts';
import type { AbortedConnections } from '../error-log/aborted.ts';
import type { RefusedAccount } from '../error-log/refused-login.ts';
import type { Counters } from '../probes/counters.ts';

export interface AccountUse {
  readonly user: string;
  readonly client: string;
  readonly sessions: number;
  readonly sleeping: number;
  readonly long_sleeping: number;
  readonly longest_sleep_seconds: number;
}

export interface AccountLimit {
  readonly user: string;
  readonly host: string;
  readonly max_user_connections: number;
}

export interface ConnectionView {
  readonly target: string;
  readonly counters: Counters;
  readonly maxConnections: number;
  /** max_user_connections for accounts without a limit of their own; 0 for none. */
  readonly maxUserConnections: number;
  /** max_password_errors: refused logins in a row after which an account is blocked; undefined where it never is. */
  readonly maxPasswordErrors?: number | undefined;
  readonly accounts: readonly AccountUse[];
  readonly limits: readonly AccountLimit[];
  /** Refused logins of the last hour by account; undefined where the error log cannot be read. */
  readonly refused: readonly RefusedAccount[] | undefined;
  /** Aborted connections of the last hour by cause, most frequent first; undefined where the error log cannot be read. */
  readonly aborts?: readonly AbortedConnections[] | undefined;
  readonly thresholds: Thresholds;
  readonly evidence: readonly string[];
}
