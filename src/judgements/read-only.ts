import type { FindingDraft } from '../report/finding.ts';
import { isOn } from '../targets/server-facts.ts';
import { type SettingView, settingFinding } from './setting.ts';

export interface WriterView {
  /** Channels by which this server replicates from another; undefined where they could not be seen. */
  readonly channels: number | undefined;
  /** The configuration calls it a replica. */
  readonly isReplica: boolean;
  /** Replicas that the configuration lists. */
  readonly replicas: number;
}

/**
 * A server that nobody feeds and that takes no writes either: a primary, or one whose read_only somebody set by hand,
 * refuses its application (error 1290). An option file that says so without a binary log means an archive.
 */
export function judgeReadOnly(view: SettingView, writer: WriterView): FindingDraft[] {
  const isFed = writer.isReplica || writer.channels === undefined || writer.channels > 0;
  if (isFed || !isOn(view.facts, 'read_only')) return [];
  const origin = view.settings.find(({ name }) => name === 'read_only')?.origin;
  const isMeant = writer.replicas === 0 && origin !== 'SQL' && !isOn(view.facts, 'log_bin');
  const role =
    writer.replicas > 0
      ? `the primary of ${writer.replicas === 1 ? 'a replica' : `${writer.replicas} replicas`}`
      : 'no replica of anything';
  return [
    settingFinding(view, {
      code: 'config.read_only',
      severity: isMeant ? 'info' : writer.replicas > 0 ? 'critical' : 'warning',
      variable: 'read_only',
      title: 'The server takes no writes: read_only is ON',
      summary: `${view.target} is ${role}, and read_only is ON: every write of an account without READ ONLY ADMIN fails with error 1290.`,
      facts: { errno: 1290, replicas: writer.replicas, channels: writer.channels ?? null },
      impact: 50,
      to: 'OFF',
      action:
        'Make sure first that no other server takes the writes by now (after a failover the old primary is left read-only on purpose); then let it take writes again',
      risk: 'disruptive',
    }),
  ];
}
