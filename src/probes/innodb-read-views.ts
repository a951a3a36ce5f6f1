import type { Probe } from './probe.ts';

/** A snapshot that a transaction reads from; InnoDB keeps every older version of every row for the oldest of them. */
export interface ReadView {
  readonly thread: number;
  /** Transactions below this number are seen: the smaller, the older the view. */
  readonly seesBelow: number;
}

/**
 * The open read views, oldest first, out of SHOW ENGINE INNODB STATUS: no table shows them. A transaction at READ
 * COMMITTED that is between statements has none, though it is open.
 */
export const innodbReadViews: Probe<void, readonly ReadView[]> = {
  name: 'innodb-read-views',
  needs: ['PROCESS'],
  async collect(source) {
    const sql = 'SHOW ENGINE INNODB STATUS';
    const { rows } = await source.query(sql);
    const data = readViewsIn(String(rows[0]?.['Status'] ?? ''));
    return { data, rows: data.map((view) => ({ ...view })), sql };
  },
};

export function readViewsIn(status: string): ReadView[] {
  const views: ReadView[] = [];
  let thread: number | undefined;
  for (const line of status.split('\n')) {
    if (line.startsWith('---TRANSACTION ')) thread = undefined;
    const [, id] = /^(?:MariaDB|MySQL) thread id (\d+),/.exec(line) ?? [];
    if (id !== undefined) thread = Number(id);
    const [, below] = /^Trx read view will not see trx with id >= \d+, sees < (\d+)/.exec(line) ?? [];
    if (below !== undefined && thread !== undefined) views.push({ thread, seesBelow: Number(below) });
  }
  return views.sort((a, b) => a.seesBelow - b.seesBelow);
}
