import { describe, expect, it } from 'vitest';
import { judgeDeprecated } from '../../src/judgements/deprecated.ts';
import { judgeDurability } from '../../src/judgements/durability.ts';
import { judgeGeneralLog, judgeSlowLog } from '../../src/judgements/logging.ts';
import { judgeReadOnly } from '../../src/judgements/read-only.ts';
import { judgeRedoLog } from '../../src/judgements/redo-log.ts';
import { judgeStatementLimit } from '../../src/judgements/statement-limit.ts';
import { judgeNameResolve, judgeQueryCache, judgeSqlMode } from '../../src/judgements/statement-settings.ts';
import type { FindingDraft } from '../../src/report/finding.ts';
import { countersWith, settingsWith, thresholds } from '../support/judge.ts';

function named(findings: readonly FindingDraft[]): string[] {
  return findings.map(({ code, subject, severity }) => `${code} ${subject} ${severity}`);
}

describe('durability', () => {
  it.each([
    ['1', []],
    ['3', []],
    ['0', ['config.durability_relaxed innodb_flush_log_at_trx_commit warning']],
    ['2', ['config.durability_relaxed innodb_flush_log_at_trx_commit warning']],
  ])('innodb_flush_log_at_trx_commit = %s', (value, expected) => {
    expect(named(judgeDurability(settingsWith({ innodb_flush_log_at_trx_commit: value })))).toEqual(expected);
  });

  it('calls sync_binlog = 0 information, and only with a binary log', () => {
    expect(named(judgeDurability(settingsWith({ sync_binlog: '0', log_bin: 'ON' })))).toEqual([
      'config.durability_relaxed sync_binlog info',
    ]);
    expect(judgeDurability(settingsWith({ sync_binlog: '0', log_bin: 'OFF' }))).toEqual([]);
  });

  it('says where the value comes from, what to set, how to keep it and how to go back', () => {
    const [finding] = judgeDurability(settingsWith({ innodb_flush_log_at_trx_commit: '2' }));
    expect(finding?.summary).toMatch(/Set in \/etc\/mysql\/my\.cnf\.$/);
    expect(finding?.facts).toMatchObject({ value: '2', origin: 'CONFIG', restartNeeded: false });
    expect(finding?.recommendations).toEqual([
      {
        action:
          'Flush at each commit; at once. To keep it over a restart: innodb_flush_log_at_trx_commit = 1 in /etc/mysql/my.cnf',
        sql: 'SET GLOBAL innodb_flush_log_at_trx_commit = 1;',
        risk: 'needs_staging',
        rollback: 'SET GLOBAL innodb_flush_log_at_trx_commit = 2;',
      },
    ]);
  });

  it('asks for a restart where the variable is read-only', () => {
    const view = settingsWith({ innodb_doublewrite: 'OFF' }, [{ name: 'innodb_doublewrite', readOnly: true }]);
    const [finding] = judgeDurability(view);
    expect(finding).toMatchObject({ severity: 'warning', facts: { restartNeeded: true } });
    expect(finding?.recommendations[0]).toMatchObject({ action: expect.stringMatching(/then a restart$/) });
    expect(finding?.recommendations[0]?.sql).toBeUndefined();
  });

  it('does not take a recovery mode that was left on for normal', () => {
    expect(named(judgeDurability(settingsWith({ innodb_force_recovery: '1' })))).toEqual([
      'config.force_recovery innodb_force_recovery warning',
    ]);
    expect(judgeDurability(settingsWith({ innodb_force_recovery: '4' }))[0]?.severity).toBe('critical');
  });
});

