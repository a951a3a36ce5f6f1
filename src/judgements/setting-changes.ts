import type { SettingChange } from '../history/sample.ts';
import type { FindingDraft } from '../report/finding.ts';
import { momentInWords } from '../report/units.ts';
import type { Logged } from '../store/store.ts';

export interface ChangesView {
  readonly changes: readonly Logged<SettingChange>[];
  readonly nowMs: number;
  readonly evidence: readonly string[];
}

/** A rollout of a configuration changes dozens; the newest are named. */
const named = 12;

/** Global variables that were changed in the window: information. Subject: the variable. */
export function judgeSettingChanges({ changes, nowMs, evidence }: ChangesView): FindingDraft[] {
  const latest = new Map(changes.map((change) => [change.value.name, change]));
  return [...latest.values()].slice(-named).map(({ atMs, value }): FindingDraft => {
    const { name, from, to, afterMs } = value;
    const first = changes.find((change) => change.value.name === name)?.value.from ?? from;
    const shown = from !== undefined || to !== undefined;
    const change = shown ? `${wordOf(first)} to ${wordOf(to)}` : 'one value to another, which are not kept';
    return {
      code: 'config.changed',
      severity: 'info',
      subject: name,
      title: !shown ? 'Changed' : first === to ? `Changed and changed back to ${wordOf(to)}` : `Changed from ${change}`,
      summary: `${name} was changed from ${change} between ${momentInWords(afterMs, nowMs)} and ${momentInWords(atMs, nowMs)}.`,
      confidence: 'certain',
      facts: {
        variable: name,
        from: shown ? (first ?? null) : null,
        to: shown ? (to ?? null) : null,
        after: new Date(afterMs).toISOString(),
        before: new Date(atMs).toISOString(),
      },
      evidence,
      recommendations: [],
    };
  });
}

function wordOf(value: string | undefined): string {
  if (value === undefined) return 'not there';
  return value === '' ? 'empty' : value;
}
