import { z } from 'zod';
import { defineAgent } from './agent.ts';
import { hours } from './parameters.ts';

export const incidentTriage = defineAgent({
  name: 'incident_triage',
  tool: 'perform_incident_triage',
  title: 'Incident triage',
  description: 'Is the server healthy, and which domains are not.',
  useCases: ['Is my database healthy', 'Something is wrong, where do I start', 'Look at the error log'],
  checks: [],
  routing: [
    'error ?log',
    '\\berrors? in (my|the|our)\\b',
    '(did|has|was|why).{0,30}\\b(restart|reboot|crash|went down|go down|came back)',
    '\\b(restart(ed)?|crash(ed|es|ing)?|reboot(ed)?)\\b(?! the app)',
    'outage',
    '\\bunresponsive\\b',
    '\\boom\\b|out of memory|oom.?kill',
    '\\bdown\\b(?! ?time)',
    'corrupt(ed|ion)?\\b',
    'assert(ion)? fail',
    'segfault|signal (6|11)',
    'triage',
    'incident',
    'health check',
    '\\buptime\\b',
    'fehlerprotokoll|abgestürzt|neu ?gestartet|absturz',
    'journal d.erreurs|planté|redémarr',
    'registro de errores|reinici',
  ],
  parameters: z.object({
    max_error_patterns: z.number().int().min(1).max(200).default(20),
    error_log_lines: z.number().int().min(1).max(200_000).default(5_000),
    hours: hours(1),
  }),
  instead: 'running_query',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
