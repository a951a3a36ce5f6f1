import { describe, expect, it } from 'vitest';
import { maskReport } from '../../src/report/mask-report.ts';
import { renderText } from '../../src/report/text.ts';
import { finding, report } from '../support/reports.ts';

const kill = { kind: 'connection', thread: 7, queryId: 9, host: '10.2.3.4', seconds: 3 } as const;
const recommendation = { action: 'End thread 7 of anna@shop.test', sql: 'KILL 7', risk: 'disruptive' } as const;

describe('a report that leaves the process', () => {
  it('has the same mark for the same secret everywhere, and says how much was masked', () => {
    const masked = maskReport(
      report({
        findings: [
          finding('f1', {
            subject: 'anna@shop.test',
            summary: 'anna@shop.test and ben@shop.test wait.',
            facts: { user: 'ben@shop.test', waiters: 2 },
            table: { caption: 'Who', columns: ['who'], rows: [['anna@shop.test']] },
          }),
        ],
      }),
    );
    const [first] = masked.findings;
    expect(first).toMatchObject({
      subject: '[email-1]',
      summary: '[email-1] and [email-2] wait.',
      facts: { user: '[email-2]', waiters: 2 },
      table: { rows: [['[email-1]']] },
    });
    expect(masked.masked).toBe(5);
    expect(renderText(masked)).toContain('Masked: 5 values');
  });

  it('offers no end of a session whose account may not be named', () => {
    const kills = ['anna@shop.test', 'app'].map((user) => ({ ...recommendation, kill: { ...kill, user } }));
    const masked = maskReport(report({ findings: [finding('f1', { recommendations: kills })] }));
    expect(masked.findings[0]?.recommendations.map((one) => one.kill?.user)).toEqual([undefined, 'app']);
  });

  it('keeps the names by which findings are known: fingerprint ids and directories', () => {
    const id = '5E916C820E167F817DCCB7E0AF244C0B';
    const path = '/srv/lab-16865-Tw1KNIq9ZbX2/mariadb-data';
    const { findings } = maskReport(
      report({
        findings: [
          finding('f1', { code: 'query.regression', subject: id, summary: `${id} against ${'0'.repeat(32)}` }),
          finding('f2', { code: 'capacity.disk_near_full', subject: path, facts: { path } }),
        ],
      }),
    );
    expect(findings.map(({ subject }) => subject)).toEqual([id, path]);
    expect(findings[0]?.summary).toBe(`${id} against [secret-1]`);
  });

  it('shows hosts unless they are to be masked', () => {
    const draft = report({ findings: [finding('f1', { subject: 'app@10.2.3.4' })] });
    expect(maskReport(draft).findings[0]?.subject).toBe('app@10.2.3.4');
    expect(maskReport(draft, { hosts: true }).findings[0]?.subject).toMatch(/^app@\[host-\d\]$/);
  });

  it('says nothing of masks where there are none', () => {
    const masked = maskReport(report());
    expect([masked.masked, renderText(masked).includes('Masked')]).toEqual([0, false]);
  });
});
