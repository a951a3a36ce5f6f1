import type { LogPattern } from './pattern.ts';

/** Why a connection ended without a goodbye, by the words in brackets at the end of the server's line. */
export type AbortCause = 'vanished' | 'timeout' | 'packet' | 'login' | 'other';

export interface AbortedConnections {
  readonly cause: AbortCause;
  readonly count: number;
}

const causes: readonly { readonly cause: AbortCause; readonly words: RegExp }[] = [
  { cause: 'packet', words: /\((?:Got a packet bigger than .*|Got packets out of order)\)$/ },
  { cause: 'timeout', words: /\(Got timeout (?:reading|writing) communication packets\)$/ },
  {
    cause: 'login',
    words:
      /\((?:This connection closed normally without authentication|Got an error reading communication packets during .*)\)$/,
  },
  { cause: 'login', words: /user: 'unauthenticated' .*\)$/ },
  {
    cause: 'vanished',
    words: /\((?:Got an error (?:reading|writing) communication packets|CLOSE_CONNECTION|KILLED)\)$/,
  },
];

/** The aborted connections of a log by cause, most frequent first. */
export function abortedByCause(patterns: readonly LogPattern[]): AbortedConnections[] {
  const counts = new Map<AbortCause, number>();
  for (const { kind, sample, count } of patterns) {
    if (kind !== 'aborted_connection') continue;
    const cause = causes.find(({ words }) => words.test(sample))?.cause ?? 'other';
    counts.set(cause, (counts.get(cause) ?? 0) + count);
  }
  return [...counts].map(([cause, count]) => ({ cause, count })).toSorted((a, b) => b.count - a.count);
}
