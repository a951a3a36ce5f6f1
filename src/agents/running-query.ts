import { z } from 'zod';
import { judgeLocks } from '../judgements/locks.ts';
import { judgePatternNow } from '../judgements/pattern-now.ts';
import { judgePileUps } from '../judgements/pile-up.ts';
import { describeThread, judgeStatements, listStatements } from '../judgements/running-statements.ts';
import { readSessions, sessionView } from '../judgements/session-readings.ts';
import type { SessionView } from '../judgements/sessions.ts';
import { isIdle } from '../judgements/sessions.ts';
import { inWords } from '../judgements/statement.ts';
import { judgePurge, judgeTransactions } from '../judgements/transactions.ts';
import { defineAgent } from './agent.ts';
import { name } from './parameters.ts';

export const runningQuery = defineAgent({
  name: 'running_query',
  tool: 'analyze_running_queries',
  title: 'Running queries',
  description: 'What runs now, who blocks whom, and what is safe to kill.',
  useCases: ['What is running right now', 'Who blocks whom', 'What is safe to kill'],
  checks: [
    'many sessions that work on one statement for seconds and block nobody: a pile-up',
    'row-lock chains with their root blocker, however many levels, prepared XA transactions included',
    'metadata, table, global and user locks, with the holder seen or inferred; a waiting ALTER is a victim',
    'transactions that are idle, very old or hold back the purge',
    'changes of table definitions with stage, progress and remaining time',
    'long statements, and what ending each would roll back',
    'whether a pattern of the slow log runs at this moment, and who blocks it',
  ],
  routing: [
    '^(?!.*\\b(versions?|(io|sql|slave|applier|receiver)[_ ]threads?)\\b).*(?<!long[- ])(?<!slow )\\brunning (now|right|on|sql|statements?|quer|longer|for)',
    'long[- ]running',
    '^(?!.*\\b(io|sql|slave|applier|receiver|replica\\w*)[_ ]threads?\\b).*(quer(y|ies)|statements?|what|stuff|processes|anything|threads?|jobs?).{0,25}\\brunning\\b(?! out)',
    '\\brunning (quer|transactions?|threads?|processes|alter)',
    '^(?!.*\\bhost\\b.{0,25}\\bblocked\\b)(?!.*\\bblocked\\b.{0,30}\\bconnect).*block(ing|ed|ers?|s)\\b',
    '\\block(s|ed|ing)?\\b(?! wait timeout in the log)',
    'deadlocks?',
    '1213|1205',
    'metadata lock',
    '\\b(safe|what|which|who|should|can|need|must|may)\\b.{0,25}\\bkill',
    'kill (thread|query|connection|session|process|id )?\\s?\\d+',
    '(open|idle|uncommitted|hanging|stuck|old|oldest|long) (in )?transactions?',
    'transactions? .{0,20}(open|commit|idle|stuck|hang|rollback|waiting)',
    '(nobody|not|never|un|forgot(ten)?( to| the| a)?|without( a)?) ?commit',
    '\\b(thread|process|pid|session) (id )?#?\\d+',
    'process ?list',
    '\\b(queries|statements|sessions|threads) (are )?(stuck|hanging|waiting|piling|queu)',
    '(stuck|hanging|waiting) (queries|statements|sessions|threads|ddl|alter)',
    'who (is|has|holds|holding|blocks|locks)( .{0,15})?(lock|block|hold|wait)',
    'longest quer',
    'active quer',
    '\\brunning what\\b|\\bbeing executed|execut(es|ed|ing) (right )?(now|currently|at the moment)',
    '(quer(y|ies)|statements?|selects?) (that |which )?(run|last)s? (for )?(more|longer) than',
    'current(ly)? (running|active|executing) ?(quer|statement)',
    'current quer',
    '\\balter\\b.{0,30}(progress|done|running|stuck|long|finish|far)',
    'history list',
    'purge lag',
    '(gesperrt|sperren?|blockiert)',
    'laufende[nr]? (abfragen|quer)',
    'was läuft',
    'requêtes? en cours',
    'bloqu',
    'consultas? (activas|en ejecución|corriendo)',
    'what( is|.?s)? .{0,30}\\bdoing\\b',
    '\\blong[- ]?(runners?|lived)',
    '\\bwhat.?s? (is |are )?runs?(ning)?\\b',
    '\\b(is|are|anything|something|sessions?|tables?|rows?|quer(y|ies)) .{0,15}\\block(s|ed)?\\b',
    '\\block(s|ed)\\b',
    '\\bqui bloque|verrous?',
    'se estan ejecutando|travad[ao]s?|bloqueios?|executando',
    '\\bexecuting\\b',
    '\\bactive (sessions|statements|transactions|threads)',
    '(?<!\\b(logs?|files?|backups?|dumps?) (are |is |keep |keeps |have been )?)\\b(pil(e|ed|ing)|queu(e|ed|ing)) up\\b|(?<!\\b(seconds?|minutes?|hours?|far) )behind (something|an?|it|each|one|the (lock|alter|blocker))\\b',
    '\\bstuck\\b|\\b(ddl|alter|alters)\\b.{0,20}(progress|hang|hung|wait|progress|status)',
    '(?<!errant )(?<!lose )(?<!losing )(?<!large )(?<!big )\\b(trx|transactions?)\\b(?! (on|of) the (replica|slave))',
    '(quer|selects?|updates?|deletes?|inserts?|statements?|sql)\\b.{0,40}\\b(right now|at the moment|atm|currently|now)\\b',
    'consultas? (que )?(corren|activas|en curso)|sesion(es)? bloquea|abfragen (laufen|gerade)|laufen gerade|haelt den lock|halt den lock',
    'requetes? .{0,10}(tournent|en cours)|(statements?|(?<!slow )quer(y|ies)) (over|above|longer than|more than|exceeding|>) ?\\d',
    '(hang|stuck|wait|block)\\w* .{0,30}\\b(alter|ddl|migration)\\b',
    'kill (candidates?|list)',
    '(quer(y|ies)|statements?|selects?|updates?) .{0,15}tak(es|ing) (too|so|very) long',
    '\\bsperrt\\b',
    '\\bbusy (with|doing)|in flight|who is doing what',
    '(updates?|inserts?|deletes?|writes?|commits?|selects?|statements?|quer(y|ies)|sessions?|transactions?)\\b.{0,30}\\b(waits?|waiting|hangs?|hanging|stuck)\\b(?!.{0,20}\\b(replica|slave))',
    '\\b(laufen|lauft|laufende[nr]?)\\b.{0,20}\\b(gerade|jetzt|aktuell|prozesse?|abfragen?)|\\b(prozesse|abfragen|was)\\b.{0,15}\\b(laufen|lauft)\\b|\\bwartet auf\\b|\\bsperr(t|e|en|ung)\\b|haeng(t|en)|verklemm',
    '(corriendo|ejecutando|en ejecucion|procesos|rodando|em execucao)|\\bverrou(s|x|ille)?|(requetes?|processus) .{0,15}(en cours|tournent)|quien bloquea',
    '\\b(frozen|freezes|stuck|hung) (sessions?|quer|threads?|statements?)|\\bcontention\\b|contended',
    '\\b(live|current) (quer|statements?|sessions?|sql)|\\bsessions? list\\b|list (of )?(all )?(the )?sessions',
    'roll(ing)? ?back.{0,30}\\b(long|running|forever|progress|still|takes?|taking|slow)\\b',
    '\\balter( table)?\\b.{0,40}\\b(hang(s|ing)?|hung|wait(s|ing)?|block(s|ed|ing)?|stuck|forever)\\b',
    '\\brunaway\\b|currently (running|executing)|\\bbusy (threads?|sessions?)',
    '\\b(runs?|running|ran) (for )?(longer|more) than|(everything|anything|something|whatever|all) (that )?(runs?|running)\\b',
  ],
  parameters: z.object({
    min_time_seconds: z.number().min(0).max(31_536_000).default(1),
    include_sleeping: z.boolean().default(false),
    max_queries: z.number().int().min(1).max(200).default(20),
    user: name().optional(),
    table: name().optional(),
    process_id: z.number().int().min(1).optional(),
    pattern: z
      .string()
      .regex(/^[0-9A-Fa-f]{32}$/)
      .optional()
      .describe('the fingerprint id of a slow pattern'),
  }),
  instead: 'incident_triage',
  collect: (collector) => readSessions(collector),
  diagnose(seen, { params, target, thresholds }) {
    const view = sessionView(seen, target.name, thresholds);
    const findings = [
      ...judgeLocks(view),
      ...judgeTransactions(view),
      ...judgePurge(view),
      ...judgeStatements(view),
      ...judgePileUps(view),
      ...listStatements(view, {
        minTimeSeconds: params.min_time_seconds,
        includeSleeping: params.include_sleeping,
        maxQueries: params.max_queries,
        user: params.user,
        table: params.table,
      }),
    ];
    const sees = { sessions: seen.sessions.status === 'read', lockWaits: seen.lockWaits.status === 'read' };
    // Whoever sees no session must not say that a thread or a pattern is not there.
    if (params.process_id !== undefined && sees.sessions) findings.push(describeThread(view, params.process_id));
    if (params.pattern !== undefined && sees.sessions) findings.push(judgePatternNow(view, params.pattern));
    return { findings, headline: headlineOf(view, sees) };
  },
});

function headlineOf(view: SessionView, sees: { readonly sessions: boolean; readonly lockWaits: boolean }): string {
  const active = view.sessions.filter((session) => !isIdle(session));
  const longest = Math.max(0, ...active.map(({ seconds }) => seconds));
  const running = !sees.sessions
    ? 'running statements cannot be seen'
    : active.length === 0
      ? 'no statement runs'
      : `${active.length} ${active.length === 1 ? 'statement runs' : 'statements run, the longest'} for ${inWords(longest)}`;
  const waits = !sees.lockWaits
    ? 'row lock waits cannot be seen'
    : view.lockWaits.length === 0
      ? 'no row lock waits'
      : `${view.lockWaits.length} row lock waits`;
  return `${running}, ${waits}`;
}
