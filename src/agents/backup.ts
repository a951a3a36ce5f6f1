import { z } from 'zod';
import { defineAgent } from './agent.ts';

export const backup = defineAgent({
  name: 'backup',
  tool: 'check_backup_health',
  title: 'Backups',
  description: 'Last good backup, RPO and RTO, point-in-time recovery gaps.',
  useCases: ['Are backups working', 'How long would a restore take'],
  checks: [],
  routing: ['backups?', 'restore', 'point.in.time', 'recover'],
  parameters: z.object({ max_age_hours: z.number().min(1).max(8_760).default(26) }),
  instead: 'incident_triage',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
