import { z } from 'zod';
import { judgeDeprecated } from '../judgements/deprecated.ts';
import { judgeDrift, type Side } from '../judgements/drift.ts';
import { judgeDurability } from '../judgements/durability.ts';
import { judgeGeneralLog, judgeSlowLog } from '../judgements/logging.ts';
import { judgeMemoryPlan } from '../judgements/memory.ts';
import { judgeSecurity } from '../judgements/security.ts';
import { judgeWork, readServer, settingView } from '../judgements/server-readings.ts';
import { judgeSettingChanges } from '../judgements/setting-changes.ts';
import { judgeNameResolve, judgePackets, judgeQueryCache, judgeSqlMode } from '../judgements/statement-settings.ts';
import { riskyAccounts } from '../probes/accounts.ts';
import type { Collector } from '../probes/collector.ts';
import { errorLog } from '../probes/error-log.ts';
import { settingChanges } from '../probes/past.ts';
import { evidenceOf } from '../probes/probe.ts';
import { systemVariables } from '../probes/system-variables.ts';
import { sizeInWords } from '../report/units.ts';
import { numericVariable, type ServerFacts } from '../targets/server-facts.ts';
import type { Target } from '../targets/target.ts';
import { defineAgent } from './agent.ts';

/** How far back the error log is asked for refused packets; the same reading as triage makes by default. */
const logWindow = { lines: 5_000, hours: 1 } as const;

/** Changes of variables of the last week are named, where the bot keeps a history. */
const changesOfHours = 168;

