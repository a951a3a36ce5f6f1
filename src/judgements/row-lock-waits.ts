import { type SessionView, subjectOf } from './sessions.ts';
import type { Wait } from './wait-graph.ts';

/** Who waits for whose row lock (or InnoDB table lock), as InnoDB tells it. */
export function rowWaits(view: Pick<SessionView, 'lockWaits'>): Wait[] {
  return view.lockWaits.map((wait) => ({
    waiter: subjectOf(wait.waiting_thread),
    blocker: wait.blocking_thread === 0 ? `trx ${wait.blocking_trx}` : subjectOf(wait.blocking_thread),
    kind: 'row',
    object: plainTable(wait.lock_table) || undefined,
    waitedSeconds: wait.waited_seconds,
    confidence: wait.certain ? 'certain' : 'likely',
  }));
}

/** InnoDB writes `` `shop`.`orders` `` and adds a partition as a comment. */
function plainTable(lockTable: string): string {
  return lockTable
    .replace(/ ?\/\*.*\*\/\s*$/, '')
    .replace(/^`(.*)`\.`(.*)`$/, '$1.$2')
    .replaceAll('``', '`')
    .replace(/#p#.*$/i, '');
}
