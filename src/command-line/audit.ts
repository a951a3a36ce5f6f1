import { type AuditEntry, auditLine, readAudit } from '../actions/audit.ts';
import { loadConfig } from '../config.ts';
import { openStoreToRead } from '../store/open-store.ts';
import type { Logged } from '../store/store.ts';
import { commonOptions, parseArguments, type Terminal, text, UsageError } from './options.ts';

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `dbcheck audit`: who asked or did what. It reads beside the running bot and changes nothing. */
export async function audit(argv: readonly string[], terminal: Terminal): Promise<number> {
  const options = { ...commonOptions, since: { type: 'string' }, until: { type: 'string' } } as const;
  const { values, positionals } = parseArguments(argv, options);
  if (positionals.length > 0) throw new UsageError(`audit takes no "${positionals[0]}"; see dbcheck --help`);
  const range = {
    ...timeOf('since', text(values, 'since'), 'fromMs'),
    ...timeOf('until', text(values, 'until'), 'untilMs'),
  };
  const target = text(values, 'target');
  const store = await openStoreToRead(loadConfig(text(values, 'config')));
  try {
    for await (const entry of readAudit(store, range)) {
      if (terminal.signal.aborted) return 1;
      // A question about several targets names them all.
      if (target !== undefined && !entry.value.target?.split(', ').includes(target)) continue;
      terminal.out(`${values['json'] ? auditLine(entry) : inWords(entry)}\n`);
    }
    return 0;
  } finally {
    await store.close();
  }
}

/** `24h`, `7d`, or a time as ISO 8601 writes it, without a zone in UTC. Throws UsageError for anything else. */
function timeOf<Key extends string>(
  flag: string,
  value: string | undefined,
  key: Key,
): { readonly [K in Key]?: number } {
  if (value === undefined) return {};
  const [, count, unit] = /^(\d{1,6})([mhdw])$/.exec(value) ?? [];
  const iso = /^\d{4}-\d\d-\d\d(T|$)/.test(value);
  const zoned = /(Z|[+-]\d\d:?\d\d|^\d{4}-\d\d-\d\d)$/.test(value) ? value : `${value}Z`;
  const atMs = count && unit ? Date.now() - Number(count) * (unitMs[unit] as number) : iso ? Date.parse(zoned) : NaN;
  if (Number.isNaN(atMs)) throw new UsageError(`--${flag}: expected for instance 24h, 7d or 2026-11-23T04:00`);
  return { [key]: atMs } as { readonly [K in Key]?: number };
}

function inWords({ atMs, value }: Logged<AuditEntry>): string {
  const { who, did, target, result, why, channel, thread, about } = value;
  const place = channel === undefined ? [] : [thread === undefined ? channel : `${channel}/${thread}`];
  const facts = Object.entries(about ?? {})
    .filter(([, fact]) => fact !== '')
    .map(([name, fact]) => `${name} ${fact}`);
  const line = [who, did.replaceAll('_', ' '), target ?? '–', result, ...(why ? [why] : []), ...facts, ...place];
  // Names of accounts are written by strangers; a terminal obeys control characters.
  return `${new Date(atMs).toISOString()}  ${line.join(' · ')}`.replaceAll(/\p{Cc}/gu, ' ');
}
