import { accountOf, type Session } from '../probes/processlist.ts';
import type { FindingDraft } from '../report/finding.ts';
import { counted } from '../report/units.ts';
import { fingerprint, fingerprintId } from '../sql/fingerprint.ts';
import { endSession, isDdl, isIdle, type SessionView } from './sessions.ts';
import { inWords, shortStatement } from './statement.ts';
import { tablesIn } from './statement-tables.ts';

/**
 * Many sessions work on the same statement at once, each for seconds, and nobody blocks them: the statement is too slow
 * for how often it is asked, and every new one makes the others slower. Who waits for a lock is judged as a lock.
 */
export function judgePileUps(view: SessionView): FindingDraft[] {
  const { pileUpSessions, pileUpSeconds } = view.thresholds;
  const waiting = new Set(view.lockWaits.map(({ waiting_thread }) => waiting_thread));
  const working = view.sessions.filter(
    (session) =>
      !isIdle(session) &&
      session.info !== null &&
      !isDdl(session.info) &&
      session.seconds >= pileUpSeconds &&
      !waiting.has(session.id) &&
      !/^(waiting|user (lock|sleep))/i.test(session.state ?? ''),
  );
  const patterns = Map.groupBy(working, ({ info }) => fingerprintId(fingerprint(info ?? '')));
  return [...patterns]
    .filter(([, sessions]) => sessions.length >= pileUpSessions)
    .map(([id, sessions]) => pileUp(id, sessions, view));
}

function pileUp(id: string, sessions: readonly Session[], view: SessionView): FindingDraft {
  const [longest] = sessions.toSorted((a, b) => b.seconds - a.seconds) as [Session];
  const shortest = Math.min(...sessions.map(({ seconds }) => seconds));
  const examined = sessions.reduce((sum, { examined_rows }) => sum + examined_rows, 0);
  const accounts = [...new Set(sessions.map(accountOf))];
  return {
    code: 'query.pile_up',
    severity: 'warning',
    subject: id,
    title: `${sessions.length} sessions work on the same statement, the longest for ${inWords(longest.seconds)}`,
    summary: `${shortStatement(longest.info, 120)} runs in ${sessions.length} sessions of ${counted(accounts.length, 'account')} (${accounts.slice(0, 3).join(', ')}), each for ${inWords(shortest)} at least; ${examined} rows examined so far. Nobody blocks them: they compete for the processors and the disk.`,
    confidence: 'certain',
    facts: {
      sessions: sessions.length,
      longestSeconds: Math.round(longest.seconds),
      shortestSeconds: Math.round(shortest),
      examinedRows: examined,
      accounts: accounts.slice(0, 3).join(', '),
      thread: longest.id,
      table: tablesIn(longest.info, longest.db)[0] ?? null,
    },
    evidence: view.evidence,
    impact: sessions.length + longest.seconds / 1_000,
    thresholds: ['pileUpSessions', 'pileUpSeconds'],
    recommendations: [
      {
        action: 'See the plan by which it runs at this moment; a table that is read whole (type ALL) wants an index',
        sql: `SHOW EXPLAIN FOR ${longest.id};`,
        risk: 'safe',
        rollback: 'nothing changes',
      },
      ...endSession(view, longest.id),
      {
        action: 'In the application: ask it once and keep the answer, or let fewer of them run at a time',
        risk: 'needs_staging',
        rollback: 'deploy the former version',
      },
    ],
  };
}
