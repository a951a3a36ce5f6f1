import type { LabServer } from './server.ts';

/** An entry of `targets:` in dbcheck.yml. */
export type TargetEntry = {
  readonly name: string;
  readonly socket?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user: string;
  readonly password: string;
  readonly tls?: 'required' | 'preferred' | 'off';
  readonly tlsCa?: string;
  readonly extraPort?: number;
  readonly tags?: readonly string[];
  readonly replicas?: readonly string[];
  readonly errorLog?: string;
  readonly slowLog?: string;
  readonly dataDirectory?: string;
  readonly backups?: { readonly kind: 'mariadb-backup' | 'dump'; readonly path: string; readonly maxAgeHours?: number };
  readonly thresholds?: Readonly<Record<string, number>>;
  readonly serviceId?: string;
  /** The account of approved actions. */
  readonly action?: { readonly user: string; readonly password: string };
};

/** What dbcheck may be told about where things lie on the server's host. */
export type Place = 'socket' | 'errorLog' | 'slowLog' | 'dataDirectory';

/**
 * How dbcheck reaches a lab server: by its socket, with the least-privilege account, with the logs and the data
 * directory where they really lie. `overrides` replaces keys; `hidden` leaves places out.
 */
export function targetEntry(
  server: LabServer,
  overrides: Partial<TargetEntry> = {},
  hidden: readonly Place[] = [],
): TargetEntry {
  const { socket, errorLog, slowLog, dataDirectory } = server;
  const places: { [Key in Place]?: string } = { socket, errorLog, slowLog, dataDirectory };
  for (const place of hidden) delete places[place];
  return { name: server.name, ...server.accounts.dbcheck, ...places, ...overrides };
}
