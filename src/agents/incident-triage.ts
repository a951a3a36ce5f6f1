import { z } from 'zod';
import { judgeOpenFiles, judgeVolumes } from '../judgements/capacity.ts';
import { connectionView, readConnections } from '../judgements/connection-readings.ts';
import { judgeConnections } from '../judgements/connections.ts';
import { judgeDeadlocks, wantsSecondLook } from '../judgements/deadlocks.ts';
import { judgeErrorLog } from '../judgements/error-log.ts';
import { judgeLocks } from '../judgements/locks.ts';
import { judgeMemoryUse } from '../judgements/memory.ts';
import { judgePileUps } from '../judgements/pile-up.ts';
import { judgeReadOnly } from '../judgements/read-only.ts';
import { judgeThreads } from '../judgements/replication-threads.ts';
import { judgeRestarts, type RestartView, uptimeInWords } from '../judgements/restarts.ts';
import { judgeStatements } from '../judgements/running-statements.ts';
import { judgeSemaphores } from '../judgements/semaphores.ts';
import { judgeWork, readServer, settingView } from '../judgements/server-readings.ts';
import { readSessions, sessionView } from '../judgements/session-readings.ts';
import { judgeSettingChanges } from '../judgements/setting-changes.ts';
import { judgeSizeJumps } from '../judgements/size-jumps.ts';
import { judgePackets } from '../judgements/statement-settings.ts';
import { judgePurge, judgeTransactions } from '../judgements/transactions.ts';
import { triageHeadline } from '../judgements/triage-headline.ts';
import { judgeUsual, usualInWords } from '../judgements/usual.ts';
import { errorLog } from '../probes/error-log.ts';
import { innodbStatus } from '../probes/innodb-status.ts';
import { pastHours, settingChanges, tooLittle } from '../probes/past.ts';
import { evidenceOf, lookAgain } from '../probes/probe.ts';
import { replicaStatus } from '../probes/replica-status.ts';
import { volumes } from '../probes/volumes.ts';
import type { Target } from '../targets/target.ts';
import { defineAgent } from './agent.ts';
import { hours } from './parameters.ts';
import { thresholdsFor } from './thresholds.ts';

/** The counters' window has passed when it is asked, so it need not wait. */
const innodbStatusLater = lookAgain(innodbStatus, 0);

