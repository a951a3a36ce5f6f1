import { z } from 'zod';
import { defineAgent } from './agent.ts';
import { hours, name } from './parameters.ts';

export const slowQuery = defineAgent({
  name: 'slow_query',
  tool: 'analyze_slow_queries',
  title: 'Slow queries',
  description: 'What was slow in a window, grouped by fingerprint, and what to do about it.',
  useCases: [
    'Analyze slow queries from the last hour',
    'Compare slow queries with the day before',
    'Which queries would benefit from an index',
  ],
  checks: [],
  routing: [
    'slow(est|er)?[ -]?(running )?(sql|quer(y|ies)|statements?|patterns?|logs?|selects?|requests?)',
    'quer(y|ies) .{0,12}(benefit|to optimi[sz]e)',
    '(query|statement) (patterns?|digests?|performance|tuning|times?|latency)',
    'optimi[sz]e .{0,20}(quer|sql|statement)',
    '(full )?(table )?scans?\\b',
    'slower (today|now|than)',
    '(heaviest|worst|most expensive|top)(?! \\w* ?longest) .{0,12}(quer|sql|statement|patterns?|selects?)',
    'n ?\\+ ?1',
    'like searches',
    'regress',
    'langsame[nr]? (abfragen?|quer)',
    'requêtes? lentes?',
    'consultas? lentas?',
    'what was slow',
    'filesorts?',
    'temp(orary)? tables?',
    'missing index',
  ],
  parameters: z.object({
    hours: hours(1),
    max_patterns: z.number().int().min(1).max(50).default(8),
    schema: name().optional(),
    table: name().optional(),
    user: name().optional(),
    compare_to_previous: z.boolean().default(false),
  }),
  instead: 'running_query',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
