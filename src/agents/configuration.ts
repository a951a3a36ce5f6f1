import { z } from 'zod';
import { defineAgent } from './agent.ts';

export const configuration = defineAgent({
  name: 'configuration',
  tool: 'audit_configuration',
  title: 'Configuration',
  description: 'Durability, memory, security and deprecated options.',
  useCases: ['Is my configuration optimal', 'Review durability settings'],
  checks: [],
  routing: [
    'config(uration|ured|s)?\\b',
    '\\bsettings?\\b',
    'durab',
    'buffer pool',
    'variables?\\b',
    'my\\.cnf',
    'sql_mode',
    '(accounts?|users?|logins?).{0,25}(password|anonymous|superuser|privileges?|grants?)',
    'password-?less|without (a )?password|empty passwords?',
    'anonymous',
    'security|insecure|hardening|secure\\b',
    'tun(e|ed|ing)\\b(?! quer)',
    'sync_binlog|flush_log|innodb_\\w+|max_allowed|tmp_table_size|query.?cache',
    'deprecated|removed options?',
    'general log',
    'best practices?',
    'optimal',
    'konfiguration|einstellungen|paramètres|configuración|réglages',
    '\\btls\\b|\\bssl\\b|encrypt',
    'memory (setting|overcommit|limits?|usage|too)',
    'drift',
  ],
  parameters: z.object({}),
  instead: 'incident_triage',
  async collect() {
    return {};
  },
  diagnose() {
    return { findings: [], headline: '' };
  },
});
