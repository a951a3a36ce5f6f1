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
  routing: ['running', 'block(ing|ed|ers?)', 'locks?\\b', 'kill'],
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
