import type { FindingDraft, Severity } from '../report/finding.ts';
import type { ServerFacts } from '../targets/server-facts.ts';

/** One server of a replication pair. */
export interface Side {
  readonly target: string;
  readonly facts: ServerFacts;
}

/** Where a difference changes data, breaks the applier, or surprises whoever promotes the replica. */
const mustAgree: readonly { readonly variable: string; readonly severity: Severity; readonly because: string }[] = [
  {
    variable: 'sql_mode',
    severity: 'warning',
    because: 'statements that one server refuses the other changes to fit, and a promoted replica behaves differently',
  },
  {
    variable: 'lower_case_table_names',
    severity: 'warning',
    because: 'names of tables do not match, and the applier stops or writes elsewhere',
  },
  {
    variable: 'character_set_server',
    severity: 'warning',
    because: 'schemas made without a character set get different ones',
  },
  {
    variable: 'collation_server',
    severity: 'info',
    because: 'tables made without a collation sort and compare differently',
  },
  {
    variable: 'default_storage_engine',
    severity: 'warning',
    because: 'tables made without an engine get different ones',
  },
  {
    variable: 'explicit_defaults_for_timestamp',
    severity: 'warning',
    because: 'TIMESTAMP columns get different definitions from the same statement',
  },
  {
    variable: 'innodb_strict_mode',
    severity: 'info',
    because: 'a CREATE TABLE that one server takes stops the applier of the other',
  },
];

/** Settings of a primary and its replica that should be the same and are not. Subject: the variable. */
export function judgeDrift(primary: Side, replica: Side, evidence: readonly string[]): FindingDraft[] {
  return [
    ...mustAgree.flatMap(({ variable, severity, because }) => {
      const [here, there] = [primary.facts.variables[variable], replica.facts.variables[variable]];
      if (here === undefined || there === undefined || sameValue(here, there)) return [];
      return [drift(variable, severity, because, [primary, here], [replica, there], evidence)];
    }),
    ...packets(primary, replica, evidence),
    ...versions(primary, replica, evidence),
  ];
}

/** A replica that accepts less than its primary stops at the first larger event. */
function packets(primary: Side, replica: Side, evidence: readonly string[]): FindingDraft[] {
  const here = Number(primary.facts.variables['max_allowed_packet'] ?? 0);
  const there = Number(replica.facts.variables['slave_max_allowed_packet'] ?? here);
  if (there >= here) return [];
  const because = 'the replica stops at the first event that is larger than it accepts';
  return [
    drift('slave_max_allowed_packet', 'warning', because, [primary, String(here)], [replica, String(there)], evidence),
  ];
}

function versions(primary: Side, replica: Side, evidence: readonly string[]): FindingDraft[] {
  const series = ({ facts }: Side) => Math.floor(facts.versionNumber / 100);
  if (series(replica) >= series(primary)) return [];
  const because = 'an older replica may not understand what a newer primary writes';
  const sides = [primary, replica].map((side): [Side, string] => [side, side.facts.version]);
  return [drift('version', 'warning', because, sides[0] as [Side, string], sides[1] as [Side, string], evidence)];
}

function drift(
  variable: string,
  severity: Severity,
  because: string,
  [primary, here]: readonly [Side, string],
  [replica, there]: readonly [Side, string],
  evidence: readonly string[],
): FindingDraft {
  return {
    code: 'config.drift',
    severity,
    subject: variable,
    title: `${variable} differs between primary and replica`,
    summary: `${primary.target} has ${worded(here)}, ${replica.target} has ${worded(there)}: ${because}.`,
    confidence: 'certain',
    facts: {
      primary: primary.target,
      primaryValue: here,
      replica: replica.target,
      replicaValue: there,
    },
    evidence,
    impact: 3,
    recommendations: [
      {
        action: `Decide which of the two values is meant and give it to both servers, in their option files too`,
        risk: 'needs_staging',
        rollback: `${variable} = ${there} on ${replica.target}`,
      },
    ],
  };
}

function worded(value: string): string {
  return value === '' ? 'an empty value' : value;
}

/** Lists such as sql_mode say the same in any order. */
function sameValue(one: string, other: string): boolean {
  const sorted = (value: string) => value.toLowerCase().split(',').sort().join(',');
  return sorted(one) === sorted(other);
}
