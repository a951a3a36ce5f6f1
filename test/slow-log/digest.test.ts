import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyTruth, generateSlowLog } from '../../lab/slow-log/generate.ts';
import { createDigest } from '../../src/slow-log/digest.ts';
import { SKETCH_ERROR } from '../../src/slow-log/time-sketch.ts';
import { fingerprint, fingerprintId } from '../../src/sql/fingerprint.ts';
import { digestText, event } from './slow-log-text.ts';

function generated(seed: number, bytes: number, explain = false) {
  const truth = emptyTruth();
  const log = Buffer.from([...generateSlowLog({ seed, bytes, explain }, truth)].join(''));
  return { truth, log };
}

describe('slow-log digest of a generated log', () => {
  it.each([1, 2, 3, 4])('finds every event and every class once, with exact sums (seed %i)', (seed) => {
    const { truth, log } = generated(seed, 1_500_000, seed % 2 === 0);
    const { events, bytes, classes, warnings } = digestText(log);
    const found = classes.map(
      ({ fingerprint: print, count, queryTimeSumUs, lockTimeSumUs, rowsExaminedSum, rowsSentSum, maxUs }) => [
        print,
        { count, queryTimeSumUs, lockTimeSumUs, rowsExaminedSum, rowsSentSum, maxUs },
      ],
    );
    const expected = [...truth.classes].map(([print, { timesUs: _, ...sums }]) => [print, sums]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    expect(found).toHaveLength(expected.length);
    expect({ events, bytes, warnings }).toEqual({ events: truth.events, bytes: truth.bytes, warnings: [] });
  });

  it('gives quantiles within the error of its sketch', () => {
    const { truth, log } = generated(5, 1_500_000);
    for (const { fingerprint: print, p50Us, p95Us } of digestText(log).classes) {
      const times = [...(truth.classes.get(print)?.timesUs ?? [])].sort((a, b) => a - b);
      for (const [part, estimate] of [
        [0.5, p50Us],
        [0.95, p95Us],
      ] as const) {
        const exact = times[Math.max(1, Math.ceil(part * times.length)) - 1] ?? Number.NaN;
        expect(Math.abs(estimate - exact)).toBeLessThanOrEqual(exact * SKETCH_ERROR + 0.5);
      }
    }
  });

  it('is the same however the bytes come', () => {
    const { log } = generated(6, 60_000, true);
    const whole = digestText(log);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        const digest = createDigest();
        for (let at = 0, i = 0; at < log.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          digest.write(log.subarray(at, at + size));
          at += size;
        }
        expect(digest.end()).toEqual(whole);
      }),
      { numRuns: 60 },
    );
    const byBytes = createDigest();
    for (let at = 0; at < log.length; at++) byBytes.write(log.subarray(at, at + 1));
    expect(byBytes.end()).toEqual(whole);
  });

  it('gives each class the fingerprint and id of its sample', () => {
    const { log } = generated(7, 300_000);
    for (const { id, fingerprint: print, sample } of digestText(log, { sampleBytes: 1 << 20 }).classes) {
      expect({ print, id }).toEqual({ print: fingerprint(sample), id: fingerprintId(fingerprint(sample)) });
    }
  });
});

describe('slow-log digest', () => {
  it('describes a class in full', () => {
    const slow = event({
      us: 2_000_000,
      at: 1_705_312_860,
      sql: 'SELECT a FROM orders o JOIN crm.people p WHERE o.id = 7',
      rows: 50,
    });
    const quick = event({
      us: 700,
      at: 1_705_312_800,
      sql: 'select a from orders o join crm.people p where o.id = 8',
      user: 'batch',
    });
    const { classes } = digestText(slow + quick + quick.replaceAll('batch', 'report') + slow.replace('2.0', '1.0'));
    expect(classes).toHaveLength(1);
    expect(classes[0]).toMatchObject({
      fingerprint: 'select a from orders o join crm.people p where o.id = ?',
      count: 4,
      queryTimeSumUs: 3_001_400,
      lockTimeSumUs: 400,
      rowsExaminedSum: 100,
      rowsSentSum: 4,
      minUs: 700,
      maxUs: 2_000_000,
      firstSeen: '2024-01-15T10:00:00.000Z',
      lastSeen: '2024-01-15T10:01:00.000Z',
      schema: 'shop',
      users: ['app', 'batch', 'report'],
      tables: ['orders', 'crm.people'],
      sample: 'SELECT a FROM orders o JOIN crm.people p WHERE o.id = 7',
      sampleIsCut: false,
      histogram: [0, 0, 2, 0, 0, 0, 2, 0],
    });
  });

  it('puts the largest total query time first', () => {
    const often = event({ us: 400, sql: 'SELECT 1' }).repeat(10);
    const { classes } = digestText(
      often + event({ us: 3000, sql: 'SELECT 2 FROM t' }) + event({ us: 3900, sql: 'SELECT 3 FROM u' }),
    );
    expect(classes.map((it) => it.queryTimeSumUs)).toEqual([4000, 3900, 3000]);
  });

  it('counts only events of the window, in whatever order they come', () => {
    const log = [30, 10, 20, 40].map((at) => event({ at, sql: `SELECT ${at}` })).join('');
    const window = { since: new Date(20_000), until: new Date(40_000) };
    const { events, classes } = digestText(log, window);
    expect(events).toBe(2);
    expect([classes[0]?.firstSeen, classes[0]?.lastSeen]).toEqual([
      '1970-01-01T00:00:20.000Z',
      '1970-01-01T00:00:30.000Z',
    ]);
  });

  it('counts a statement of many megabytes and cuts its sample', () => {
    const ids = Array.from({ length: 900_000 }, (_, i) => String(1_000_000 + i)).join(',');
    const log = event({ sql: `SELECT a FROM t WHERE id IN (${ids}) AND b = 'x'` }) + event({ sql: 'SELECT 1' });
    const { events, classes } = digestText(log, { sampleBytes: 100 });
    expect(events).toBe(2);
    expect(classes.find((it) => it.sampleIsCut)).toMatchObject({
      fingerprint: 'select a from t where id in(?+) and b = ?',
      sample: `SELECT a FROM t WHERE id IN (${ids}`.slice(0, 100),
    });
  });

  it('keeps the plan of the slowest event', () => {
    const plan = (rows: number): string =>
      `#\n# explain: id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tfiltered\tr_filtered\tExtra\n# explain: 1\tSIMPLE\torders\tALL\tNULL\tNULL\tNULL\tNULL\t${rows}\t${rows}.50\t100.00\t2.00\tUsing where\n#\n`;
    const log =
      event({ us: 10, plan: plan(5), sql: 'SELECT 1' }) +
      event({ us: 20, plan: plan(7), sql: 'SELECT 2' }) +
      event({ us: 5, sql: 'SELECT 3' });
    expect(digestText(log).classes[0]?.explain).toEqual([
      {
        id: '1',
        selectType: 'SIMPLE',
        table: 'orders',
        type: 'ALL',
        possibleKeys: null,
        key: null,
        keyLength: null,
        ref: null,
        rows: 7,
        rRows: 7.5,
        filtered: 100,
        rFiltered: 2,
        extra: 'Using where',
      },
    ]);
  });

  it('takes administrator commands as classes of their own', () => {
    const ping = event({ sql: '' }).replace(/\n;\n$/, '\n# administrator command: Ping;\n');
    expect(digestText(ping + ping).classes).toMatchObject([
      { fingerprint: 'administrator command: Ping', id: fingerprintId('administrator command: Ping'), count: 2 },
    ]);
  });
});
