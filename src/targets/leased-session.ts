import type { TargetSession } from './connection.ts';

/**
 * Which process may be connected to a server just now, so that all processes together hold no more connections to it
 * than one may. A process holds a lease as long as something in it uses the server, and a moment longer.
 */
export interface TargetLeases {
  /** Tries once. Where it resolves to true, `release` must follow. */
  tryHold(target: string): Promise<boolean>;
  /** Waits for the lease. Rejects with StoppedError where the signal fires, and with TimedOutError. */
  hold(target: string, signal: AbortSignal | undefined): Promise<void>;
  release(target: string): void;
  /** What must be through before another process may connect. */
  beforeLettingGo(target: string, close: () => Promise<void>): void;
}

/** A session that connects only under the lease of its target, and is disconnected before the lease goes. */
export function withLease(session: TargetSession, leases: TargetLeases): TargetSession {
  const { name } = session.target;
  leases.beforeLettingGo(name, () => session.rest());
  return {
    ...session,
    async query(sql, options) {
      await leases.hold(name, options.signal);
      try {
        return await session.query(sql, options);
      } finally {
        leases.release(name);
      }
    },
  };
}
