import { describe, expect, it } from 'vitest';
import { judgeDeprecated } from '../../src/judgements/deprecated.ts';
import { judgeDurability } from '../../src/judgements/durability.ts';
import { judgeGeneralLog, judgeSlowLog } from '../../src/judgements/logging.ts';
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