export const incidentTriage = defineAgent({
  name: 'incident_triage',
  tool: 'perform_incident_triage',
  title: 'Incident triage',
  description: 'Is the server healthy, and which domains are not.',
  useCases: [
    'Is my database healthy',
    'Something is wrong, where do I start',
    'Look at the error log',
    'What changed since 15:00',
  ],
  checks: [
    'crashes, kills and restarts, told from the uptime and the error log together',
    'the error log by pattern, errors first: damaged data, failing disks, lack of memory, waits inside InnoDB',
    'locks, open transactions and deadlocks, with their tables',
    'connections against their limits, leaks, storms, refused logins',
    'rates over a window of two samples: queries, page reads, sorts and temporary tables on disk',
    'a primary that was left read-only, statements that are ended at max_statement_time, a redo log that is too small',
    'room on the volumes of the server, open files, memory of the host, replication threads',
    'with a history: variables that were changed, rates unlike those of the same hours of former weeks or of the time before',
  ],
  routing: [
    '(mysqld|mariadbd|server|process|daemon) .{0,12}killed|killed by (the )?(oom|kernel|os)',
    'error ?log',
    '\\berrors? in (my|the|our)\\b',
    '(did|has|was|why).{0,30}\\b(restart|reboot|crash|went down|go down|came back)',
    '\\b(restart(ed)?|crash(ed|es|ing)?|reboot(ed)?)\\b(?! the app)',
    'outage',
    '\\bunresponsive\\b',
    '\\boom\\b|(?<!running |run |runs )out of memory|oom.?kill',
    '(?<!slow(s|ed|ing)? (\\w+ )?)(?<!break )(?<!drill )\\bdown\\b(?! ?time)',
    'corrupt(ed|ion)?\\b',
    'assert(ion)? fail',
    'segfault|signal (6|11)',
    'triage',
    'incident',
    'health check',
    'deadlock',
    '\\buptime\\b',
    'fehlerprotokoll|abgestürzt|neu ?gestartet|absturz',
    'journal d.erreurs|planté|redémarr',
    'registro de errores|reinici',
    'neu ?(ge)?start(et)?|abgesturzt|absturz|fehler(protokoll|log|meldung)|redemarr|\\bplante(e|r)?\\b|\\bpanne\\b|reinici(o|ado|ada|ou)|\\bca(yo|ido|ida|iu)\\b|\\bausfall\\b',
    '\\bis (it|the (server|database|db)|mariadb|mysql) (still )?(up|down|alive|running)\\b(?! to date)|\\b(server|mariadbd?|mysqld?|process) (was |got |is )?killed|assertion|signal \\d+',
  ],
  parameters: z.object({
    max_error_patterns: z.number().int().min(1).max(200).default(20),
    error_log_lines: z.number().int().min(1).max(200_000).default(5_000),
    hours: hours(1),
  }),
  instead: 'running_query',
  async collect(collector, { hours, error_log_lines }, target) {
    const { leakIdleSeconds } = thresholdsFor(target.thresholds);
    const [server, sessions, connections, status, log, disks, channels, past, changes] = await Promise.all([
      readServer(collector, target),
      readSessions(collector),
      readConnections(collector, leakIdleSeconds),
      collector.read(innodbStatus),
      // Where a log was configured, "nothing in it" and "could not read it" must not look alike.
      collector.read(errorLog, { lines: error_log_lines, hours }, { essential: isLogConfigured(target) }),
      collector.read(volumes, undefined, { optional: true }),
      collector.read(replicaStatus),
      collector.read(pastHours, { hours }, { optional: true }),
      collector.read(settingChanges, { hours }, { optional: true }),
    ]);
    const latest = status.status === 'read' ? status.data.latestDeadlock : undefined;
    const counted = server.sampled.status === 'read' ? server.sampled.data : undefined;
    const later = wantsSecondLook(latest, counted) ? await collector.read(innodbStatusLater) : undefined;
    return {
      ...server,
      sessions,
      connections,
      status,
      later,
      log,
      disks,
      channels,
      past,
      changes,
      remembers: collector.remembers,
    };
  },
  diagnose(seen, { params, target, facts, thresholds, nowMs }) {
    const { sampled, status, disks, memory, channels } = seen;
    const about = target.name;
    const log = seen.log.status === 'read' ? seen.log.data : undefined;
    const monitor = status.status === 'read' ? status.data : undefined;
    const sessions = sessionView(seen.sessions, about, thresholds);
    const counted = sampled.status === 'read' ? sampled.data : undefined;
    const life: RestartView | undefined = counted && {
      target: about,
      uptimeSeconds: counted.uptimeSeconds,
      nowMs: log?.serverNowMs ?? nowMs,
      log,
      hours: params.hours,
      evidence: evidenceOf(sampled, seen.log),
    };
    const deadlocks = counted && {
      target: about,
      counters: counted,
      latest: monitor?.latestDeadlock,
      later: seen.later?.status === 'read' ? seen.later.data.latestDeadlock : undefined,
      log,
      hours: params.hours,
      evidence: evidenceOf(sampled, status, ...(seen.later ? [seen.later] : []), seen.log),
    };
    const connected = connectionView(seen.connections, about, thresholds);
    const threads = channels.status === 'read' ? channels.data : [];
    const usual = seen.past.status === 'read' && {
      target: about,
      past: seen.past.data,
      hours: params.hours,
      thresholds,
      evidence: evidenceOf(seen.past),
    };
    const unusual = usual ? judgeUsual(usual) : [];
    const findings = [
      ...judgeLocks(sessions),
      ...judgeTransactions(sessions),
      ...judgePurge(sessions),
      ...judgeStatements(sessions),
      ...judgePileUps(sessions),
      ...(connected ? judgeConnections(connected) : []),
      ...(life ? judgeRestarts(life, thresholds) : []),
      ...(deadlocks ? judgeDeadlocks(deadlocks, facts, thresholds) : []),
      ...(log
        ? judgeErrorLog({ target: about, log, maxPatterns: params.max_error_patterns, evidence: evidenceOf(seen.log) })
        : []),
      ...judgeSemaphores({ target: about, status: monitor, log, evidence: evidenceOf(status, seen.log) }, thresholds),
      ...judgePackets(settingView(seen, about), log, evidenceOf(seen.log)),
      ...judgeWork(seen, about, thresholds),
      ...judgeReadOnly(settingView(seen, about), {
        channels: channels.status === 'read' ? channels.data.length : undefined,
        isReplica: target.primary !== undefined,
        replicas: target.replicas.length,
      }),
      ...(counted
        ? judgeOpenFiles(about, counted, log?.patterns ?? [], facts, thresholds, evidenceOf(sampled, seen.log))
        : []),
      ...(disks.status === 'read' ? judgeVolumes(disks.data, facts, thresholds, evidenceOf(disks)) : []),
      ...(memory.status === 'read' ? judgeMemoryUse(about, memory.data, thresholds, evidenceOf(memory)) : []),
      ...threads.flatMap((channel) => judgeThreads(channel, { target: about, evidence: evidenceOf(channels) })),
      ...unusual,
      ...(seen.past.status === 'read'
        ? judgeSizeJumps({ sizes: seen.past.data.sizes, thresholds, evidence: evidenceOf(seen.past) })
        : []),
      ...(seen.changes.status === 'read'
        ? judgeSettingChanges({ changes: seen.changes.data, nowMs, evidence: evidenceOf(seen.changes) })
        : []),
    ];
    const uptime = life && uptimeInWords(life, thresholds);
    const lockWaits = seen.sessions.lockWaits.status === 'read' ? sessions.lockWaits.length : undefined;
    const headline = triageHeadline({ counters: counted, facts, lockWaits, threads, log, uptime });
    const past = usual ? [usualInWords(usual, unusual)] : tooLittle(seen.past, seen);
    return { findings, headline: [headline, ...past].join(', ') };
  },
});

function isLogConfigured({ errorLog: path, serviceId }: Target): boolean {
  return path !== undefined || serviceId !== undefined;
}
