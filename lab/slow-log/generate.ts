import { type Random, randomFrom } from './random.ts';
import { type Template, templates } from './statements.ts';

export interface SlowLogPlan {
  readonly seed: number;
  /** The log ends with the first event behind this size. */
  readonly bytes: number;
  /** Lines `# explain:` for half of the events, as log_slow_verbosity=explain writes them. */
  readonly explain?: boolean;
}

/** What a right digest of a class says. */
interface ClassTruth {
  count: number;
  queryTimeSumUs: number;
  lockTimeSumUs: number;
  rowsExaminedSum: number;
  rowsSentSum: number;
  maxUs: number;
  /** Every query time, in the order of the log. */
  readonly timesUs: number[];
}

export interface SlowLogTruth {
  events: number;
  bytes: number;
  readonly classes: Map<string, ClassTruth>;
}

const banner =
  '/usr/sbin/mariadbd, Version: 10.11.6-MariaDB-log (MariaDB Server). started with:\n' +
  'Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock\nTime\t\t    Id Command\tArgument\n';
const users = [
  'app[app] @ web1 [10.0.0.11]',
  'app[app] @ web2 [10.0.0.12]',
  'batch[batch] @  [10.0.1.7]',
  '[report] @ localhost []',
];
const administratorCommands = ['Ping', 'Prepare', 'Init DB', 'Quit'];

/**
 * Writes a slow log as MariaDB 10.11 does, in pieces, and keeps the truth about it in `truth`: the same for a seed on
 * every machine. The server restarts now and then; the clock is UTC.
 */
export function* generateSlowLog(plan: SlowLogPlan, truth: SlowLogTruth): Generator<string> {
  const random = randomFrom(plan.seed);
  const bag = templates.flatMap((template) => Array.from({ length: template.weight }, () => template));
  const log = new Writer(random, plan.explain ?? false, truth);
  yield log.take(banner);
  while (truth.bytes < plan.bytes) {
    let piece = random.chance(0.002) ? banner : '';
    for (let i = 0; i < 200 && truth.bytes + piece.length < plan.bytes; i++) {
      piece += random.chance(0.01) ? log.administratorCommand() : log.event(random.pick(bag));
    }
    yield log.take(piece);
  }
}

export function emptyTruth(): SlowLogTruth {
  return { events: 0, bytes: 0, classes: new Map() };
}

class Writer {
  private readonly random: Random;
  private readonly explain: boolean;
  private readonly truth: SlowLogTruth;
  private seconds = 1_705_312_800;
  private loggedSecond = 0;
  private lastSchema = '';

  constructor(random: Random, explain: boolean, truth: SlowLogTruth) {
    this.random = random;
    this.explain = explain;
    this.truth = truth;
  }

  take(piece: string): string {
    this.truth.bytes += Buffer.byteLength(piece);
    return piece;
  }

  event(template: Template): string {
    const { random } = this;
    const queryUs = random.duration(template.medianUs);
    const header = this.header(template.schema, queryUs, template.fingerprint);
    const use = this.lastSchema === template.schema ? '' : `use \`${template.schema}\`;\n`;
    this.lastSchema = template.schema;
    return `${header}${use}SET timestamp=${this.seconds};\n${template.write(random)};\n`;
  }

  administratorCommand(): string {
    const command = `administrator command: ${this.random.pick(administratorCommands)}`;
    const header = this.header('', this.random.duration(50), command);
    return `${header}SET timestamp=${this.seconds};\n# ${command};\n`;
  }

  private header(schema: string, queryUs: number, fingerprint: string): string {
    const { random } = this;
    this.seconds += random.chance(0.3) ? 1 : 0;
    const lockUs = random.chance(0.05) ? random.duration(200_000) : random.integer(0, 400);
    const [sent, examined] = [random.integer(0, 900), random.integer(0, 3_000_000)];
    this.count(fingerprint, queryUs, lockUs, examined, sent);
    const time = this.loggedSecond === this.seconds ? '' : `# Time: ${logTime(this.seconds)}\n`;
    this.loggedSecond = this.seconds;
    const yesNo = (probability: number): string => (random.chance(probability) ? 'Yes' : 'No');
    const pages = `# Pages_accessed: ${random.integer(1, 9999)}  Pages_read: ${random.integer(0, 99)}  Pages_prefetched: 0  Pages_updated: 0  Old_rows_read: 0\n# Pages_read_time: ${random.integer(0, 99)}.1234  Engine_time: ${random.integer(0, 99)}.5000\n`;
    const plan = `#\n# explain: id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tfiltered\tr_filtered\tExtra\n# explain: 1\tSIMPLE\tt\tALL\tNULL\tNULL\tNULL\tNULL\t${examined}\t${examined}.00\t100.00\t12.50\tUsing where\n#\n`;
    return (
      `${time}# User@Host: ${random.pick(users)}\n# Thread_id: ${random.integer(5, 900)}  Schema: ${schema}  QC_hit: No\n` +
      `# Query_time: ${inSeconds(queryUs)}  Lock_time: ${inSeconds(lockUs)}  Rows_sent: ${sent}  Rows_examined: ${examined}\n` +
      `# Rows_affected: ${random.integer(0, 9)}  Bytes_sent: ${random.integer(11, 99_999)}\n` +
      (random.chance(0.5) ? pages : '') +
      (random.chance(0.3) ? '# Tmp_tables: 1  Tmp_disk_tables: 0  Tmp_table_sizes: 126976\n' : '') +
      `# Full_scan: ${yesNo(0.4)}  Full_join: ${yesNo(0.1)}  Tmp_table: No  Tmp_table_on_disk: No\n` +
      `# Filesort: ${yesNo(0.3)}  Filesort_on_disk: No  Merge_passes: 0  Priority_queue: No\n` +
      (this.explain && random.chance(0.5) ? plan : '')
    );
  }

  private count(fingerprint: string, queryUs: number, lockUs: number, examined: number, sent: number): void {
    const { truth } = this;
    let it = truth.classes.get(fingerprint);
    if (it === undefined) {
      it = { count: 0, queryTimeSumUs: 0, lockTimeSumUs: 0, rowsExaminedSum: 0, rowsSentSum: 0, maxUs: 0, timesUs: [] };
      truth.classes.set(fingerprint, it);
    }
    truth.events++;
    it.count++;
    it.queryTimeSumUs += queryUs;
    it.lockTimeSumUs += lockUs;
    it.rowsExaminedSum += examined;
    it.rowsSentSum += sent;
    it.maxUs = Math.max(it.maxUs, queryUs);
    it.timesUs.push(queryUs);
  }
}

function inSeconds(us: number): string {
  return `${Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}`;
}

/** `240115  9:05:00`: two-digit year, the hour padded with a blank. */
function logTime(seconds: number): string {
  const iso = new Date(seconds * 1000).toISOString();
  const hour = String(Number(iso.slice(11, 13))).padStart(2, ' ');
  return `${iso.slice(2, 10).replaceAll('-', '')} ${hour}${iso.slice(13, 19)}`;
}
