import { describe, expect, it } from 'vitest';
import { judgeBufferPool } from '../../src/judgements/buffer-pool.ts';
import { judgeMemoryPlan, judgeMemoryUse } from '../../src/judgements/memory.ts';
import { judgeSortMerge, judgeTemporaryTables } from '../../src/judgements/spills.ts';
import { countersWith, settingsWith, thresholds } from '../support/judge.ts';

const mebibyte = 1_024 ** 2;
const gibibyte = 1_024 ** 3;

describe('settings against the memory there is', () => {
  const shipped = {
    innodb_buffer_pool_size: String(128 * mebibyte),
    key_buffer_size: String(128 * mebibyte),
    sort_buffer_size: '2097152',
    join_buffer_size: '262144',
    read_buffer_size: '131072',
    read_rnd_buffer_size: '262144',
    binlog_cache_size: '32768',
    thread_stack: '299008',
    max_connections: '151',
  };
  const plan = (variables: Readonly<Record<string, string>>, totalBytes = 8 * gibibyte) =>
    judgeMemoryPlan(
      settingsWith({ ...shipped, ...variables }),
      { totalBytes, availableBytes: totalBytes, residentBytes: undefined },
      thresholds,
      ['e2'],
    );

  it('is silent of a server as shipped, on a small machine too', () => {
    expect(plan({})).toEqual([]);
    expect(plan({}, gibibyte)).toEqual([]);
  });

  it('shows the arithmetic and names the buffer that was enlarged', () => {
    expect(plan({ max_connections: '500', sort_buffer_size: String(64 * mebibyte) })).toMatchObject([
      {
        code: 'config.memory_overcommit',
        subject: 'sort_buffer_size',
        severity: 'warning',
        summary: expect.stringMatching(
          /^256 MiB of fixed buffers \+ 500 connections × 65 MiB = 32 GiB, 399 % of 8 GiB\./,
        ),
        recommendations: [{ sql: 'SET GLOBAL sort_buffer_size = 2097152;' }],
      },
    ]);
  });

  it('names max_connections where all buffers are as shipped', () => {
    expect(plan({ max_connections: '9000' })).toMatchObject([{ subject: 'max_connections', severity: 'warning' }]);
    expect(plan({ max_connections: '3000' })).toMatchObject([{ subject: 'max_connections', severity: 'info' }]);
  });

  it('warns when the buffer pool alone leaves nothing', () => {
    expect(plan({ innodb_buffer_pool_size: String(7.7 * gibibyte) })).toMatchObject([
      { subject: 'innodb_buffer_pool_size', severity: 'warning' },
    ]);
  });

  it('warns when the process holds nearly all memory of its host', () => {
    const host = { totalBytes: 8 * gibibyte, availableBytes: gibibyte / 4 };
    expect(judgeMemoryUse('t', { ...host, residentBytes: 7.6 * gibibyte }, thresholds, [])).toMatchObject([
      { code: 'capacity.memory', facts: { usedPercent: 95 } },
    ]);
    expect(judgeMemoryUse('t', { ...host, residentBytes: 6 * gibibyte }, thresholds, [])).toEqual([]);
    expect(judgeMemoryUse('t', { ...host, residentBytes: undefined }, thresholds, [])).toEqual([]);
  });
});

