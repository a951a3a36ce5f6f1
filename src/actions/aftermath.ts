import type { Orchestrator } from '../orchestrator/question.ts';
import type { Finding } from '../report/finding.ts';
import type { Report } from '../report/report.ts';
import type { Approval } from './approval.ts';
import type { Executor } from './executor.ts';

export interface Aftermath {
  /** Whether it helped, in a sentence. */
  readonly words: string;
  /** The second look, which may justify further offers; undefined where none could be had. */
  readonly report: Report | undefined;
}

export interface AftermathParts {
  readonly executor: Pick<Executor, 'look'>;
  readonly orchestrator: Pick<Orchestrator, 'check'>;
  /** Resolves after so many milliseconds. */
  readonly wait: (ms: number) => Promise<void>;
}

/** A kill is a request: the session ends when it looks at it, and a rollback takes its time. */
const looks = 12;
const lookDistanceMs = 250;

/**
 * The server shows locks from a copy that is up to 100 ms old, and those who waited need their turn one after the
 * other, so what still looks blocked is looked at again before it is told.
 */
const checks = 4;
const checkDistanceMs = 600;

/** Looks whether the session is gone and whether those who waited are through, with one agent. Rejects where the server cannot be asked. */
export async function lookAfter(approval: Approval, parts: AftermathParts): Promise<Aftermath> {
  const { kill, finding } = approval;
  const isGone = await waitUntilGone(approval, parts);
  const { report, rest } = await checkUntilQuiet(approval, parts);
  if (report.results.some(({ status }) => status !== 'completed'))
    return { words: 'Whether it helped could not be seen.', report: undefined };
  if (!isGone) return { words: `Thread ${kill.thread} is still ending; what it changed is being rolled back.`, report };
  if (rest) return { words: `It is not over: ${rest.title} · ${rest.subject}.`, report };
  if (finding.waiters === 0) return { words: 'It helped: nothing of it is left.', report };
  const waited =
    finding.waiters === 1 ? 'the session that waited is' : `the ${finding.waiters} sessions that waited are`;
  return { words: `It helped: ${waited} through, and nobody waits for a lock any more.`, report };
}

async function checkUntilQuiet(
  { target, kill, finding }: Approval,
  { orchestrator, wait }: AftermathParts,
): Promise<{ readonly report: Report; readonly rest: Finding | undefined }> {
  for (let check = 1; ; check++) {
    const report = await orchestrator.check(
      { text: `after the end of thread ${kill.thread}`, fresh: true, isLight: true },
      [{ agent: 'running_query', params: {} }],
      [target],
    );
    const alarming = report.findings.filter(({ severity }) => severity !== 'info');
    const same = alarming.find(({ code, subject }) => code === finding.code && subject === finding.subject);
    const rest = same ?? alarming.find(({ code }) => code.startsWith('lock.'));
    if (!rest || check === checks) return { report, rest };
    await wait(checkDistanceMs);
  }
}

async function waitUntilGone({ target, kill }: Approval, { executor, wait }: AftermathParts): Promise<boolean> {
  for (let look = 1; ; look++) {
    const sighting = await executor.look(target, kill.thread);
    const isGone =
      !sighting || sighting.queryId !== kill.queryId || (kill.kind === 'query' && sighting.command === 'Sleep');
    if (isGone || look === looks) return isGone;
    await wait(lookDistanceMs);
  }
}
