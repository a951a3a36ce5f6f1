import type { LogEntry } from './entry.ts';

const refusedLogin = /^Access denied for user /;
const refusedLoginEnd = /'@'[^']*' \(using password: (?:YES|NO)\)$/;
/** A user name has at most 128 characters of at most 3 bytes; the text around it is short. */
const longestRefusal = 600;

/**
 * A login name may hold line breaks, and the server writes it as it comes: whoever can reach the port can write whole
 * lines of the log, time and severity included. The end of the true message gives them away: everything from the
 * refusal up to that end is one entry.
 */
export function joinForgedLines(entries: readonly LogEntry[]): LogEntry[] {
  const joined: LogEntry[] = [];
  for (const entry of entries) {
    const forged = !refusedLogin.test(entry.message) && refusedLoginEnd.test(lastLine(entry));
    const refusal = forged ? findRefusal(joined) : -1;
    if (refusal < 0) joined.push(entry);
    else {
      const swallowed = joined.splice(refusal + 1);
      const owner = joined.pop() as LogEntry;
      joined.push({ ...owner, details: [...owner.details, ...[...swallowed, entry].map(lastLine)] });
    }
  }
  return joined;
}

/** The refusal that a forged line belongs to: the nearest one, if the lines between fit into a user name. */
function findRefusal(entries: readonly LogEntry[]): number {
  let length = 0;
  for (let at = entries.length - 1; at >= 0; at--) {
    const entry = entries[at] as LogEntry;
    if (refusedLogin.test(entry.message)) return at;
    length += entry.message.length + entry.details.reduce((sum, line) => sum + line.length, 0);
    if (length > longestRefusal) return -1;
  }
  return -1;
}

function lastLine(entry: LogEntry): string {
  return entry.details.at(-1) ?? entry.message;
}