describe('the buffer pool at work', () => {
  const view = settingsWith({ innodb_buffer_pool_size: String(64 * mebibyte), innodb_lru_scan_depth: '0' });
  const busy = { Innodb_buffer_pool_read_requests: 20_000, Innodb_pages_read: 4_000 };
  const full = { Innodb_buffer_pool_pages_total: 4_000, Innodb_buffer_pool_pages_free: 10 };
  const judge = (
    growth: Readonly<Record<string, number>>,
    gauges: Readonly<Record<string, number>>,
    dataBytes: number | undefined = gibibyte,
    uptimeSeconds = 600,
  ) =>
    judgeBufferPool(
      view,
      { counters: countersWith(growth, gauges, { uptimeSeconds }), dataBytes, host: undefined, evidence: [] },
      thresholds,
    );

  it('is too small when it is full, smaller than the data, and misses keep the disk busy', () => {
    expect(judge(busy, full)).toMatchObject([
      {
        code: 'config.buffer_pool_small',
        subject: 'innodb_buffer_pool_size',
        facts: { missPercent: 20, readsPerSecond: 2_000, dataBytes: gibibyte },
        recommendations: [{ sql: `SET GLOBAL innodb_buffer_pool_size = ${9 * 128 * mebibyte};` }],
      },
    ]);
  });

  it.each([
    ['a bad ratio at rest', { Innodb_buffer_pool_read_requests: 20, Innodb_pages_read: 15 }, full, gibibyte],
    ['a pool that is still filling', busy, { ...full, Innodb_buffer_pool_pages_free: 2_000 }, gibibyte],
    ['data that fits', busy, full, 32 * mebibyte],
    ['a good ratio', { ...busy, Innodb_buffer_pool_read_requests: 2_000_000 }, full, gibibyte],
  ])('is not too small for %s', (_, growth, gauges, dataBytes) => {
    expect(judge(growth, gauges, dataBytes)).toEqual([]);
  });

  it('is not too small for one scan after a day of serving well', () => {
    const served = { ...full, Innodb_buffer_pool_read_requests: 90_000_000, Innodb_pages_read: 20_000 };
    expect(judge(busy, served, gibibyte, 86_400)).toEqual([]);
  });

  it('offers no larger pool than the host can hold', () => {
    const host = { totalBytes: 100 * mebibyte, availableBytes: 0, residentBytes: undefined };
    const counters = countersWith(busy, full, { uptimeSeconds: 600 });
    const large = settingsWith({ innodb_buffer_pool_size: String(128 * mebibyte), innodb_lru_scan_depth: '0' });
    const [finding] = judgeBufferPool(large, { counters, dataBytes: gibibyte, host, evidence: [] }, thresholds);
    expect(finding?.recommendations[0]?.sql).toBeUndefined();
    expect(finding?.recommendations[0]?.action).toMatch(/already has its share/);
  });
});

describe('work that spills to disk', () => {
  it('warns of merge passes with a sort buffer below the default, and says how many sorts', () => {
    const view = settingsWith({ sort_buffer_size: '32768' });
    const counters = countersWith({ Sort_merge_passes: 60, Sort_scan: 4, Sort_range: 1 });
    expect(judgeSortMerge(view, counters, thresholds)).toMatchObject([
      {
        code: 'query.sort_merge',
        subject: 'orders-prod',
        severity: 'warning',
        facts: { passesPerSecond: 30, sorts: 5, bufferBytes: 32_768 },
      },
    ]);
  });

  it('calls a few passes with the default buffer information, and one large export nothing', () => {
    const view = settingsWith({ sort_buffer_size: '2097152' });
    expect(judgeSortMerge(view, countersWith({ Sort_merge_passes: 6 }), thresholds)[0]?.severity).toBe('info');
    expect(judgeSortMerge(view, countersWith({ Sort_merge_passes: 1 }), thresholds)).toEqual([]);
  });

  it('warns of temporary tables on disk and takes off our own', () => {
    const view = settingsWith({ tmp_table_size: '16384', max_heap_table_size: '16384' });
    const growth = { Created_tmp_disk_tables: 60, Created_tmp_tables: 100 };
    expect(judgeTemporaryTables(view, countersWith(growth), thresholds)).toMatchObject([
      {
        severity: 'warning',
        subject: 'orders-prod',
        facts: { onDiskPerSecond: 30, onDiskSharePercent: 60, limitBytes: 16_384 },
      },
    ]);
    expect(judgeTemporaryTables(view, countersWith(growth, {}, { ownStatements: 58 }), thresholds)).toEqual([]);
    const asShipped = settingsWith({ tmp_table_size: '16777216', max_heap_table_size: '16777216' });
    const few = { Created_tmp_disk_tables: 10, Created_tmp_tables: 20 };
    expect(judgeTemporaryTables(asShipped, countersWith(few), thresholds)).toMatchObject([{ severity: 'info' }]);
    const mostlyInMemory = { Created_tmp_disk_tables: 60, Created_tmp_tables: 1_000 };
    expect(judgeTemporaryTables(view, countersWith(mostlyInMemory), thresholds)).toEqual([]);
  });
});
