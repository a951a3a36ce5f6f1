import { z } from 'zod';
import { defineAgent } from './agent.ts';
import { name } from './parameters.ts';

export const connections = defineAgent({
  name: 'connections',
  tool: 'analyze_connections',
  title: 'Connections',
  description: 'Connection use, leaks, storms, refused logins and pool sizing.',
  useCases: ['Who uses all the connections', 'Connection leaks', 'Best pool size'],
  checks: [],
  routing: ['connections?\\b', 'pool', 'logins?'],
  parameters: z.object({ user: name().optional(), host: name().optional() }),
  instead: 'running_query',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
