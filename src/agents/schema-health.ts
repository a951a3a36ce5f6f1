import { z } from 'zod';
import { defineAgent } from './agent.ts';
import { name } from './parameters.ts';

export const schemaHealth = defineAgent({
  name: 'schema_health',
  tool: 'analyze_schema_health',
  title: 'Schema',
  description: 'Keys, indexes, engines, character sets and auto-increment limits.',
  useCases: ['Unused indexes', 'Tables without a primary key', 'Duplicate indexes'],
  checks: [],
  routing: [
    'index(es|ing|ed)?\\b',
    'indices',
    '\\bschema (health|change|design|review|issues?|problems?)',
    '\\bschemas?\\b',
    'primary keys?',
    '\\bpks?\\b',
    'foreign keys?',
    'auto.?inc(rement)?',
    'myisam|aria tables?|engines?\\b',
    'char(acter )?sets?|collations?|utf8',
    'tables? without',
    'sequences?\\b',
    'stale statistics|analyze table',
    'partition',
    'índices?|indizes|clés? primaires?|primärschlüssel',
    'redundant',
  ],
  parameters: z.object({ schema: name().optional(), table: name().optional() }),
  instead: 'slow_query',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
