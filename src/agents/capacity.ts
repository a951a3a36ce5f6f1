import { z } from 'zod';
import { defineAgent } from './agent.ts';

export const capacity = defineAgent({
  name: 'capacity',
  tool: 'analyze_capacity',
  title: 'Capacity',
  description: 'Disk, growth and limits, and when they run out.',
  useCases: ['When will the disk be full', 'Fastest growing tables'],
  checks: [],
  routing: [
    '\\bdisks?\\b',
    '\\bspace\\b',
    'capacity',
    'grow(th|ing|s|n)?\\b',
    'forecast',
    'storage',
    'run(ning)? out of (disk|space|room|storage|memory|inodes)',
    '(biggest|largest|fastest) .{0,15}(tables?|schemas?|databases?)',
    'how (big|large|much (data|space|room|disk))',
    'table sizes?',
    'sizes? of',
    'fill(s|ing|ed)? up',
    'bloat',
    'fragment',
    'open files',
    'binlogs? .{0,20}(eat|fill|disk|space|big|huge|size)',
    'speicherplatz|platte|festplatte|wächst',
    'espace disque|disque',
    'espacio|disco',
    'days? until',
    'headroom',
  ],
  parameters: z.object({ days: z.number().min(1).max(3_650).default(30) }),
  instead: 'incident_triage',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
