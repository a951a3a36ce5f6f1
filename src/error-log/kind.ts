import type { LogEntry, LogSeverity } from './entry.ts';
import { unquoted } from './wording.ts';

/** What a line of the error log is about, as far as dbcheck tells. */
export type LogKind =
  | 'start'
  | 'ready'
  | 'shutdown'
  | 'crash'
  | 'aborted_start'
  | 'crash_recovery'
  | 'corruption'
  | 'disk'
  | 'memory'
  | 'semaphore'
  | 'open_files'
  | 'too_many_connections'
  | 'deadlock'
  | 'refused_login'
  | 'aborted_connection'
  | 'replication'
  | 'end_of_session'
  | 'packet_too_large'
  | 'other';

interface Rule {
  readonly kind: LogKind;
  /** Read without quoted parts, so that a name or a path cannot match. The first rule that fits wins. */
  readonly pattern: RegExp;
  readonly severities?: readonly LogSeverity[];
}

const serious: readonly LogSeverity[] = ['error'];
const loud: readonly LogSeverity[] = ['error', 'warning'];

/** Lines that carry words of strangers come first: nothing after them can claim their text. */
const rules: readonly Rule[] = [
  { kind: 'refused_login', pattern: /^Access denied for user / },
  { kind: 'aborted_connection', pattern: /^Aborted connection \d+ to db: / },
  // What ended a single session or statement is written as an error of the server by some settings of log_warnings.
  {
    kind: 'end_of_session',
    pattern:
      /^\S*(?:mysqld|mariadbd): (?:Connection was killed|Query execution was interrupted|Sort aborted|Lock wait timeout exceeded|Deadlock found)/,
  },
  // Who was at work when a MyISAM table was found damaged; the line before says what.
  { kind: 'end_of_session', pattern: /^MariaDB thread id \d+, OS thread handle / },
  { kind: 'packet_too_large', pattern: /^\S*(?:mysqld|mariadbd): Got a packet bigger than/ },
  {
    kind: 'start',
    pattern: /^(?:Starting MariaDB \d|Starting MySQL \d|\S*(?:mysqld|mariadbd) \(.*\) starting as process)/,
  },
  { kind: 'ready', pattern: /^\S*(?:mysqld|mariadbd): ready for connections/ },
  { kind: 'shutdown', pattern: /^\S*(?:mysqld|mariadbd)(?: \(.*\))?: (?:Normal shutdown|Shutdown complete)/ },
  { kind: 'crash', pattern: /^\S*(?:mysqld|mariadbd) got (?:signal|exception)/, severities: serious },
  { kind: 'crash', pattern: /^InnoDB: (?:Assertion failure|Failing assertion)/ },
  { kind: 'crash', pattern: /We intentionally crash the server/, severities: serious },
  { kind: 'aborted_start', pattern: /^Aborting\.?$/, severities: serious },
  { kind: 'crash_recovery', pattern: /^InnoDB: Starting crash recovery/ },
  {
    kind: 'replication',
    pattern:
      /^(?:Master '.*': )?(?:Slave|Replica|Error reading packet from server|Error reading relay log|Error running query, (?:slave|replica) SQL)/,
  },
  {
    kind: 'disk',
    pattern: /\b(?:Disk is full|Disk full|No space left on device|Read-only file system)\b/i,
    severities: loud,
  },
  { kind: 'disk', pattern: /\b(?:errno:?|error|Errcode:?|error number) (?:5|28|30)\b/i, severities: serious },
  {
    kind: 'disk',
    pattern: /^InnoDB: (?:Write to file|preallocating|fsync\(\)|Cannot (?:read|write|extend))/,
    severities: serious,
  },
  { kind: 'disk', pattern: /(?:Input\/output error|is full$|returned OS error \d)/, severities: serious },
  {
    kind: 'memory',
    pattern: /\b(?:Out of memory|Cannot allocate memory|memory allocation failed)\b/i,
    severities: loud,
  },
  { kind: 'memory', pattern: /\b(?:errno:?|error|Errcode:?|error number) 12\b/i, severities: serious },
  { kind: 'memory', pattern: /^InnoDB: (?:Cannot allocate|Failed to allocate memory)/, severities: serious },
  {
    kind: 'corruption',
    pattern: /\b(?:page corruption|flagged corruption|corrupted|is corrupt|marked as crashed|checksum mismatch)\b/i,
    severities: loud,
  },
  {
    kind: 'corruption',
    pattern: /(?:Incorrect key file for table|log sequence number .* is in the future)/,
    severities: loud,
  },
  {
    kind: 'corruption',
    pattern:
      /^(?:Got an error from (?:unknown thread|thread_id=)|InnoDB: (?:Failed to read page|Unable to decompress|Record in index .* was not found))/,
    severities: serious,
  },
  { kind: 'semaphore', pattern: /^InnoDB: (?:A long semaphore wait|Long wait \(|Semaphore wait has lasted)/ },
  { kind: 'semaphore', pattern: /^InnoDB: .*\blong semaphore wait\b/i },
  {
    kind: 'open_files',
    pattern: /(?:Too many open files|(?:errno:?|error|Errcode:?|error number) 24\b)/i,
    severities: loud,
  },
  { kind: 'too_many_connections', pattern: /^Too many connections$/ },
  { kind: 'deadlock', pattern: /^InnoDB: Transactions deadlock detected/ },
  { kind: 'deadlock', pattern: /^InnoDB: Transaction was aborted due to/, severities: serious },
];

export function kindOf({ message, severity }: Pick<LogEntry, 'message' | 'severity'>): LogKind {
  const text = unquoted(message);
  const rule = rules.find(({ pattern, severities }) => (severities?.includes(severity) ?? true) && pattern.test(text));
  return rule?.kind ?? 'other';
}
