/** Stable names of everything that can go wrong; shown to people beside the message. */
export type ErrorCode =
  | 'config_invalid'
  | 'usage'
  | 'target_unknown'
  | 'target_unreachable'
  | 'access_denied'
  | 'too_many_connections'
  | 'feature_unsupported'
  | 'probe_failed'
  | 'timed_out'
  | 'stopped'
  | 'model_failed'
  | 'parameters_invalid'
  | 'input_unreadable'
  | 'store_failed'
  | 'cloud_logs'
  | 'not_allowed';

/**
 * Base of every error that dbcheck raises itself. `message` is one sentence that a person may read:
 * it never holds a credential, a statement's text or a stack. The driver's or library's own error is the `cause`.
 */
export class DbcheckError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The configuration cannot be used; the message names file, line, key and what is expected. */
export class ConfigError extends DbcheckError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('config_invalid', message, options);
  }
}

/** The server did not let us in: refused, unresolvable, wrong password, full, or silent until the deadline. */
export class TargetUnreachableError extends DbcheckError {
  readonly errno: number | undefined;

  constructor(
    code: 'target_unreachable' | 'access_denied' | 'too_many_connections',
    message: string,
    options: { readonly cause?: unknown; readonly errno?: number } = {},
  ) {
    super(code, message, options);
    this.errno = options.errno;
  }
}

/** A statement of ours failed on the server. `errno` and `sqlState` are MariaDB's; the message never embeds the SQL. */
export class ProbeError extends DbcheckError {
  readonly probe: string;
  readonly errno: number | undefined;
  readonly sqlState: string | undefined;

  constructor(
    probe: string,
    message: string,
    options: { readonly cause?: unknown; readonly errno?: number; readonly sqlState?: string } = {},
  ) {
    super(options.errno === 1969 ? 'timed_out' : 'probe_failed', message, options);
    this.probe = probe;
    this.errno = options.errno;
    this.sqlState = options.sqlState;
  }
}

/** A deadline passed: an agent's, a run's or a statement's. */
export class TimedOutError extends DbcheckError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('timed_out', message, options);
  }
}

/** Why a check has no result where a person stopped it. */
export const stoppedReason = 'stopped on request';

/** A person pressed Stop, or the process is shutting down. */
export class StoppedError extends DbcheckError {
  constructor(message = stoppedReason) {
    super('stopped', message);
  }
}

/** What outlives a run could not be read or written. */
export class StoreError extends DbcheckError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('store_failed', message, options);
  }
}

/** The engine of the store does not work just now: a full disk, a server that is down. Later it may. */
export class StoreUnavailableError extends StoreError {}

/** What a person may be told of an unknown failure: the sentence of our own errors, a neutral one for all others. */
export function describeError(error: unknown): { readonly code: ErrorCode | 'internal'; readonly message: string } {
  if (error instanceof DbcheckError) return { code: error.code, message: error.message };
  return { code: 'internal', message: 'an unexpected error; the log of this process has the details' };
}
