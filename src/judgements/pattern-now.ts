import type { FindingDraft } from '../report/finding.ts';
import { fingerprint, fingerprintId } from '../sql/fingerprint.ts';
import { inferWaits } from './inferred-waits.ts';
import { threadOf } from './lock-picture.ts';
import { watchedWaits } from './metadata-lock-waits.ts';
import { rowWaits } from './row-lock-waits.ts';
import { isIdle, type SessionView, subjectOf } from './sessions.ts';
import { inWords, shortStatement } from './statement.ts';
import { findBlockers } from './wait-graph.ts';

const maxThreads = 10;

/** Whether a pattern of the slow log, by its fingerprint id, runs at this moment, in which sessions, and who blocks them. */
export function judgePatternNow(view: SessionView, pattern: string): FindingDraft {
  const wanted = pattern.toUpperCase();
  const running = view.sessions
    .filter((session) => !isIdle(session) && session.info !== null)
    .filter(({ info }) => fingerprintId(fingerprint(info ?? '')) === wanted)
    .toSorted((a, b) => b.seconds - a.seconds);
  const [longest] = running;
  const common = {
    code: 'query.pattern_now',
    severity: 'info',
    subject: wanted,
    confidence: 'certain',
    evidence: view.evidence,
    recommendations: [],
  } as const;
  if (!longest) {
    return {
      ...common,
      title: 'The pattern does not run at this moment',
      summary: `None of ${view.sessions.length} sessions runs it now.`,
      facts: { running: 0, blocked: 0 },
    };
  }
  const blockers = blockersOf(view, new Set(running.map(({ id }) => subjectOf(id))));
  const blocked = new Set(blockers.flatMap(({ victims }) => victims));
  const [first] = blockers;
  const threads = running.slice(0, maxThreads).map(({ id }) => id);
  const sessions = running.length === 1 ? '1 session' : `${running.length} sessions`;
  const behind = blockers.map(({ subject }) => subject).join(', ');
  return {
    ...common,
    confidence: first && !first.certain ? 'likely' : 'certain',
    title: `The pattern runs now in ${sessions}${first ? `, blocked by ${first.subject}` : ''}`,
    summary: `Threads ${threads.join(', ')}, the longest for ${inWords(longest.seconds)}: ${shortStatement(longest.info, 120)}. ${first ? `${blocked.size} of them ${blocked.size === 1 ? 'waits' : 'wait'} behind ${behind}.` : 'Nobody blocks it; it works.'}`,
    facts: {
      running: running.length,
      threads: threads.join(', '),
      longestSeconds: Math.round(longest.seconds),
      blocked: blocked.size,
      blockedBy: first?.subject ?? null,
    },
    impact: running.length,
  };
}

interface RootOfWait {
  readonly subject: string;
  /** Which of the sessions in question wait behind it. */
  readonly victims: readonly string[];
  readonly certain: boolean;
}

/** The roots of all waiting of the given sessions, by the same graph as the lock findings. */
function blockersOf(view: SessionView, subjects: ReadonlySet<string>): RootOfWait[] {
  const watched = [...rowWaits(view), ...watchedWaits(view)];
  return findBlockers([...watched, ...inferWaits(view, watched)]).flatMap(({ subject, victims }) => {
    const ours = victims.filter((victim) => subjects.has(victim.subject));
    if (ours.length === 0) return [];
    const name =
      threadOf(subject) === undefined && !subject.startsWith('trx ') ? 'a session that could not be named' : subject;
    return [
      {
        subject: name,
        victims: ours.map((victim) => victim.subject),
        certain: ours.every(({ wait }) => wait.confidence === 'certain'),
      },
    ];
  });
}
