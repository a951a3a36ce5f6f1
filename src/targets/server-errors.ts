import type { SqlError } from 'mariadb';
import { DbcheckError, ProbeError, TargetUnreachableError, TimedOutError } from '../errors.ts';
import { describeAddress, type Target } from './target.ts';

const fullServerErrnos: ReadonlySet<number> = new Set([1040, 1203, 1226]);
const deniedErrnos: ReadonlySet<number> = new Set([1044, 1045, 1129, 1130, 1131, 1698, 1862, 4151]);

/** Tells apart a full server, a refused login and a server that is not there. The driver's text is replaced by ours. */
export function asUnreachable(error: unknown, target: Target, tries: number): TargetUnreachableError {
  const { errno, code } = fields(error);
  const cause = { cause: error, ...(errno === undefined ? {} : { errno }) };
  const where = `${target.name} (${describeAddress(target)})`;
  if (errno !== undefined && fullServerErrnos.has(errno)) {
    return new TargetUnreachableError(
      'too_many_connections',
      `${where} refuses new connections: error ${errno}`,
      cause,
    );
  }
  if (errno !== undefined && deniedErrnos.has(errno)) {
    const message = `${where} refuses the login of ${target.user}: error ${errno}, check the account and its password`;
    return new TargetUnreachableError('access_denied', message, cause);
  }
  const after = tries > 1 ? ` (${tries} tries)` : '';
  const why =
    error instanceof TimedOutError
      ? 'no answer'
      : error instanceof DbcheckError
        ? error.message
        : (networkReasons[code ?? ''] ?? tlsReason(error) ?? 'no connection');
  return new TargetUnreachableError('target_unreachable', `${where} cannot be reached: ${why}${after}`, cause);
}

const networkReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOENT: 'the socket does not exist',
  EACCES: 'no permission for the socket',
  ENOTFOUND: 'the host name does not resolve',
  EAI_AGAIN: 'the host name does not resolve',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the host',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  ER_CONNECTION_TIMEOUT: 'no answer',
  ER_SERVER_SSL_DISABLED:
    'the server offers no TLS, which is required (tls: off goes without, tls: preferred takes what there is)',
  ER_SOCKET_UNEXPECTED_CLOSE: 'the server closed the connection',
};

function tlsReason(error: unknown): string | undefined {
  const text = error instanceof Error ? error.message : '';
  if (/altnames|does not match certificate/i.test(text)) return 'its TLS certificate is for another host';
  if (/self.signed|unable to (?:verify|get)|certificate/i.test(text))
    return 'its TLS certificate is not trusted here (name the file of its CA as tlsCa)';
  return /TLS|SSL/i.test(text) ? 'the TLS handshake failed' : undefined;
}

/** A statement that failed, or a connection that was lost in the middle of it. */
export function asQueryError(error: unknown, target: Target, probe: string): ProbeError | TargetUnreachableError {
  const { errno, code, sqlState, fatal } = fields(error);
  if (fatal) {
    const why = networkReasons[code ?? ''] ?? 'the connection was lost';
    return new TargetUnreachableError('target_unreachable', `${target.name}: ${why} in the middle of a statement`, {
      cause: error,
      ...(errno === undefined ? {} : { errno }),
    });
  }
  const what = errno === 1969 ? 'took longer than its time limit' : `failed with error ${errno ?? code ?? 'unknown'}`;
  return new ProbeError(probe, `reading ${probe} on ${target.name} ${what}`, {
    cause: error,
    ...(errno === undefined ? {} : { errno }),
    ...(sqlState === undefined ? {} : { sqlState }),
  });
}

function fields(error: unknown): { errno?: number; code?: string; sqlState?: string; fatal: boolean } {
  if (!(error instanceof Error)) return { fatal: true };
  const { errno, code, sqlState, fatal } = error as Partial<SqlError>;
  // The connector gives its own failures numbers from 45,000 up; they are not the server's.
  const server = typeof errno === 'number' && errno > 0 && errno < 45_000 ? errno : undefined;
  return {
    ...(server === undefined ? {} : { errno: server }),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof sqlState === 'string' ? { sqlState } : {}),
    // The connector calls a statement that hit max_statement_time fatal too, but the connection lives on.
    fatal: server === undefined || (fatal === true && server !== 1969 && server !== 1317),
  };
}

/** The server's own error number; undefined for what the connector or the network says. */
export function errnoOf(error: unknown): number | undefined {
  return fields(error).errno;
}

export function isTlsRefused(error: unknown): boolean {
  return fields(error).code === 'ER_SERVER_SSL_DISABLED';
}
