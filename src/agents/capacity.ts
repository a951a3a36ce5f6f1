import { z } from 'zod';
import { defineAgent } from './agent.ts';

export const capacity = defineAgent({
  name: 'capacity',
  tool: 'analyze_capacity',
  title: 'Capacity',
  description: 'Disk, growth and limits, and when they run out.',
  useCases: ['When will the disk be full', 'Fastest growing tables'],
  checks: [],
  routing: ['disk', 'capacity', 'growth', 'growing', 'forecast'],
  parameters: z.object({ days: z.number().min(1).max(3_650).default(30) }),
  instead: 'incident_triage',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
