import type { Thresholds } from '../agents/thresholds.ts';
import { type Counters, deltaOf, perSecond, round } from '../probes/counters.ts';
import type { ErrorLog } from '../probes/error-log.ts';
import type { FindingDraft } from '../report/finding.ts';
import { counted, sizeInWords } from '../report/units.ts';
import { isOn, numericVariable } from '../targets/server-facts.ts';
import { type SettingView, settingFinding } from './setting.ts';

/** Without a strict mode the server cuts values that do not fit and goes on with a warning that nobody reads. */
export function judgeSqlMode(view: SettingView): FindingDraft[] {
  const mode = view.facts.variables['sql_mode'];
  if (mode === undefined) return [];
  const modes = mode.split(',').filter((one) => one !== '');
  if (modes.includes('STRICT_TRANS_TABLES') || modes.includes('STRICT_ALL_TABLES')) return [];
  const wanted = [...modes, 'STRICT_TRANS_TABLES', 'ERROR_FOR_DIVISION_BY_ZERO', 'NO_ENGINE_SUBSTITUTION'];
  return [
    settingFinding(view, {
      code: 'config.sql_mode_lax',
      severity: 'warning',
      variable: 'sql_mode',
      title: 'Values that do not fit are cut without an error (sql_mode)',
      summary:
        'sql_mode lacks STRICT_TRANS_TABLES: numbers out of range, long strings and missing values are changed to fit.',
      facts: { strict: false },
      impact: 3,
      to: `'${[...new Set(wanted)].join(',')}'`,
      action:
        'Try the strict mode with the application first: statements that lost data quietly will fail loudly. Then set it',
      risk: 'needs_staging',
    }),
  ];
}

/** Each statement takes the cache's one lock; it pays only where nearly everything is read and hardly anything written. */
export function judgeQueryCache(
  view: SettingView,
  counters: Counters | undefined,
  thresholds: Thresholds,
): FindingDraft[] {
  const sizeBytes = numericVariable(view.facts, 'query_cache_size') ?? 0;
  const type = view.facts.variables['query_cache_type'] ?? 'OFF';
  if (sizeBytes === 0 || /^(off|0)$/i.test(type)) return [];
  const prunes = counters ? (perSecond(counters, 'Qcache_lowmem_prunes') ?? 0) : 0;
  const hits = counters ? (deltaOf(counters, 'Qcache_hits') ?? 0) : 0;
  const inserts = counters ? (deltaOf(counters, 'Qcache_inserts') ?? 0) : 0;
  const busy = prunes >= thresholds.queryCachePrunesPerSecond || (inserts >= 100 && hits < inserts);
  const measured = busy
    ? ` In the window ${round(prunes)} entries a second were thrown out, ${hits} statements were answered from it and ${inserts} put into it.`
    : '';
  return [
    settingFinding(view, {
      code: 'config.query_cache_contention',
      severity: busy ? 'warning' : 'info',
      variable: 'query_cache_type',
      title: `The query cache is on (${sizeInWords(sizeBytes)})`,
      summary: `Every statement goes through the one lock of the cache, and every write empties what it touches.${measured}`,
      confidence: busy ? 'certain' : 'possible',
      facts: { sizeBytes, prunesPerSecond: round(prunes), hitsInWindow: hits, insertsInWindow: inserts },
      thresholds: ['queryCachePrunesPerSecond'],
      to: 'OFF',
      action: 'Switch it off and compare the time of the statements',
      risk: 'needs_staging',
    }),
  ];
}

/** Information only: names of hosts are looked up at each new connection, and a slow DNS makes slow logins. */
export function judgeNameResolve(view: SettingView): FindingDraft[] {
  const { facts } = view;
  if (isOn(facts, 'skip_networking') || facts.variables['skip_name_resolve'] === undefined) return [];
  if (isOn(facts, 'skip_name_resolve')) return [];
  return [
    settingFinding(view, {
      code: 'config.name_resolve',
      severity: 'info',
      variable: 'skip_name_resolve',
      title: 'Each new client host is looked up in the DNS',
      summary: 'When the DNS is slow or away, logins from hosts that are not in the host cache are slow or refused.',
      to: 'ON',
      action:
        'Make sure first that no account is bound to a host name (SELECT User, Host FROM mysql.global_priv); such accounts stop working',
      risk: 'needs_staging',
    }),
  ];
}

/** Only with evidence: the error log of the window tells of connections that were cut for a packet too large. */
export function judgePackets(
  view: SettingView,
  log: ErrorLog | undefined,
  logEvidence: readonly string[],
): FindingDraft[] {
  const count = (log?.patterns ?? [])
    .filter(({ kind, sample }) => kind === 'aborted_connection' && /\(Got a packet bigger than [^()]*\)$/.test(sample))
    .reduce((sum, pattern) => sum + pattern.count, 0);
  const limitBytes = numericVariable(view.facts, 'max_allowed_packet');
  if (count === 0 || limitBytes === undefined) return [];
  const largest = 1_024 ** 3;
  const next = Math.min(Math.max(limitBytes * 4, 64 * 1_024 ** 2), largest);
  return [
    settingFinding(view, {
      code: 'config.max_allowed_packet',
      severity: 'warning',
      variable: 'max_allowed_packet',
      title: 'Statements larger than max_allowed_packet are refused',
      summary: `${counted(count, 'connection')} ${count === 1 ? 'was' : 'were'} cut for sending more than ${sizeInWords(limitBytes)} in one packet.`,
      facts: { refused: count, limitBytes },
      evidence: logEvidence,
      impact: Math.min(count, 20),
      to: String(next),
      action: `Allow ${sizeInWords(next)}, on replicas too; clients have a limit of their own`,
      risk: 'safe',
    }),
  ];
}
