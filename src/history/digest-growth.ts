import { z } from 'zod';
import type { ProbeSource } from '../probes/probe.ts';
import { applicationStatements } from '../probes/statement-digests.ts';
import { fingerprint, fingerprintId } from '../sql/fingerprint.ts';
import { type PatternGrowth, type PatternRecord, patternKey } from './sample.ts';

/** A pattern that a look met for the first time since this process runs. */
export interface MetPattern {
  readonly key: string;
  readonly record: PatternRecord;
}

export interface Growth {
  readonly patterns: readonly PatternGrowth[];
  readonly met: readonly MetPattern[];
}

const row = z.object({
  digest: z.string(),
  schema_name: z.string(),
  ageSeconds: z.coerce.number(),
  executions: z.coerce.number(),
  us: z.coerce.number(),
  lockUs: z.coerce.number(),
  examined: z.coerce.number(),
  sent: z.coerce.number(),
});
type Digest = z.output<typeof row>;

const named = z.object({ digest: z.string(), text: z.string() });

/** A server has 5,000 digests by default; the first look takes the sums of those with most time, later ones what ran since. */
const firstRows = 2_000;
const laterRows = 300;
const textsAtOnce = 60;

/** Watches the sums of performance_schema's statement digests and says what they grew by between two looks. */
export function createDigestMeter() {
  const sums = new Map<string, Digest>();
  const keys = new Map<string, string>();
  let lookedAtMs: number | undefined;

  /** Two statements at most. Undefined at the first look, which only takes the sums. */
  async function look(source: ProbeSource): Promise<Growth | undefined> {
    const nowMs = source.now();
    const elapsed = lookedAtMs === undefined ? undefined : Math.ceil((nowMs - lookedAtMs) / 1_000);
    const isFirst = elapsed === undefined || elapsed <= 0;
    const { rows } = await source.query(isFirst ? digestSql(undefined) : digestSql(elapsed), { maxRows: firstRows });
    lookedAtMs = nowMs;
    const seen = rows.map((one) => row.parse(one));
    const grown = isFirst ? [] : seen.flatMap((digest) => growthOf(digest, elapsed));
    for (const digest of seen) sums.set(sumKey(digest), digest);
    if (isFirst) return undefined;
    const unknown = grown.filter(({ digest }) => !keys.has(digest)).slice(0, textsAtOnce);
    const met = unknown.length > 0 ? await meet(source, unknown, nowMs) : [];
    return { patterns: grown.flatMap(({ digest, growth }) => keyed(keys.get(digest), growth)), met };
  }

  function growthOf(now: Digest, elapsed: number): (Digest & { growth: readonly number[] })[] {
    const before = sums.get(sumKey(now));
    // Not seen before and not young: it slept since before the first look, and what it did lately is not known.
    if (!before && now.ageSeconds > elapsed + 1) return [];
    const growth = (['executions', 'us', 'lockUs', 'examined', 'sent'] as const).map(
      (name) => now[name] - (before?.[name] ?? 0),
    );
    // Smaller than before: the server was restarted or its digests were emptied.
    if (growth.some((value) => value < 0) || growth[0] === 0) return [];
    return [{ ...now, growth }];
  }

  async function meet(source: ProbeSource, digests: readonly Digest[], nowMs: number): Promise<MetPattern[]> {
    const list = digests.map(({ digest }) => `'${digest.replaceAll(/[^0-9a-f]/gi, '')}'`).join(', ');
    const { rows } = await source.query(
      'SELECT digest, LEFT(MAX(digest_text), 2000) AS text FROM performance_schema.events_statements_summary_by_digest ' +
        `WHERE digest IN (${list}) GROUP BY digest`,
    );
    const texts = new Map(rows.map((one) => named.parse(one)).map(({ digest, text }) => [digest, text]));
    return digests.flatMap(({ digest, schema_name, ageSeconds }): MetPattern[] => {
      const text = texts.get(digest);
      if (text === undefined) return [];
      const shape = fingerprint(text);
      const id = fingerprintId(shape);
      keys.set(digest, patternKey(id));
      const record = { id, fingerprint: shape, schema: schema_name, firstSeenMs: nowMs - ageSeconds * 1_000 };
      return [{ key: patternKey(id), record }];
    });
  }

  return { look };
}

function sumKey({ schema_name, digest }: Digest): string {
  return `${digest} ${schema_name}`;
}

function keyed(key: string | undefined, [count = 0, us = 0, lock = 0, examined = 0, sent = 0]: readonly number[]) {
  return key === undefined ? [] : [[key, count, us, lock, examined, sent] satisfies PatternGrowth];
}

/** Series are kept by schema, so statements of sessions without a default schema are in reports only. */
function digestSql(sinceSeconds: number | undefined): string {
  const active = sinceSeconds === undefined ? '' : ` AND last_seen >= NOW() - INTERVAL ${sinceSeconds + 2} SECOND`;
  return (
    'SELECT digest, schema_name, TIMESTAMPDIFF(SECOND, first_seen, NOW()) AS ageSeconds, count_star AS executions, ' +
    'sum_timer_wait DIV 1000000 AS us, sum_lock_time DIV 1000000 AS lockUs, sum_rows_examined AS examined, ' +
    'sum_rows_sent AS sent FROM performance_schema.events_statements_summary_by_digest ' +
    `WHERE schema_name IS NOT NULL AND ${applicationStatements}${active} ` +
    `ORDER BY sum_timer_wait DESC LIMIT ${sinceSeconds === undefined ? firstRows : laterRows}`
  );
}
