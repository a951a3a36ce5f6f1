import type { ReplicaChannel } from '../probes/replica-status.ts';
import type { FindingDraft } from '../report/finding.ts';
import type { ServerFacts } from '../targets/server-facts.ts';
import { channelSubject } from './replication-threads.ts';
import type { TopologyContext } from './replication-topology.ts';

/** Errors that the applier steps over: replication looks healthy while rows go missing. */
export function judgeSkippedErrors(facts: ServerFacts, context: TopologyContext): FindingDraft[] {
  const findings: FindingDraft[] = [];
  const common = {
    code: 'repl.skips_errors',
    severity: 'warning',
    confidence: 'certain',
    subject: context.target,
    evidence: context.evidence,
  } as const;
  const errors = facts.variables['slave_skip_errors'] ?? 'OFF';
  if (!/^(off)?$/i.test(errors)) {
    findings.push({
      ...common,
      title: `The applier steps over errors (${errors}) instead of stopping`,
      summary: `slave_skip_errors is ${errors} on ${context.target}: what fails with one of them is thrown away, so rows may differ from the primary while replication looks healthy.`,
      facts: { slaveSkipErrors: errors },
      recommendations: [
        {
          action:
            'Compare the tables with the primary (pt-table-checksum), or rebuild the replica; then take slave_skip_errors out of the configuration, which needs a restart, and repair what stops the applier then',
          risk: 'needs_staging',
          rollback: `slave_skip_errors = ${errors} in the configuration, and a restart`,
        },
      ],
    });
  }
  const mode = facts.variables['slave_exec_mode'] ?? 'STRICT';
  if (/^idempotent$/i.test(mode)) {
    findings.push({
      ...common,
      title: 'The applier takes missing and duplicate rows for applied',
      summary: `slave_exec_mode is ${mode} on ${context.target}: rows that are not there or already there stop nothing, so differences from the primary stay unseen.`,
      facts: { slaveExecMode: mode },
      recommendations: [
        {
          action:
            'Compare the tables with the primary (pt-table-checksum), then let differences stop the applier again',
          sql: "SET GLOBAL slave_exec_mode = 'STRICT';",
          risk: 'needs_staging',
          rollback: "SET GLOBAL slave_exec_mode = 'IDEMPOTENT';",
        },
      ],
    });
  }
  return findings;
}

const filters = [
  'Replicate_Do_DB',
  'Replicate_Ignore_DB',
  'Replicate_Do_Table',
  'Replicate_Ignore_Table',
  'Replicate_Wild_Do_Table',
  'Replicate_Wild_Ignore_Table',
] as const satisfies readonly (keyof ReplicaChannel)[];

/** A replica that leaves something out; often on purpose, but then it is no copy to fail over to. */
export function judgeFilters(channel: ReplicaChannel, context: TopologyContext): FindingDraft[] {
  const set = filters.filter((name) => channel[name] !== '');
  if (set.length === 0) return [];
  const list = set.map((name) => `${name.toLowerCase()} = ${channel[name]}`).join(', ');
  return [
    {
      code: 'repl.filtered',
      severity: 'info',
      subject: channelSubject(context.target, channel),
      title: 'Replication leaves something out',
      summary: `Filters are set: ${list}. What they leave out is missing here without any error; the replica is no full copy to fail over to or to back up.`,
      confidence: 'certain',
      facts: { filters: list },
      evidence: context.evidence,
      recommendations: [],
    },
  ];
}
