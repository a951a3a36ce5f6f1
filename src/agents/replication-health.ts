import { z } from 'zod';
import { defineAgent } from './agent.ts';
import { name } from './parameters.ts';

export const replicationHealth = defineAgent({
  name: 'replication_health',
  tool: 'check_replication_health',
  title: 'Replication',
  description: 'Replication threads, errors, lag and its cause, GTID positions and retention.',
  useCases: ['Is replication healthy', 'Why is the replica lagging'],
  checks: [],
  routing: ['replicat', 'replicas?\\b', 'slaves?\\b', 'lag'],
  parameters: z.object({ channel: name().optional() }),
  instead: 'incident_triage',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
