import { z } from 'zod';
import { connectionView, readConnections } from '../judgements/connection-readings.ts';
import { adviseOnPool, judgeConnections } from '../judgements/connections.ts';
import { trendOfConnections } from '../judgements/trends.ts';
import { gauge } from '../probes/counters.ts';
import { pastSamples, tooLittle, trendOf } from '../probes/past.ts';
import { evidenceOf } from '../probes/probe.ts';
import { defineAgent } from './agent.ts';
import { name } from './parameters.ts';
import { thresholdTable } from './thresholds.ts';

export const connections = defineAgent({
  name: 'connections',
  tool: 'analyze_connections',
  title: 'Connections',
  description: 'Connection use, leaks, storms, refused logins and pool sizing.',
  useCases: ['Who uses all the connections', 'Connection leaks', 'Best pool size'],
  checks: [
    'use against max_connections and against the limits of single accounts; refusals in the window',
    'leaks by account and client: many sessions, most of them asleep for long',
    'storms of new connections, clients that vanish, connects that fail',
    'refused logins, with the account where the error log names it',
    'how large all pools together may be, with the arithmetic',
    'with a history: open and running sessions over the last day, as a chart',
  ],
  routing: [
    'connections?\\b(?! ?(id )?#?\\d)',
    '^(?!.*\\b(io[_ ]thread|slave_io|replicas?|slaves?|master)\\b).*\\bconnect(ed|s)?\\b',
    '(?<!buffer )(?<!thread )\\bpool(s|ing)?\\b(?! size of innodb)( size| sizing)?',
    'max_?connections|threads_connected|max_used_connections',
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
    '\\bconns?\\b|conexoes|conexao',
    'how many (sessions|clients|users)|(most|many|all( the)?) (sessions|clients)|sessions (does|do|has|have)\\b',
    'gone away|lost connection',
    '(?<!\\b(error|slow|query|general|binary|audit) )\\blog ?in\\b',
    '\\bverbindung(en)?\\b|\\bconexi(on|ones)\\b|\\bconnexions?\\b|\\bconexoes\\b|\\bsitzungen\\b|\\bsesiones\\b|\\banmeldung(en)?\\b|\\bconnection (errors?|count)',
    'logged (in|on)\\b|handshakes?\\b|threads_connected|who is connected',
    '(password|log-?in|auth\\w*) (failures?|errors?)|(wrong|bad|failed|invalid) (password|credential)s?|(password|login) attempts',
    'disconnect(s|ed|ing)?\\b|communication packets',
  ],
  parameters: z.object({ user: name().optional(), host: name().optional() }),
  instead: 'incident_triage',
  async collect(collector) {
    const [now, past] = await Promise.all([
      readConnections(collector, thresholdTable.leakIdleSeconds.value),
      collector.read(pastSamples, trendOf('connections'), { optional: true }),
    ]);
    return { now, past, remembers: collector.remembers };
  },
  diagnose({ now, past, remembers }, { params, target, thresholds, nowMs }) {
    const view = connectionView(now, target.name, thresholds);
    if (!view) return { findings: [], headline: '' };
    const { user, host } = params;
    const accounts = view.accounts.filter(
      (one) => (user === undefined || one.user === user) && (host === undefined || one.client === host),
    );
    const findings = [
      ...judgeConnections({ ...view, accounts }),
      ...adviseOnPool({ ...view, accounts }),
      ...(past.status === 'read'
        ? trendOfConnections({ target: target.name, samples: past.data, nowMs, evidence: evidenceOf(past) })
        : []),
    ];
    const used = gauge(view.counters, 'Threads_connected') ?? 0;
    const running = gauge(view.counters, 'Threads_running') ?? 0;
    return {
      findings,
      headline: [
        `${used} of ${view.maxConnections} connections, ${running} running, peak ${gauge(view.counters, 'Max_used_connections') ?? 0}`,
        ...tooLittle(past, { remembers }),
      ].join(', '),
    };
  },
});
