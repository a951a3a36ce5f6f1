import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { digestText } from './slow-log-text.ts';

const folder = new URL('captured/', import.meta.url);
const files = readdirSync(folder).toSorted();

/** Files that `lab/slow-log/capture.ts` had written by real servers: the same statements, a file a verbosity. */
describe('slow-log digest of what servers of other series wrote', () => {
  it('has files of 10.5 and 11.8 at every verbosity that they know', () => {
    const count = (series: string) => files.filter((name) => name.startsWith(`mariadb-${series}-`)).length;
    expect([count('10.5'), count('11.8')]).toEqual([4, 8]);
  });

  it.each(files)('finds the same in %s', (name) => {
    const { classes, warnings, events } = digestText(readFileSync(new URL(name, folder)));
    expect(warnings).toEqual([]);
    expect(events).toBe(6);
    expect(Object.fromEntries(classes.map((it) => [it.fingerprint, it.count]))).toEqual({
      'select count(*) from orders o join customers c on c.id = o.customer_id where o.note like ? group by c.city': 2,
      'select ? as x ': 1,
      'insert into orders (customer_id, status, total, created_at) values (?, ?, ?, now())': 1,
      'select cast(? as signed), ? / ?': 1,
      'do ?': 1,
    });
    const [, , verbosity = ''] = name.replace('.log', '').split('-');
    const has = (...words: string[]) => ['full', 'all', ...words].includes(verbosity);
    const join = classes.find((it) => it.count === 2);
    expect(join).toMatchObject({ schema: 'shop', users: ['root'], tables: ['orders', 'customers'] });
    expect(join?.fullScanCount).toBe(has('query_plan') ? 2 : 0);
    expect(join?.explain.map((row) => row.table).sort()).toEqual(has('explain') ? ['c', 'o'] : []);
    const countsPages = name.includes('11.8') && has('innodb', 'engine');
    expect((join?.pagesAccessedSum ?? 0) > 0).toBe(countsPages);
    const text = readFileSync(new URL(name, folder), 'utf8');
    const written = (field: string) =>
      [...text.matchAll(new RegExp(`${field}: ([\\d.]+)`, 'g'))].map(([, value]) => Number(value));
    const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
    expect(total(classes.map((it) => it.queryTimeSumUs))).toBe(Math.round(total(written('Query_time')) * 1e6));
    expect(total(classes.map((it) => it.rowsExaminedSum))).toBe(total(written('Rows_examined')));
    expect(total(classes.map((it) => it.rowsSentSum))).toBe(total(written('Rows_sent')));
  });
});
