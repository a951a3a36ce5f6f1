import { z } from 'zod';
import { asStored } from '../../conversation/stored-conversations.ts';
import type { Report } from '../../report/report.ts';
import type { Kind, Logged, ReadOptions, Store } from '../../store/store.ts';

const verdict = z.enum(['healthy', 'degraded', 'critical', 'unknown']);

/** A run that was answered in Slack: what the home page, the weekly summary and the feedback look back on. */
export type LoggedRun = z.infer<typeof loggedRun>;
const loggedRun = z.object({
  /** The turn: `team:channel:thread#number`. */
  ref: z.string(),
  channel: z.string(),
  threadTs: z.string(),
  user: z.string().exactOptional(),
  question: z.string(),
  target: z.string(),
  verdict,
  /** `code subject` of each finding. */
  findings: z.array(z.string()),
  agents: z.array(z.string()),
  durationMs: z.number(),
  /** From the question until its report was there, waiting included. */
  answerMs: z.number().exactOptional(),
  /** Nobody in person asked: a schedule, an alert, a workflow, the watch. */
  unasked: z.literal(true).exactOptional(),
  /** Of models, in and out. */
  tokens: z.number().exactOptional(),
  costUsd: z.number(),
});

/** Streams: `all`, and `by USER` for the person's own. */
const runKind: Kind<LoggedRun> = { name: 'run', schema: loggedRun, keepDays: 90 };

export interface TargetState {
  readonly verdict: Report['verdict'];
  readonly atMs: number;
}

/** The last verdict on a target, whoever asked; keyed by the target's name. */
const targetStateKind: Kind<TargetState> = {
  name: 'target-state',
  schema: z.object({ verdict, atMs: z.number() }),
  keepDays: 90,
};

/** What is looked back on. A person sees their own runs only: a private channel's must not show elsewhere. */
export interface RunLog {
  add(
    report: Report,
    asked: {
      readonly ref: string;
      readonly user: string | undefined;
      readonly channel: string;
      readonly threadTs: string;
      readonly answerMs?: number;
      readonly isUnasked?: boolean;
    },
  ): Promise<void>;
  /** A look at targets that nobody is told of: only their last verdict is kept. */
  saw(report: Report): Promise<void>;
  /** The newest first. */
  of(user: string, limit?: number): Promise<readonly Logged<LoggedRun>[]>;
  all(options: ReadOptions): Promise<readonly Logged<LoggedRun>[]>;
  lastOn(target: string): Promise<TargetState | undefined>;
}

const shownRuns = 10;

export function createRunLog(store: Store): RunLog {
  async function saw({ plan, verdict: seen, takenAt }: Report): Promise<void> {
    const [only, another] = plan.targets;
    if (only !== undefined && another === undefined)
      await store.put(targetStateKind, only, { verdict: seen, atMs: Date.parse(takenAt) });
  }

  return {
    saw,
    async add(report, { ref, user, channel, threadTs, answerMs, isUnasked }) {
      if (report.plan.kind !== 'run') return;
      const { target, durationMs } = report;
      const atMs = Date.parse(report.takenAt);
      const run: LoggedRun = {
        ref,
        channel,
        threadTs,
        question: asStored(report.question, report.plan.targets),
        target,
        verdict: report.verdict,
        findings: report.findings.map(({ code, subject }) => `${code} ${subject}`),
        agents: [...new Set(report.results.map(({ agent }) => agent))],
        durationMs,
        tokens: report.usage.inputTokens + report.usage.outputTokens,
        costUsd: report.usage.costUsd,
        ...(answerMs === undefined ? {} : { answerMs }),
        ...(isUnasked ? { unasked: true as const } : {}),
        ...(user === undefined ? {} : { user }),
      };
      await store.append(runKind, 'all', run, atMs);
      if (user !== undefined) await store.append(runKind, `by ${user}`, run, atMs);
      await saw(report);
    },
    of: (user, limit = shownRuns) => store.read(runKind, `by ${user}`, { newestFirst: true, limit }),
    all: (options) => store.read(runKind, 'all', options),
    lastOn: (target) => store.get(targetStateKind, target),
  };
}
