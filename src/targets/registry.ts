import { type ConfigFile, isLoopback, type TargetEntry } from '../config.ts';
import { DbcheckError } from '../errors.ts';
import { type CloudLogs, createCloudLogs } from './cloud-logs.ts';
import { type Credentials, defaultLimits, type SessionLimits } from './connect.ts';
import { openSession, type TargetSession } from './connection.ts';
import { type TargetLeases, withLease } from './leased-session.ts';
import type { Target } from './target.ts';

/** The servers that may be diagnosed. The only holder of their passwords. */
export interface TargetRegistry {
  readonly targets: readonly Target[];
  /** Throws DbcheckError `target_unknown`, naming the nearest targets. */
  get(name: string): Target;
  /** The session to a target, opened at first use and kept until `close`. */
  session(name: string): TargetSession;
  /** The log archive of a target that is a service of MariaDB Cloud; undefined for every other. */
  cloudLogs(name: string): CloudLogs | undefined;
  /** The name of the account of approved actions; undefined for a target without one. */
  actionUser(name: string): string | undefined;
  /** A new session with the account of approved actions, to be closed by whoever opens it. Throws DbcheckError for a target without one. */
  openActionSession(name: string): TargetSession;
  /** Gives up the open session of a target that the next registry reaches in the same way; undefined where there is none. */
  handOver(name: string, way: string): TargetSession | undefined;
  close(): Promise<void>;
}

/**
 * `previous` is the registry that this one replaces: sessions to servers whose settings are the same are kept.
 * With `leases` the sessions of all processes together hold no more connections than one may.
 */
export function createTargetRegistry(
  config: ConfigFile,
  previous?: TargetRegistry,
  leases?: TargetLeases,
): TargetRegistry {
  const targets = config.targets.map((entry) => toTarget(entry, config));
  const credentials = new Map<string, Credentials>(
    config.targets.map(({ name, user, password }) => [name, { user, password }]),
  );
  const actionAccounts = new Map(config.targets.map(({ name, action }) => [name, action]));
  const sessions = new Map<string, TargetSession>();
  /** Still used by the runs that began here; closed by the registry that took them over. */
  const handedOver = new Set<TargetSession>();
  const limits: SessionLimits = { ...defaultLimits, statementTimeoutMs: config.run.statementSeconds * 1_000 };

  /** Everything that a session to the target depends on. */
  function wayTo(target: Target): string {
    return JSON.stringify([target, credentials.get(target.name), limits]);
  }

  for (const target of targets) {
    const kept = previous?.handOver(target.name, wayTo(target));
    if (kept) sessions.set(target.name, kept);
  }

  function get(name: string): Target {
    const found = targets.find((target) => target.name === name);
    if (found) return found;
    const names = nearestNames(
      name,
      targets.map((target) => target.name),
    );
    throw new DbcheckError('target_unknown', `there is no target "${name}"; the nearest: ${names.join(', ')}`);
  }

  return {
    targets,
    get,
    session(name) {
      const target = get(name);
      const open = sessions.get(name);
      if (open) return open;
      const alone = openSession(target, credentials.get(name) as Credentials, limits);
      const session = leases ? withLease(alone, leases) : alone;
      sessions.set(name, session);
      return session;
    },
    cloudLogs(name) {
      const { serviceId } = get(name);
      if (serviceId === undefined || !config.cloudLogs) return undefined;
      return createCloudLogs(config.cloudLogs, serviceId);
    },
    handOver(name, way) {
      const open = sessions.get(name);
      if (!open || wayTo(open.target) !== way) return undefined;
      handedOver.add(open);
      return open;
    },
    actionUser: (name) => actionAccounts.get(name)?.user,
    openActionSession(name) {
      const account = actionAccounts.get(name);
      if (!account) throw new DbcheckError('not_allowed', `${name} has no action account`);
      const { user, password } = account;
      // It has no rights on schemas, so a default one would refuse its login.
      return openSession({ ...get(name), user, database: undefined }, { user, password }, limits);
    },
    async close() {
      const own = [...sessions.values()].filter((session) => !handedOver.has(session));
      await Promise.all(own.map((session) => session.close()));
      sessions.clear();
    },
  };
}

function toTarget(entry: TargetEntry, { thresholds, targets }: ConfigFile): Target {
  const local = entry.socket !== undefined || isLoopback(entry.host ?? '');
  return {
    name: entry.name,
    host: entry.host,
    port: entry.port,
    socket: entry.socket,
    user: entry.user,
    database: entry.database,
    tls: entry.tls ?? (local ? 'off' : 'required'),
    tlsCa: entry.tlsCa,
    tags: entry.tags,
    replicas: entry.replicas,
    primary: targets.find(({ replicas }) => replicas.includes(entry.name))?.name,
    errorLog: entry.errorLog,
    slowLog: entry.slowLog,
    dataDirectory: entry.dataDirectory,
    backups: entry.backups,
    extraPort: entry.extraPort,
    thresholds: { ...thresholds, ...entry.thresholds },
    inspectSchemas: entry.inspectSchemas,
    hasActionAccount: entry.action !== undefined,
    channel: entry.channel,
    serviceId: entry.serviceId,
  };
}

/** Up to three names that are closest to what was typed, closest first. */
export function nearestNames(typed: string, names: readonly string[]): string[] {
  const wanted = typed.toLowerCase();
  const scored = names.map((name) => ({ name, distance: editDistance(wanted, name.toLowerCase()) }));
  return scored
    .toSorted((a, b) => a.distance - b.distance || a.name.localeCompare(b.name))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Levenshtein's distance. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min((previous[column] as number) + 1, (current[column - 1] as number) + 1, substitution));
    }
    previous = current;
  }
  return previous[b.length] as number;
}
