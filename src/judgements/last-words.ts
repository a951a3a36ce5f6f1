import type { LastEnd } from '../error-log/life.ts';
import type { ErrorLog } from '../probes/error-log.ts';
import type { FindingDraft } from '../report/finding.ts';
import { momentInWords } from '../report/units.ts';
import { judgeErrorLog } from './error-log.ts';

export interface LastWordsView {
  readonly target: string;
  readonly log: ErrorLog;
  readonly evidence: readonly string[];
}

const maxPatterns = 20;

/** What the error log of a server that cannot be reached tells: how its last life ended, and what had happened before. */
export function judgeLastWords({ target, log, evidence }: LastWordsView): FindingDraft[] {
  const end = log.lastEnd;
  const isRecent = end?.atMs !== undefined && end.atMs >= log.fromMs;
  const ending = end && isRecent ? [endFinding(end, { target, log, evidence })] : [];
  return [...ending, ...judgeErrorLog({ target, log, maxPatterns, evidence })];
}

function endFinding(end: LastEnd, { target, log, evidence }: LastWordsView): FindingDraft {
  const at = momentInWords(end.atMs ?? log.serverNowMs, log.serverNowMs);
  const common = { subject: target, confidence: 'certain', evidence, impact: 950 } as const;
  const facts = { endedAt: new Date(end.atMs ?? log.serverNowMs).toISOString(), signal: end.signal, cameBack: false };
  switch (end.kind) {
    case 'crash':
      return {
        ...common,
        code: 'incident.crash_restart',
        severity: 'critical',
        title: 'The server crashed and has not come back',
        summary: `Its error log ends with a crash${end.signal === undefined ? '' : ` by signal ${end.signal}`} at ${at}; no start follows.`,
        facts: { ...facts, signal: end.signal ?? null },
        recommendations: [
          {
            action: `Keep the lines of ${log.path} from the signal on, then start the server and watch its crash recovery`,
            risk: 'disruptive',
            rollback: 'none: recovery changes the data files; copy them first where the log speaks of damage',
          },
        ],
      };
    case 'aborted':
      return {
        ...common,
        code: 'incident.start_failed',
        severity: 'critical',
        title: 'The server gave up while it started',
        summary: `Its error log says "Aborting" at ${at}. ${lastErrorInWords(log)}`,
        facts: { ...facts, signal: null },
        recommendations: [
          {
            action: `Read the errors of ${log.path} before "Aborting": an option that this release does not know, a port or file in use, no rights on the data directory, or damaged files`,
            risk: 'safe',
            rollback: 'nothing changes',
          },
        ],
      };
    case 'shutdown':
      return {
        ...common,
        code: 'incident.shut_down',
        severity: 'info',
        title: 'The server was shut down in order',
        summary: `Its error log ends with an orderly shutdown at ${at}; no start follows.`,
        facts: { ...facts, signal: null },
        recommendations: [],
      };
  }
}

/** By its pattern: the words of the line hold names and paths of strangers. */
function lastErrorInWords({ patterns }: ErrorLog): string {
  const errors = patterns.filter(({ severity, kind }) => severity === 'error' && kind !== 'aborted_start');
  const last = errors.toSorted((a, b) => (b.lastAtMs ?? 0) - (a.lastAtMs ?? 0))[0];
  return last ? `The last error before it: ${last.pattern.slice(0, 160)}` : 'No other error stands before it.';
}