describe('logs', () => {
  it('calls a slow log that is off, or that goes nowhere, information', () => {
    expect(named(judgeSlowLog(settingsWith({ slow_query_log: 'OFF', log_output: 'FILE' })))).toEqual([
      'config.slow_log_off slow_query_log info',
    ]);
    expect(named(judgeSlowLog(settingsWith({ slow_query_log: 'ON', log_output: 'NONE' })))).toEqual([
      'config.slow_log_off log_output info',
    ]);
    expect(judgeSlowLog(settingsWith({ slow_query_log: 'ON', log_output: 'FILE' }))).toEqual([]);
  });

  it('warns of a general log that is on, and names its place', () => {
    const inFile = settingsWith({
      general_log: 'ON',
      log_output: 'FILE',
      general_log_file: 'db.log',
      datadir: '/data/',
    });
    expect(judgeGeneralLog(inFile)[0]).toMatchObject({ severity: 'warning', facts: { file: '/data/db.log' } });
    const inTable = settingsWith({ general_log: 'ON', log_output: 'TABLE', datadir: '/data/' });
    expect(judgeGeneralLog(inTable)[0]?.summary).toMatch(/the table mysql\.general_log/);
    expect(judgeGeneralLog(settingsWith({ general_log: 'ON', log_output: 'NONE' }))).toEqual([]);
  });
});

describe('settings of statements', () => {
  it('warns without a strict mode and keeps the modes that are there', () => {
    const [finding] = judgeSqlMode(settingsWith({ sql_mode: 'ANSI_QUOTES' }));
    expect(finding?.recommendations[0]?.sql).toBe(
      "SET GLOBAL sql_mode = 'ANSI_QUOTES,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';",
    );
    expect(finding?.recommendations[0]?.rollback).toBe("SET GLOBAL sql_mode = 'ANSI_QUOTES';");
    expect(judgeSqlMode(settingsWith({ sql_mode: 'STRICT_ALL_TABLES' }))).toEqual([]);
  });

  it('warns of a query cache only when it is seen to hurt', () => {
    const on = settingsWith({ query_cache_type: 'ON', query_cache_size: '268435456' });
    const idle = countersWith({ Qcache_hits: 0, Qcache_inserts: 0, Qcache_lowmem_prunes: 0 });
    const pruning = countersWith({ Qcache_hits: 10, Qcache_inserts: 500, Qcache_lowmem_prunes: 300 });
    const serving = countersWith({ Qcache_hits: 900, Qcache_inserts: 150, Qcache_lowmem_prunes: 0 });
    expect(named(judgeQueryCache(on, idle, thresholds))).toEqual([
      'config.query_cache_contention query_cache_type info',
    ]);
    expect(judgeQueryCache(on, pruning, thresholds)[0]).toMatchObject({
      severity: 'warning',
      facts: { prunesPerSecond: 150 },
    });
    expect(judgeQueryCache(on, serving, thresholds)[0]?.severity).toBe('info');
    const asShipped = settingsWith({ query_cache_type: 'OFF', query_cache_size: '1048576' });
    expect(judgeQueryCache(asShipped, pruning, thresholds)).toEqual([]);
  });

  it('has nothing to say of name resolution on a server without a network', () => {
    expect(judgeNameResolve(settingsWith({ skip_name_resolve: 'OFF', skip_networking: 'ON' }))).toEqual([]);
    expect(named(judgeNameResolve(settingsWith({ skip_name_resolve: 'OFF' })))).toEqual([
      'config.name_resolve skip_name_resolve info',
    ]);
  });
});

describe('options on their way out', () => {
  const set = (name: string, deprecated: string | null = null) => [{ name, value: '8', deprecated }];

  it('believes the server that an option does nothing', () => {
    const [finding] = judgeDeprecated(
      settingsWith({}, set('innodb_buffer_pool_chunk_size', 'Deprecated parameter with no effect')),
    );
    expect(finding).toMatchObject({ severity: 'info', summary: expect.stringMatching(/has no effect any more\.$/) });
  });

  it.each([
    ['10.5.23-MariaDB', 'innodb_page_cleaners', /MariaDB 10\.11 no longer has it/],
    ['10.11.19-MariaDB', 'innodb_change_buffering', /MariaDB 11\.8 no longer has it/],
    ['11.8.6-MariaDB', 'innodb_flush_method', /deprecated from MariaDB 11\.0 on/],
  ])('on %s, %s goes away', (version, name, why) => {
    expect(judgeDeprecated(settingsWith({}, set(name), version))[0]?.summary).toMatch(why);
  });

  it('is silent of what nobody set and of what stays', () => {
    const untouched = [{ name: 'innodb_change_buffering', origin: 'COMPILE-TIME' }];
    expect(judgeDeprecated(settingsWith({}, untouched))).toEqual([]);
    expect(judgeDeprecated(settingsWith({}, set('max_connections')))).toEqual([]);
  });
});

