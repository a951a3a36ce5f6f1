import { DbcheckError } from '../errors.ts';

/** A slow log that cannot be read at all; the message names it and says why, in one line. */
export class SlowLogError extends DbcheckError {
  readonly log: string;

  constructor(log: string, reason: string, options?: { readonly cause?: unknown }) {
    super('input_unreadable', `${log}: ${reason}`, options);
    this.log = log;
  }
}

/** Turns what the file system says into words. */
export function unreadable(log: string, error: unknown): SlowLogError {
  return new SlowLogError(log, describe(error), { cause: error });
}

function describe(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
    case 'EPERM':
      return 'no permission to read it';
    case 'EISDIR':
      return 'it is a directory, not a file';
    default:
      return `it cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`;
  }
}
