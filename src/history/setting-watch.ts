import type { Store } from '../store/store.ts';
import type { ServerFacts } from '../targets/server-facts.ts';
import { settingChangeKind, settingsKind } from './sample.ts';

/** Values that the server itself moves on, and those that are a clock or a position. */
const restless =
  /^(gtid_|timestamp$|pseudo_|rand_seed|last_insert_id$|insert_id$|identity$|in_transaction$|error_count$|warning_count$|skip_replication$|server_uid$|wsrep_(cluster|local|last|flow|provider_version)|innodb_(log_file_checkpoint|buffer_pool_dump|buffer_pool_load))/;

/** Values that hold words of the owner, a statement or a secret; that they changed is said, what they are is not kept. */
const withheld = /(password|passwd|secret|token|auth|init_connect|init_slave|init_file|_key($|_)|provider_options)/;

const longestValue = 200;
/** A look after this long tells no moment of a change any more. */
const staleMs = 31 * 86_400_000;

/** Compares the global variables with those seen last, keeps what changed, and remembers them. */
export async function watchSettings(store: Store, target: string, facts: ServerFacts, nowMs: number): Promise<void> {
  const values = Object.fromEntries(
    Object.entries(facts.variables)
      .filter(([name]) => !restless.test(name))
      .map(([name, value]) => [name, kept(name, value)]),
  );
  const before = await store.get(settingsKind, target);
  await store.put(settingsKind, target, { seenAtMs: nowMs, values });
  if (!before || nowMs - before.seenAtMs > staleMs) return;
  for (const name of new Set([...Object.keys(before.values), ...Object.keys(values)])) {
    const [from, to] = [before.values[name], values[name]];
    if (from === to) continue;
    const shown = withheld.test(name)
      ? {}
      : { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    await store.append(settingChangeKind, target, { name, ...shown, afterMs: before.seenAtMs }, nowMs);
  }
}

/** Of a withheld value only enough is kept to see that it changed. */
function kept(name: string, value: string): string {
  return withheld.test(name) ? `${value.length} characters, ${checksum(value)}` : value.slice(0, longestValue);
}

/** 16 bits: two values nearly always differ in it, and it tells nothing of a value. */
function checksum(text: string): number {
  let sum = 0;
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) & 0xffff;
  return sum;
}
