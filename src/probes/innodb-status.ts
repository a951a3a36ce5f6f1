import { type InnodbStatus, parseInnodbStatus } from '../innodb-status/status.ts';
import type { Row } from '../report/evidence.ts';
import { redactLiterals } from '../sql/redact.ts';
import type { Probe } from './probe.ts';

/** The InnoDB monitor. Its text holds row images and statements, so only what was read out of it becomes evidence. */
export const innodbStatus: Probe<void, InnodbStatus> = {
  name: 'innodb-status',
  needs: ['PROCESS'],
  async collect(source) {
    const sql = 'SHOW ENGINE INNODB STATUS';
    const { rows, truncated } = await source.query(sql);
    const data = parseInnodbStatus(String(rows[0]?.['Status'] ?? ''));
    return { data, rows: evidenceRows(data), sql, truncated };
  },
};

function evidenceRows(data: InnodbStatus): Row[] {
  const { latestDeadlock, semaphoreWaits, historyListLength, pendingReads, pendingWrites, pendingFlushes } = data;
  return [
    { historyListLength: historyListLength ?? null, pendingReads, pendingWrites, pendingFlushes },
    ...semaphoreWaits.map(({ place, seconds }) => ({ semaphoreWaitAt: place, seconds })),
    ...(latestDeadlock?.sides ?? []).map((side) => ({
      deadlockAgeSeconds: latestDeadlock?.ageSeconds ?? null,
      thread: side.thread ?? null,
      waitedForTable: side.table ?? null,
      index: side.index ?? null,
      lockMode: side.lockMode ?? null,
      activeSeconds: side.activeSeconds,
      undoEntries: side.undoEntries,
      rolledBack: side.rolledBack,
      statement: redactLiterals(side.statement).slice(0, 1_000),
    })),
  ];
}
