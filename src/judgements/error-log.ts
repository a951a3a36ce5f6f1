import type { LogKind } from '../error-log/kind.ts';
import type { LogPattern } from '../error-log/pattern.ts';
import type { ErrorLog } from '../probes/error-log.ts';
import type { FindingDraft, FindingTable, Recommendation, Severity } from '../report/finding.ts';
import { momentInWords } from '../report/units.ts';

export interface ErrorLogView {
  readonly target: string;
  readonly log: ErrorLog;
  readonly maxPatterns: number;
  readonly evidence: readonly string[];
}

/** Lines that other judgements speak about with more knowledge: logins, connections, deadlocks, replication, lives. */
const elsewhere: ReadonlySet<LogKind> = new Set([
  'start',
  'ready',
  'shutdown',
  'crash',
  'crash_recovery',
  'aborted_start',
  'deadlock',
  'refused_login',
  'aborted_connection',
  'too_many_connections',
  'open_files',
  'replication',
  'end_of_session',
  'semaphore',
  'packet_too_large',
]);

interface Incident {
  readonly kind: LogKind;
  readonly code: string;
  readonly title: string;
  readonly severity: Severity;
  readonly recommendations: readonly Recommendation[];
}

const incidents: readonly Incident[] = [
  {
    kind: 'corruption',
    code: 'incident.corruption',
    title: 'The server found damaged data',
    severity: 'critical',
    recommendations: [
      {
        action:
          'Make sure that a good backup exists before anything else, then run CHECK TABLE on the table that the log names; repair MyISAM and Aria with REPAIR TABLE, restore InnoDB from the backup or from a replica',
        risk: 'disruptive',
        rollback: 'none for a repair: keep a copy of the files first',
      },
    ],
  },
  {
    kind: 'disk',
    code: 'incident.disk_error',
    title: 'Writing to or reading from the disk failed',
    severity: 'critical',
    recommendations: [
      {
        action: 'Look at the volume and at the kernel: df -h, df -i and dmesg tell a full disk from a failing one',
        risk: 'safe',
        rollback: 'nothing changes',
      },
    ],
  },
  {
    kind: 'memory',
    code: 'incident.out_of_memory',
    title: 'The server could not get memory',
    severity: 'critical',
    recommendations: [
      {
        action:
          'Look at who uses the memory of the host (ps aux --sort=-rss), and at config.memory_overcommit of the configuration agent',
        risk: 'safe',
        rollback: 'nothing changes',
      },
    ],
  },
];

/** What the error log's window holds: incidents by kind, other errors by pattern, warnings in one table. */
export function judgeErrorLog(view: ErrorLogView): FindingDraft[] {
  const { log } = view;
  const special = incidents.flatMap((incident) => {
    const patterns = log.patterns.filter(({ kind }) => kind === incident.kind);
    return patterns.length === 0 ? [] : [incidentFinding(incident, patterns, view)];
  });
  const rest = log.patterns.filter(
    ({ kind }) => !elsewhere.has(kind) && !incidents.some((incident) => incident.kind === kind),
  );
  const errors = rest.filter(({ severity }) => severity === 'error');
  const warnings = log.patterns.filter(({ severity }) => severity === 'warning');
  return [
    ...special,
    ...errors.slice(0, view.maxPatterns).map((pattern) => patternFinding(pattern, view)),
    ...(warnings.length > 0 ? [warningsFinding(warnings.slice(0, view.maxPatterns), warnings, view)] : []),
  ];
}

function incidentFinding(incident: Incident, patterns: readonly LogPattern[], view: ErrorLogView): FindingDraft {
  const count = total(patterns);
  const { firstAtMs, lastAtMs } = span(patterns, view);
  const table = patterns.map(({ sample }) => tableIn(sample)).find((name) => name !== undefined);
  const [first, last] = [firstAtMs, lastAtMs].map((ms) => momentInWords(ms, view.log.serverNowMs));
  return {
    code: incident.code,
    severity: incident.severity,
    subject: view.target,
    title: incident.title,
    summary: `The error log says so ${times(count)}, ${first === last ? `at ${last}` : `from ${first} to ${last}`}: ${patterns[0]?.pattern}${table ? ` (${table})` : ''}`,
    confidence: 'certain',
    facts: { count, firstAt: iso(firstAtMs), lastAt: iso(lastAtMs), ...(table ? { table } : {}) },
    evidence: view.evidence,
    impact: 80,
    recommendations: incident.recommendations,
    table: patternTable('Lines of the error log', patterns, view),
  };
}

