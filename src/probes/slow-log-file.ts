import { open } from 'node:fs/promises';
import { DbcheckError } from '../errors.ts';
import { createDigest, type Digest } from '../slow-log/digest.ts';
import type { DigestClass } from '../slow-log/summary.ts';
import { slowLogBytes } from '../targets/cloud-logs.ts';
import { isBesideServer, serverPath } from '../targets/locality.ts';
import { isOn, numericVariable, type ServerFacts } from '../targets/server-facts.ts';
import type { Target } from '../targets/target.ts';
import { type Blindness, isBlind, type Probe, type ProbeSource } from './probe.ts';
import type { WindowParams } from './slow-log-table.ts';
import { evidenceRow, type SlowPattern, type SlowPatterns } from './slow-pattern.ts';

/** A slow log may have gigabytes; the end of it is read up to this size. */
const maxBytes = 256 * 1024 * 1024;
const chunkBytes = 4 * 1024 * 1024;

/** The file where dbcheck can read it: as configured, else as the server names it when we run beside it. */
export function slowLogPath(target: Target, facts: ServerFacts): string | undefined {
  if (target.serviceId !== undefined) return target.slowLog;
  return target.slowLog ?? (isBesideServer(target, facts) ? serverPath(facts, 'slow_query_log_file') : undefined);
}

export function writesSlowLogFile(facts: ServerFacts, target: Target): boolean {
  const writes = isOn(facts, 'slow_query_log') && /file/i.test(facts.variables['log_output'] ?? 'FILE');
  return writes && (slowLogPath(target, facts) !== undefined || target.serviceId !== undefined);
}

/** The end of the slow log file, digested for a window. */
export const slowLogFile: Probe<WindowParams, SlowPatterns> = {
  name: 'slow-log-file',
  needs: [],
  blocked: (facts, target) => {
    if (!isOn(facts, 'slow_query_log')) {
      return {
        code: 'coverage.slow_log_off',
        summary: 'slow queries: the slow log is off and performance_schema has no digests',
        fix: 'SET GLOBAL slow_query_log = ON;',
      };
    }
    return slowLogPath(target, facts) === undefined && target.serviceId === undefined
      ? {
          code: 'coverage.slow_log_unreadable',
          summary: 'slow queries: the slow log is a file on a host that dbcheck cannot read',
          fix: "slowLog: in dbcheck.yml, or SET GLOBAL log_output = 'TABLE';",
        }
      : undefined;
  },
  async collect(source, { hours, endHoursAgo }) {
    const path = slowLogPath(source.target, source.facts);
    // The log holds the server's time, and its clock may not agree with ours.
    const clock = await source.query('SELECT UNIX_TIMESTAMP() AS now');
    const nowMs = Number(clock.rows[0]?.['now'] ?? source.now() / 1_000) * 1_000;
    const until = nowMs - endHoursAgo * 3_600_000;
    const digest = createDigest({
      since: new Date(until - hours * 3_600_000),
      ...(endHoursAgo > 0 ? { until: new Date(until) } : {}),
    });
    const read =
      path === undefined
        ? await digestArchive(source, { fromMs: until - hours * 3_600_000, toMs: until }, digest)
        : await digestFile(source, path, digest);
    if (isBlind(read)) return read;
    const { classes, events } = digest.end();
    const data: SlowPatterns = {
      source: 'slow log file',
      windowSeconds: hours * 3_600,
      patterns: classes.filter(({ sample }) => !sample.startsWith('/* dbcheck')).map(asPattern),
      events,
      oneIn: numericVariable(source.facts, 'log_slow_rate_limit') ?? 1,
    };
    const { what: sql, truncated } = read;
    return { data, rows: data.patterns.slice(0, 100).map(evidenceRow), sql, windowSeconds: hours * 3_600, truncated };
  },
};

interface WhatWasRead {
  readonly what: string;
  readonly truncated: boolean;
}

async function digestFile(source: ProbeSource, path: string, digest: Digest): Promise<WhatWasRead | Blindness> {
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      const buffer = Buffer.alloc(chunkBytes);
      for (let at = Math.max(0, size - maxBytes); at < size; ) {
        source.signal?.throwIfAborted();
        const { bytesRead } = await file.read(buffer, 0, chunkBytes, at);
        if (bytesRead === 0) break;
        digest.write(buffer.subarray(0, bytesRead));
        at += bytesRead;
      }
      const what = `read ${path}, the last ${Math.min(size, maxBytes)} of ${size} bytes`;
      return { what, truncated: size > maxBytes };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined) throw error;
    return {
      code: 'coverage.slow_log_unreadable',
      summary: `slow queries: ${path} cannot be read (${code})`,
      fix: `let the user of dbcheck read ${path}`,
    };
  }
}

async function digestArchive(
  source: ProbeSource,
  window: { readonly fromMs: number; readonly toMs: number },
  digest: Digest,
): Promise<WhatWasRead | Blindness> {
  const { target, cloudLogs } = source;
  const blind = (why: string, fix: string): Blindness => {
    return { code: 'coverage.slow_log_unreadable', summary: `slow queries: ${why}`, fix };
  };
  try {
    const log = await cloudLogs?.read('slow-query-log', window, source.signal);
    if (!log || log.files.length === 0)
      return blind(
        `the archive of service ${target.serviceId} at MariaDB Cloud holds no slow log of this window`,
        `check serviceId of ${target.name} in dbcheck.yml, and that the service archives its slow log`,
      );
    for (const { content } of log.files) digest.write(slowLogBytes(content));
    return { what: log.asked, truncated: log.truncated };
  } catch (error) {
    if (!(error instanceof DbcheckError) || error.code !== 'cloud_logs') throw error;
    return blind(error.message, 'check SKYSQL_API_KEY and SKYSQL_API_URL in the environment of dbcheck');
  }
}

/** A class of the digest as every source of patterns gives it. */
export function asPattern(one: DigestClass): SlowPattern {
  return {
    id: one.id,
    fingerprint: one.fingerprint,
    count: one.count,
    totalSeconds: one.queryTimeSumUs / 1e6,
    lockSeconds: one.lockTimeSumUs / 1e6,
    p95Seconds: one.p95Us / 1e6,
    maxSeconds: one.maxUs / 1e6,
    rowsExamined: one.rowsExaminedSum,
    rowsSent: one.rowsSentSum,
    tmpDiskTables: one.tmpDiskTablesSum,
    users: one.users,
    schema: one.schema,
    sample: one.sampleIsCut ? undefined : one.sample,
    firstSeen: one.firstSeen ?? undefined,
    lastSeen: one.lastSeen ?? undefined,
  };
}