export const configuration = defineAgent({
  name: 'configuration',
  tool: 'audit_configuration',
  title: 'Configuration',
  description: 'Durability, memory, security and deprecated options.',
  useCases: ['Is my configuration optimal', 'Review durability settings'],
  checks: [
    'durability: flushing of the redo and binary logs, doublewrite, recovery mode left on',
    'memory: fixed buffers and buffers per connection against the memory there is, with the arithmetic; the buffer pool against its misses in a window',
    'sorts and temporary tables that go to disk, the query cache, refused packets, strict mode, name resolution, logs that are off or forgotten',
    'accounts: passwordless, anonymous, administrators from any host or without TLS; locked and unix_socket accounts are not named',
    'options that do nothing any more or go away with the next series; differences between a primary and its replicas',
  ],
  routing: [
    'config(uration|ured|s)?\\b',
    '\\bsettings?\\b',
    'durab',
    'buffer ?pool',
    'variables?\\b',
    'my\\.cnf',
    'sql_mode',
    '(accounts?|users?|logins?).{0,25}(password|anonymous|superuser|privileges?|grants?)',
    'password-?less|without (a )?password|empty passwords?',
    'anonymous',
    'security|insecure|hardening|secure\\b',
    'tun(e|ed|ing)\\b(?! quer)',
    'sync_binlog|flush_log|innodb_\\w+|max_allowed|tmp_table_size|query.?cache',
    'deprecated|removed options?',
    'general log',
    'best practices?',
    'optimal',
    'konfiguration|einstellungen|paramètres|configuración|réglages',
    '^(?!.*\\b(back-?ups?|dumps?)\\b).*(\\btls\\b|\\bssl\\b|encrypt)',
    '\\bswap(s|ped|ping|piness)?\\b',
    'memory (setting|overcommit|limits?|usage|too)',
    '(?<!data )drift',
    '\\broot\\b.{0,20}(account|user|login|remote)|(account|user|login)s?.{0,25}(remote(ly)?|from (anywhere|outside|the internet))',
    'power (cut|loss|failure|outage)|(loses?|lost|without) power',
    'how much (memory|ram) (can|could|may|does|would|will|should)|(memory|ram)\\b.{0,25}\\b(at worst|at most|in the worst case)',
    '\\blos(e|ing) .{0,20}(commits?|transactions?|seconds?|writes?)\\b',
    '\\bsuper (privilege|from|right|account)|(with|have|has) super\\b|(weak|risky|dangerous) (accounts?|passwords?|users?)|from (everywhere|anywhere|any host)',
    'memory .{0,15}per (connection|session|thread)',
    '\\b(is|are) .{0,25}(enabled|disabled|switched o(n|ff)|turned o(n|ff))',
    '\\bflush(ed|ing)?\\b',
    'konfiguration|\\beinstellung(en)?\\b|configuraci|configuraca|\\bajustes\\b|\\breglages?\\b|\\bparametr(es|os|er)?\\b|(ohne|leere[sn]?) (passwort|kennwort)|sin contrasena|sans mot de passe',
    '\\bharden(ing)?\\b|\\bprivileges?\\b|\\bgrants?\\b (does|do|has|have|of|for)|optimizer_switch|(wait|interactive|net_(read|write)|lock_wait)_timeout|\\bbinlog_?(format|row_image|checksum)\\b|\\bbinlog format|\\b(sort|join|read|key)_buffer|thread_(pool|cache)|query_cache|table_open_cache',
    'redo ?logs?|log file size|^(?!.*\\b(disk|volume|space|storage|backup|replica|retention)).*\\b(is|are)\\b.{1,40}\\b(large|big|small|high|low) enough',
    '\\b(which|what) (\\w+ )?(version|release)\\b|\\bend of (life|support)\\b|\\beol\\b',
    '\\bdefaults? (ok|fine|sane|good|values?)|crash[- ]safe|(too many|too wide|excessive) (rights|permissions)',
  ],
  parameters: z.object({}),
  instead: 'incident_triage',
  async collect(collector, _params, target) {
    const [server, accounts, log, peers, changes] = await Promise.all([
      readServer(collector, target),
      collector.read(riskyAccounts, undefined, { essential: true }),
      collector.read(errorLog, logWindow, { optional: true }),
      readPeers(collector, target),
      collector.read(settingChanges, { hours: changesOfHours }, { optional: true }),
    ]);
    return { ...server, accounts, log, peers, changes };
  },
  diagnose(seen, { target, facts, thresholds, nowMs }) {
    const { sampled, memory, accounts, log, peers, changes } = seen;
    const view = settingView(seen, target.name);
    const counted = sampled.status === 'read' ? sampled.data : undefined;
    const findings = [
      ...judgeDurability(view),
      ...judgeGeneralLog(view),
      ...judgeSlowLog(view),
      ...judgeSqlMode(view),
      ...judgeQueryCache(view, counted, thresholds),
      ...judgeNameResolve(view),
      ...judgePackets(view, log.status === 'read' ? log.data : undefined, evidenceOf(log)),
      ...judgeDeprecated(view),
      ...judgeWork(seen, target.name, thresholds),
      ...(memory.status === 'read' ? judgeMemoryPlan(view, memory.data, thresholds, evidenceOf(memory)) : []),
      ...(accounts.status === 'read'
        ? judgeSecurity({ facts, accounts: accounts.data, evidence: evidenceOf(accounts) })
        : []),
      ...peers.flatMap(({ primary, replica, evidence }) =>
        judgeDrift(primary, replica, [...view.evidence, ...evidence]),
      ),
      ...(changes.status === 'read'
        ? judgeSettingChanges({ changes: changes.data, nowMs, evidence: evidenceOf(changes) })
        : []),
    ];
    return { findings, headline: headlineOf(facts, accounts.status === 'read') };
  },
});

/** The other side of each replication pair of this target, where it can be reached. */
async function readPeers(collector: Collector, target: Target) {
  const own: Side = { target: target.name, facts: collector.facts };
  const names = target.primary === undefined ? target.replicas : [target.primary, ...target.replicas];
  const pairs = await Promise.all(
    names.map(async (name) => {
      const peer = await collector.peer(name);
      if (!peer) return undefined;
      const other: Side = { target: name, facts: peer.facts };
      const evidence = evidenceOf(await peer.read(systemVariables, undefined, { optional: true }));
      return name === target.primary
        ? { primary: other, replica: own, evidence }
        : { primary: own, replica: other, evidence };
    }),
  );
  return pairs.filter((pair) => pair !== undefined);
}

function headlineOf(facts: ServerFacts, sawAccounts: boolean): string {
  const flush = facts.variables['innodb_flush_log_at_trx_commit'];
  const pool = sizeInWords(numericVariable(facts, 'innodb_buffer_pool_size') ?? 0);
  return `innodb_flush_log_at_trx_commit ${flush}, buffer pool ${pool}${sawAccounts ? ', accounts checked' : ''}`;
}
