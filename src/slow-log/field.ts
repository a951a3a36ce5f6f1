/** How the value of a field is written. */
type Unit = 'number' | 'flag' | 'seconds' | 'milliseconds';

/**
 * Fields of an event's `#` lines that are added up per class, by the name under which they come out; the `log` names
 * are MariaDB's, and MySQL's and Percona's where they differ. Times come out in microseconds, flags as counts.
 */
const definitions = {
  queryTimeUs: { unit: 'seconds', log: ['Query_time'] },
  lockTimeUs: { unit: 'seconds', log: ['Lock_time'] },
  rowsSent: { unit: 'number', log: ['Rows_sent'] },
  rowsExamined: { unit: 'number', log: ['Rows_examined'] },
  rowsAffected: { unit: 'number', log: ['Rows_affected'] },
  bytesSent: { unit: 'number', log: ['Bytes_sent'] },
  tmpTables: { unit: 'number', log: ['Tmp_tables', 'Created_tmp_tables'] },
  tmpDiskTables: { unit: 'number', log: ['Tmp_disk_tables', 'Created_tmp_disk_tables'] },
  tmpTableBytes: { unit: 'number', log: ['Tmp_table_sizes'] },
  sortMergePasses: { unit: 'number', log: ['Merge_passes', 'Sort_merge_passes'] },
  fullScans: { unit: 'flag', log: ['Full_scan'] },
  fullJoins: { unit: 'flag', log: ['Full_join'] },
  filesorts: { unit: 'flag', log: ['Filesort'] },
  diskFilesorts: { unit: 'flag', log: ['Filesort_on_disk'] },
  priorityQueues: { unit: 'flag', log: ['Priority_queue'] },
  queryCacheHits: { unit: 'flag', log: ['QC_hit', 'QC_Hit'] },
  pagesAccessed: { unit: 'number', log: ['Pages_accessed', 'InnoDB_pages_distinct'] },
  pagesRead: { unit: 'number', log: ['Pages_read', 'InnoDB_IO_r_ops'] },
  pagesUpdated: { unit: 'number', log: ['Pages_updated'] },
  oldRowsRead: { unit: 'number', log: ['Old_rows_read'] },
  pagesReadTimeUs: { unit: 'milliseconds', log: ['Pages_read_time'] },
  engineTimeUs: { unit: 'milliseconds', log: ['Engine_time'] },
  rowLockWaitUs: { unit: 'seconds', log: ['InnoDB_rec_lock_wait'] },
  errors: { unit: 'flag', log: ['Last_errno', 'Errno'] },
} as const satisfies Readonly<Record<string, { readonly unit: Unit; readonly log: readonly string[] }>>;

export type FieldName = keyof typeof definitions;

export const fieldNames = Object.keys(definitions) as readonly FieldName[];

/** Where each field stands in an array of values. */
export const QUERY_TIME = fieldNames.indexOf('queryTimeUs');

/** Powers of ten by which the value in the log is multiplied: 6 for seconds, 3 for milliseconds; -1 for a flag. */
export const decimalsOf = fieldNames.map((name) => {
  const { unit } = definitions[name];
  return unit === 'seconds' ? 6 : unit === 'milliseconds' ? 3 : unit === 'flag' ? -1 : 0;
});

/** Keys that are no sums: the reader of a line handles them itself. */
export const SCHEMA_KEY = -2;
const UNKNOWN = -1;

const SLOTS = 2048;
const slotHash = new Int32Array(SLOTS);
const slotField = new Int8Array(SLOTS).fill(UNKNOWN);

/** The hash of a key, taken byte by byte from 0. */
export function hashKey(hash: number, byte: number): number {
  return (Math.imul(hash, 31) + byte) | 0;
}

/** The field that a key of the log names, by its hash; -1 for one that nobody asks for, or SCHEMA_KEY. */
export function fieldOfKey(hash: number): number {
  const slot = slotOf(hash);
  return slotHash[slot] === hash ? (slotField[slot] as number) : UNKNOWN;
}

function slotOf(hash: number): number {
  return (hash ^ (hash >>> 11) ^ (hash >>> 21)) & (SLOTS - 1);
}

function register(key: string, field: number): void {
  let hash = 0;
  for (const letter of key) hash = hashKey(hash, letter.charCodeAt(0));
  const slot = slotOf(hash);
  if (slotField[slot] !== UNKNOWN) throw new Error(`the slot of ${key} is taken; change slotOf`);
  slotHash[slot] = hash;
  slotField[slot] = field;
}

fieldNames.forEach((name, field) => {
  for (const key of definitions[name].log) register(key, field);
});
register('Schema', SCHEMA_KEY);
