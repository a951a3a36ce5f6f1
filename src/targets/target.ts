/** A MariaDB server that may be diagnosed. Never carries a password: credentials stay inside the registry. */
export interface Target {
  readonly name: string;
  readonly host: string | undefined;
  readonly port: number;
  readonly socket: string | undefined;
  readonly user: string;
  readonly database: string | undefined;
  readonly tls: 'required' | 'preferred' | 'off';
  /** Absolute path of the certificate that signed the server's; undefined where this machine trusts it anyway. */
  readonly tlsCa: string | undefined;
  readonly tags: readonly string[];
  /** Names of the targets that replicate from this one. */
  readonly replicas: readonly string[];
  /** The target that lists this one among its replicas. */
  readonly primary: string | undefined;
  /** Absolute path of the error log, where dbcheck can read it. */
  readonly errorLog: string | undefined;
  readonly slowLog: string | undefined;
  readonly dataDirectory: string | undefined;
  readonly backups: BackupSource | undefined;
  /** A port that MariaDB keeps for administrators when max_connections is used up (`extra_port`). */
  readonly extraPort: number | undefined;
  /** Overrides of judgement thresholds by name. */
  readonly thresholds: Readonly<Record<string, number>>;
  /** Schemas whose user data an ad-hoc inspection may read; none by default. */
  readonly inspectSchemas: readonly string[];
  /** True where a second account is configured that may end sessions after an approval. */
  readonly hasActionAccount: boolean;
  /** The Slack channel that owns it. */
  readonly channel: string | undefined;
  /** Service id at MariaDB Cloud, whose log API then serves the logs. */
  readonly serviceId: string | undefined;
}

export interface BackupSource {
  readonly kind: 'mariadb-backup' | 'dump';
  readonly path: string;
  readonly maxAgeHours: number;
}

/** Where the server listens, as people write it: `10.1.4.7:3306` or a socket's path. */
export function describeAddress(target: Pick<Target, 'host' | 'port' | 'socket'>): string {
  return target.socket ?? `${target.host ?? 'localhost'}:${target.port}`;
}