describe('read_only on a server that nobody feeds', () => {
  const alone = { channels: 0, isReplica: false, replicas: 0 };
  const bySql = (log_bin: string) => settingsWith({ read_only: 'ON', log_bin }, [{ name: 'read_only', origin: 'SQL' }]);
  const byFile = (log_bin: string) => settingsWith({ read_only: 'ON', log_bin });

  it.each([
    ['is critical where it has replicas', byFile('ON'), { ...alone, replicas: 2 }, ['critical']],
    ['is a warning where somebody set it by hand', bySql('OFF'), alone, ['warning']],
    ['is a warning where it writes a binary log', byFile('ON'), alone, ['warning']],
    ['is information where a file says so without a binary log: an archive', byFile('OFF'), alone, ['info']],
    ['is right on a replica', byFile('ON'), { ...alone, channels: 1 }, []],
    ['is right on what the configuration calls a replica', byFile('ON'), { ...alone, isReplica: true }, []],
    ['is left alone where channels could not be seen', byFile('ON'), { ...alone, channels: undefined }, []],
  ])('%s', (_, view, writer, severities) => {
    expect(judgeReadOnly(view, writer).map(({ severity }) => severity)).toEqual(severities);
  });
});

describe('the redo log', () => {
  const view = settingsWith({ innodb_log_file_size: String(32 * 1_024 ** 2), innodb_buffer_pool_size: '1073741824' });
  const filled = (percent: number, writtenPerSecond: number, before = 86_400 * writtenPerSecond) =>
    judgeRedoLog(
      view,
      countersWith(
        { Innodb_os_log_written: 2 * writtenPerSecond },
        {
          Innodb_checkpoint_age: percent * 260_000,
          Innodb_checkpoint_max_age: 26_000_000,
          Innodb_os_log_written: before,
        },
      ),
      thresholds,
    );

  it.each([
    ['full under steady writing', 99, 5e6, 1],
    ['a bulk load that the flushing keeps up with', 89, 17e6, 0],
    ['overwritten several times a second', 10, 90e6, 1],
    ['full of old pages on a quiet server', 99, 1e4, 0],
  ])('%s', (_, percent, writtenPerSecond, count) => {
    expect(filled(percent, writtenPerSecond)).toHaveLength(count);
  });

  it('is no warning where one large statement fills it once', () => {
    expect(filled(99, 25e6, 500e6)[0]?.severity).toBe('info');
    expect(filled(99, 25e6)[0]?.severity).toBe('warning');
  });

  it('grows to an hour of writing, at most the buffer pool', () => {
    const [finding] = filled(99, 5e6);
    expect(finding?.recommendations[0]?.sql).toBe('SET GLOBAL innodb_log_file_size = 1073741824;');
  });
});

describe('statements that the server ends at their limit', () => {
  const ended = (count: number) =>
    judgeStatementLimit(
      settingsWith({ max_statement_time: '0.5' }),
      countersWith({ Max_statement_time_exceeded: count }),
      thresholds,
    );

  it('are reported from one a second on, ours left out', () => {
    expect(ended(4)).toEqual([]);
    expect(ended(40)[0]?.recommendations[0]?.rollback).toBe('SET GLOBAL max_statement_time = 0.5;');
  });
});
