import { appendFile, readFile } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '../../lab/faults/steps.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { checkAgents } from '../support/check.ts';

let server: LabServer | undefined;
afterEach(async () => server?.stop());

async function check(overrides: Parameters<typeof targetEntry>[1] = {}) {
  if (!server) throw new Error('no server');
  const report = await checkAgents([targetEntry(server, overrides)], ['running_query', 'incident_triage']);
  // A lab server may warn of the machine that it runs on when it starts.
  return { ...report, findings: report.findings.filter(({ code }) => code !== 'incident.error_log') };
}

describe('a server that does not answer', () => {
  it('that crashed is told so by its error log, and the crash is the cause', async () => {
    server = await startServer();
    await server.kill('SIGSEGV');
    const { errorLog } = server;
    await waitFor('the crash in the log', async () => (await readFile(errorLog, 'utf8')).includes('got signal 11'));
    const report = await check();
    expect(report.verdict).toBe('critical');
    expect(report.findings.map(({ code, facts }) => [code, facts['signal']])).toEqual([
      ['incident.crash_restart', 11],
      ['incident.unreachable', undefined],
    ]);
    expect(report.rootCauses).toEqual(['f1']);
    expect(report.evidence.map(({ probe }) => probe)).toEqual(['connect', 'last-words']);
  });

  it('and whose disk failed shows the error beside the silence; a start that was given up ties them', async () => {
    server = await startServer();
    await server.kill('SIGKILL');
    const at = new Date(Date.now() - 60_000).toISOString().slice(0, 19).replace('T', ' ');
    await appendFile(
      server.errorLog,
      `${at} 0 [ERROR] InnoDB: Write to file ./ib_logfile0 failed at offset 0, 4096 bytes should have been written\n${at} 0 [ERROR] Aborting\n`,
    );
    const report = await check();
    const codes = report.findings.map(({ code }) => code);
    expect(codes).toEqual(['incident.disk_error', 'incident.start_failed', 'incident.unreachable']);
    expect(report.rootCauses).toEqual(['f1']);
  });

  it('and was shut down in order is unreachable because of that', async () => {
    server = await startServer();
    await server.kill('SIGTERM');
    const { errorLog } = server;
    await waitFor('the end of the shutdown', async () =>
      (await readFile(errorLog, 'utf8')).includes('Shutdown complete'),
    );
    const report = await check();
    expect(report.findings.map(({ code }) => code).toSorted()).toEqual(['incident.shut_down', 'incident.unreachable']);
    expect(report.findings.find(({ code }) => code === 'incident.unreachable')?.causedBy).toHaveLength(1);
  });

  it('and whose log cannot be read either leaves a gap that says so', async () => {
    server = await startServer();
    await server.kill('SIGKILL');
    const report = await check({ errorLog: '/nowhere/error.log' });
    expect(report.findings.map(({ code }) => code)).toEqual(['incident.unreachable']);
    expect(report.coverage.map(({ code }) => code)).toEqual(['coverage.error_log_unreadable']);
  });
});
