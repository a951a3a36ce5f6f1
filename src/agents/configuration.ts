import { z } from 'zod';
import { defineAgent } from './agent.ts';

export const configuration = defineAgent({
  name: 'configuration',
  tool: 'audit_configuration',
  title: 'Configuration',
  description: 'Durability, memory, security and deprecated options.',
  useCases: ['Is my configuration optimal', 'Review durability settings'],
  checks: [],
  routing: ['config', 'settings?', 'durability', 'buffer pool'],
  parameters: z.object({}),
  instead: 'incident_triage',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
