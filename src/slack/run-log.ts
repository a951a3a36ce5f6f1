import { LRUCache } from 'lru-cache';
import type { Report, Verdict } from '../report/report.ts';

export interface LoggedRun {
  readonly channel: string;
  readonly threadTs: string;
  readonly question: string;
  readonly target: string;
  readonly verdict: Verdict;
  readonly atMs: number;
}

/** What the home page looks back on. A person sees their own runs only: a private channel's must not show elsewhere. */
export interface RunLog {
  add(
    report: Report,
    asked: { readonly user: string | undefined; readonly channel: string; readonly threadTs: string },
  ): void;
  of(user: string): readonly LoggedRun[];
  /** The last verdict on a target, whoever asked. */
  lastOn(target: string): { readonly verdict: Verdict; readonly atMs: number } | undefined;
}

const keptRuns = 10;

export function createRunLog(): RunLog {
  const byUser = new LRUCache<string, readonly LoggedRun[]>({ max: 5_000 });
  const byTarget = new LRUCache<string, { readonly verdict: Verdict; readonly atMs: number }>({ max: 5_000 });
  return {
    add(report, { user, channel, threadTs }) {
      if (report.plan.kind !== 'run') return;
      const { question, target, verdict } = report;
      const atMs = Date.parse(report.takenAt);
      const [only, another] = report.plan.targets;
      if (only !== undefined && another === undefined) byTarget.set(only, { verdict, atMs });
      if (user === undefined) return;
      const run = { channel, threadTs, question, target, verdict, atMs };
      byUser.set(user, [run, ...(byUser.get(user) ?? [])].slice(0, keptRuns));
    },
    of: (user) => byUser.get(user) ?? [],
    lastOn: (target) => byTarget.get(target),
  };
}
