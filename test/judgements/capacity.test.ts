import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LogPattern } from '../../src/error-log/pattern.ts';
import { judgeBloat, judgeOpenFiles, judgeVolumes } from '../../src/judgements/capacity.ts';
import { isBlind, type ProbeSource } from '../../src/probes/probe.ts';
import type { TableSize } from '../../src/probes/table-sizes.ts';
import { createVolumesProbe, type FileSystem, type Volume, volumes } from '../../src/probes/volumes.ts';
import { countersWith, factsWith, thresholds } from '../support/judge.ts';

const gibibyte = 1_024 ** 3;

describe('room on volumes', () => {
  const judge = (volume: Partial<Volume>) => {
    const whole = {
      path: '/data',
      holds: ['data'],
      sizeBytes: 100 * gibibyte,
      freeBytes: 50 * gibibyte,
      usedPercent: 50,
      inodesUsedPercent: undefined,
      ...volume,
    };
    return judgeVolumes([whole], factsWith({ log_bin: 'ON' }), thresholds, ['e1']);
  };

  it.each([
    [{ usedPercent: 89.9 }, undefined],
    [{ usedPercent: 92, freeBytes: 8 * gibibyte }, 'warning'],
    [{ usedPercent: 98, freeBytes: 2 * gibibyte }, 'critical'],
    [{ usedPercent: 95, sizeBytes: 9_000 * gibibyte, freeBytes: 450 * gibibyte }, undefined],
    [{ inodesUsedPercent: 99 }, 'warning'],
  ] as const)('%o: %s', (volume, severity) => {
    expect(judge(volume)[0]?.severity).toBe(severity);
  });

  it('offers to purge binary logs only where they lie, and calls that destructive', () => {
    const purges = (holds: readonly string[]) =>
      judge({ usedPercent: 98, freeBytes: gibibyte, holds })[0]?.recommendations.filter(({ sql }) =>
        sql?.includes('PURGE'),
      );
    expect(purges(['data', 'binary logs'])).toMatchObject([{ risk: 'destructive' }]);
    expect(purges(['data'])).toEqual([]);
  });
});

describe('volumes probe', () => {
  const source = (variables: Readonly<Record<string, string>>, dataDirectory?: string): ProbeSource => ({
    target: { ...remote, dataDirectory },
    facts: factsWith(variables),
    windowSeconds: 0,
    signal: undefined,
    query: () => Promise.resolve({ rows: [{ n: 0 }], truncated: false }),
    wait: () => Promise.resolve(),
    now: () => 0,
    ownStatements: () => 0,
  });
  const remote: ProbeSource['target'] = {
    name: 'far',
    host: '10.0.0.9',
    port: 3_306,
    socket: undefined,
    user: 'dbcheck',
    database: undefined,
    tls: 'off',
    tlsCa: undefined,
    tags: [],
    replicas: [],
    primary: undefined,
    errorLog: undefined,
    slowLog: undefined,
    dataDirectory: undefined,
    backups: undefined,
    extraPort: undefined,
    channel: undefined,
    thresholds: {},
    inspectSchemas: [],
    hasActionAccount: false,
    serviceId: undefined,
  };
  const full: FileSystem = {
    device: () => Promise.resolve(7),
    space: () =>
      Promise.resolve({
        blockBytes: 4_096,
        blocks: 1_000,
        freeBlocks: 60,
        availableBlocks: 10,
        inodes: 0,
        freeInodes: 0,
      }),
  };

  it('counts as df does: what only root may use is neither free nor part of the whole', async () => {
    const outcome = await createVolumesProbe(full).collect(source({}, '/data'), undefined);
    expect(isBlind(outcome) ? outcome : outcome.data).toEqual([
      {
        path: '/data',
        holds: ['data'],
        sizeBytes: 4_096_000,
        freeBytes: 40_960,
        usedPercent: 98.9,
        inodesUsedPercent: undefined,
      },
    ]);
  });

  it('reads the real volume of a configured directory', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'dbcheck-volume-'));
    const outcome = await volumes.collect(source({}, folder), undefined);
    await rm(folder, { recursive: true });
    expect(isBlind(outcome) ? [] : outcome.data.map(({ path }) => path)).toEqual([folder]);
    expect(isBlind(outcome) ? 0 : outcome.data[0]?.sizeBytes).toBeGreaterThan(0);
  });

  it('says how to see the disk of a server that is far away, or a directory that is not there', async () => {
    for (const directory of [undefined, '/no/such/directory']) {
      expect(await volumes.collect(source({ datadir: '/var/lib/mysql/' }, directory), undefined)).toMatchObject({
        code: 'coverage.disk_unseen',
        fix: expect.stringMatching(/dataDirectory of far/),
      });
    }
  });
});

describe('free space inside tables', () => {
  const table = (dataBytes: number, freeBytes: number, engine = 'InnoDB'): TableSize => ({
    schema: 'shop',
    table: 'events`x',
    engine,
    rows: 1,
    dataBytes,
    indexBytes: 0,
    freeBytes,
    schemaBytes: 0,
    schemaTables: 1,
    totalBytes: 0,
    innodbBytes: 0,
    tables: 1,
  });

  it('is named when it is large and most of the file', () => {
    expect(judgeBloat([table(gibibyte, 3 * gibibyte)], thresholds, ['e1'])).toMatchObject([
      {
        severity: 'info',
        subject: 'shop.events`x',
        facts: { sharePercent: 75 },
        recommendations: [{ sql: 'ALTER TABLE `shop`.`events``x` ENGINE=InnoDB;' }],
      },
    ]);
  });

  it('is nothing when it is small, a small share, or of an engine without files', () => {
    const small = table(1_024, 8_192);
    const share = table(9 * gibibyte, 2 * gibibyte);
    expect(judgeBloat([small, share, table(0, 9 * gibibyte, 'MEMORY')], thresholds, [])).toEqual([]);
  });
});

describe('open files', () => {
  const judge = (open: number, refused: readonly LogPattern[] = []) =>
    judgeOpenFiles(
      't',
      countersWith({}, { Open_files: open }),
      refused,
      factsWith({ open_files_limit: '1000' }),
      thresholds,
      [],
    );

  it('are a warning near the limit and critical at it', () => {
    expect(judge(600)).toEqual([]);
    expect(judge(880)[0]?.severity).toBe('warning');
    expect(judge(960)[0]?.severity).toBe('critical');
  });

  it('are critical when the log tells of files that could not be opened', () => {
    const refusal = { kind: 'open_files', severity: 'error', count: 3, pattern: '', sample: '' } as const;
    expect(judge(100, [{ ...refusal, firstAtMs: 0, lastAtMs: 0 }])).toMatchObject([
      { severity: 'critical', facts: { refusals: 3 } },
    ]);
  });
});
