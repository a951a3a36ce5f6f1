import { describeError } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { TargetRegistry } from '../targets/registry.ts';
import type { Check, Readiness } from './server.ts';

/** A target is asked for a sign of life this often at most, however often somebody looks. */
const targetAgeMs = 60_000;
/** Whoever asks, an orchestrator of containers, gives up after a few seconds. */
const patienceMs = 2_000;

interface Parts {
  readonly slack: { isConnected(): boolean } | undefined;
  readonly store: Store;
  readonly targets: TargetRegistry;
  readonly configuration: { readonly refusal: string | undefined };
  /** Whether another process is connected to a target just now; with one process none is. */
  readonly isBusyElsewhere?: ((target: string) => Promise<boolean>) | undefined;
}

/**
 * Ready is a process that can take questions and keep them: Slack and the store. A server that is down is told but does
 * not make the bot unready: to say that it is down is what the bot is for.
 */
export function createReadiness({
  slack,
  store,
  targets,
  configuration,
  isBusyElsewhere,
}: Parts): () => Promise<Readiness> {
  const known = new Map<string, { readonly check: Check; readonly atMs: number }>();

  async function lookAt(name: string): Promise<Check> {
    const last = known.get(name);
    if (last && Date.now() - last.atMs < targetAgeMs) return last.check;
    const signal = AbortSignal.timeout(patienceMs);
    const check = await targets
      .session(name)
      .query('SELECT 1', { probe: 'ready', signal })
      .then(
        () => ({ ok: true, detail: 'answers' }),
        async (error: unknown) => {
          if (!signal.aborted) return { ok: false, detail: describeError(error).message };
          // Ours waited for the lease and never reached the server.
          if (await isBusyElsewhere?.(name))
            return { ok: true, detail: 'another process of dbcheck is connected to it' };
          return { ok: false, detail: `silent for ${patienceMs / 1_000} s` };
        },
      );
    known.set(name, { check, atMs: Date.now() });
    return check;
  }

  async function lookAtStore(): Promise<Check> {
    if (store.trouble !== undefined) return { ok: false, detail: store.trouble };
    return store.ping().then(
      () => ({ ok: true, detail: store.place }),
      (error: unknown) => ({ ok: false, detail: describeError(error).message }),
    );
  }

  return async () => {
    const isConnected = slack?.isConnected() ?? true;
    const needed = {
      ...(slack ? { slack: { ok: isConnected, detail: isConnected ? 'connected' : 'not connected' } } : {}),
      store: await lookAtStore(),
    };
    const ready = Object.values(needed).every(({ ok }) => ok);
    const servers = await Promise.all(
      targets.targets.map(async ({ name }) => [`target ${name}`, await lookAt(name)] as const),
    );
    const { refusal } = configuration;
    const file = { ok: refusal === undefined, detail: refusal ?? 'in force' };
    return { ready, checks: { ...needed, configuration: file, ...Object.fromEntries(servers) } };
  };
}
