import type { Row } from '../report/evidence.ts';

/** Global privileges that a probe may need, by MariaDB's names of 10.5.2 and later. */
export type Privilege =
  | 'SELECT'
  | 'PROCESS'
  | 'SHOW DATABASES'
  | 'SHOW VIEW'
  | 'EVENT'
  | 'REPLICA MONITOR'
  | 'BINLOG MONITOR'
  | 'CONNECTION ADMIN';

/** What is known of a server before any probe asks: its version, its global variables, what our account may do. */
export interface ServerFacts {
  /** `10.11.19-MariaDB`, as the server says it. */
  readonly version: string;
  /** Comparable number: 101119 for 10.11.19, 110802 for 11.8.2. */
  readonly versionNumber: number;
  /** Global variables by lower-case name. */
  readonly variables: Readonly<Record<string, string>>;
  readonly privileges: ReadonlySet<string>;
}

export function serverFacts(variables: readonly Row[], grants: readonly Row[]): ServerFacts {
  const byName: Record<string, string> = {};
  for (const row of variables) byName[String(row['Variable_name']).toLowerCase()] = String(row['Value'] ?? '');
  const version = byName['version'] ?? '';
  return { version, versionNumber: versionNumber(version), variables: byName, privileges: globalPrivileges(grants) };
}

export function versionNumber(version: string): number {
  const [, major = '0', minor = '0', patch = '0'] =
    /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version.replace(/^5\.5\.5-/, '')) ?? [];
  return Number(major) * 10_000 + Number(minor) * 100 + Number(patch);
}

/** The older names under which SHOW GRANTS prints the same right. */
const aliases: Readonly<Record<string, Privilege>> = {
  'SLAVE MONITOR': 'REPLICA MONITOR',
  'REPLICATION CLIENT': 'BINLOG MONITOR',
};

/** What SHOW GRANTS gives on `*.*`; roles that are active are listed by the server among them. */
function globalPrivileges(grants: readonly Row[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const row of grants) {
    const [, list] = /^GRANT (.+?) ON \*\.\* TO /.exec(String(Object.values(row)[0] ?? '')) ?? [];
    for (const name of list?.split(/,\s*/) ?? []) names.add(aliases[name] ?? name);
  }
  return names;
}

export function hasPrivilege(facts: ServerFacts, privilege: Privilege): boolean {
  return facts.privileges.has(privilege) || facts.privileges.has('ALL PRIVILEGES');
}

/** A flag as MariaDB writes it in its many ways: ON, 1, YES. */
export function isOn(facts: ServerFacts, variable: string): boolean {
  return /^(on|1|yes|true)$/i.test(facts.variables[variable] ?? '');
}

/** A numeric variable, or `undefined` where this series does not have it or it is no number. */
export function numericVariable(facts: ServerFacts, variable: string): number | undefined {
  const text = facts.variables[variable];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
