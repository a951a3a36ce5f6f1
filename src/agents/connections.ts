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
  routing: [
    'connections?\\b(?! ?(id )?#?\\d)',
    'connect(ed|s)?\\b',
    '(?<!buffer )(?<!thread )\\bpool(s|ing)?\\b(?! size of innodb)( size| sizing)?',
    'max_?connections',
    '\\blog-?ins?\\b',
    'aborted',
    '1040',
    'access denied',
    'refused',
    'sleepers?\\b|sleeping (sessions|threads)',
    'idle (sessions|clients|users)',
    'who is (connected|logged)',
    'verbindung(en)?',
    'connexions?',
    'conexion(es)?|conexión',
    'sessions? (per|by|from|of)',
    'max_user_connections',
    'host .{0,12}blocked',
  ],
  parameters: z.object({ user: name().optional(), host: name().optional() }),
  instead: 'running_query',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