function patternFinding(pattern: LogPattern, view: ErrorLogView): FindingDraft {
  const { firstAtMs, lastAtMs } = span([pattern], view);
  const since = pattern.count > 1 ? ` since ${momentInWords(firstAtMs, view.log.serverNowMs)}` : '';
  return {
    code: 'incident.error_log',
    severity: 'warning',
    subject: pattern.pattern,
    title: 'Errors in the error log',
    summary: `Logged as [ERROR] ${times(pattern.count)}${since}, last at ${momentInWords(lastAtMs, view.log.serverNowMs)}.`,
    confidence: 'certain',
    facts: { count: pattern.count, severity: 'ERROR', firstAt: iso(firstAtMs), lastAt: iso(lastAtMs) },
    evidence: view.evidence,
    impact: Math.min(pattern.count, 20),
    recommendations: [
      {
        action: `Read the lines themselves in ${view.log.path} around ${momentInWords(lastAtMs, view.log.serverNowMs)}`,
        risk: 'safe',
        rollback: 'nothing changes',
      },
    ],
  };
}

function warningsFinding(shown: readonly LogPattern[], all: readonly LogPattern[], view: ErrorLogView): FindingDraft {
  const count = total(all);
  return {
    code: 'incident.error_log',
    severity: 'info',
    subject: 'warnings',
    title: 'Warnings in the error log',
    summary: `${count} warnings of ${all.length} kinds; most often, ${times(shown[0]?.count ?? 0)}: ${shown[0]?.pattern}`,
    confidence: 'certain',
    facts: { count, patterns: all.length, severity: 'Warning', mostFrequentCount: shown[0]?.count ?? 0 },
    evidence: view.evidence,
    recommendations: [],
    table: patternTable('Warnings of the error log, most frequent first', shown, view),
  };
}

function patternTable(caption: string, patterns: readonly LogPattern[], { log }: ErrorLogView): FindingTable {
  return {
    caption,
    columns: ['count', 'severity', 'message', 'last'],
    rows: patterns
      .slice(0, 20)
      .map(({ count, severity, pattern, lastAtMs }) => [
        count,
        severity,
        pattern,
        lastAtMs === undefined ? '' : momentInWords(lastAtMs, log.serverNowMs),
      ]),
  };
}

/** `./shop/orders.ibd`, `'./shop/notes'` and `` `shop`.`orders` `` as `shop.orders`. */
function tableIn(message: string): string | undefined {
  const [, a, b] = /`([^`]{1,64})`\.`([^`]{1,64})`/.exec(message) ?? [];
  if (a !== undefined) return `${a}.${b}`;
  const [, schema, table] =
    /(?:^|[\s'"./])([\w$-]{1,64})\/([\w$-]{1,64})(?:\.(?:ibd|MY[ID]|MA[ID]|frm))?(?=['"\s]|$)/.exec(message) ?? [];
  if (schema !== undefined) return `${schema}.${table}`;
  return /\bTable '([\w$-]{1,64})'/i.exec(message)?.[1];
}

function span(patterns: readonly LogPattern[], { log }: ErrorLogView): { firstAtMs: number; lastAtMs: number } {
  return {
    firstAtMs: Math.min(...patterns.map(({ firstAtMs }) => firstAtMs ?? log.fromMs)),
    lastAtMs: Math.max(...patterns.map(({ lastAtMs }) => lastAtMs ?? log.fromMs)),
  };
}

function total(patterns: readonly LogPattern[]): number {
  return patterns.reduce((sum, { count }) => sum + count, 0);
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
