import { z } from 'zod';
import { defineAgent } from './agent.ts';
import { name } from './parameters.ts';

export const runningQuery = defineAgent({
  name: 'running_query',
  tool: 'analyze_running_queries',
  title: 'Running queries',
  description: 'What runs now, who blocks whom, and what is safe to kill.',
  useCases: ['What is running right now', 'Who blocks whom', 'What is safe to kill'],
  checks: [],
  routing: [
    '(?<!long[- ])(?<!slow )\\brunning (now|right|on|sql|statements?|quer|longer|for)',
    'long[- ]running',
    '(quer(y|ies)|statements?|what|stuff|processes|anything|threads?|jobs?).{0,25}\\brunning\\b(?! out)',
    '\\brunning (quer|transactions?|threads?|processes|alter)',
    'block(ing|ed|ers?|s)\\b',
    '\\block(s|ed|ing)?\\b(?! wait timeout in the log)',
    'deadlocks?',
    '1213|1205',
    'metadata lock',
    '\\b(safe|what|which|who|should|can|need|must|may)\\b.{0,25}\\bkill',
    'kill (thread|query|connection|session|process|id )?\\s?\\d+',
    '(open|idle|uncommitted|hanging|stuck|old|oldest|long) (in )?transactions?',
    'transactions? .{0,20}(open|commit|idle|stuck|hang|rollback|waiting)',
    '(nobody|not|never|un) ?commit',
    '\\b(thread|process|pid|session) (id )?#?\\d+',
    'process ?list',
    '\\b(queries|statements|sessions|threads) (are )?(stuck|hanging|waiting|piling|queu)',
    '(stuck|hanging|waiting) (queries|statements|sessions|threads|ddl|alter)',
    'who (is|has|holds|holding|blocks|locks)( .{0,15})?(lock|block|hold|wait)',
    'longest quer',
    'active quer',
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
  ],
  parameters: z.object({
    min_time_seconds: z.number().min(0).max(31_536_000).default(1),
    include_sleeping: z.boolean().default(false),
    max_queries: z.number().int().min(1).max(200).default(20),
    user: name().optional(),
    table: name().optional(),
    process_id: z.number().int().min(1).optional(),
  }),
  instead: 'incident_triage',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
