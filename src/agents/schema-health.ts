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
  routing: ['index(es)?', 'schema', 'primary keys?', 'auto.?increment'],
  parameters: z.object({ schema: name().optional(), table: name().optional() }),
  instead: 'slow_query',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
