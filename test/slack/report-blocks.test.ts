import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { liveMentions } from '../../lab/slack/block-kit/live-mentions.ts';
import { validateMessage } from '../../lab/slack/block-kit/message.ts';
import type { Finding } from '../../src/report/finding.ts';
import type { Report } from '../../src/report/report.ts';
import { charactersOf } from '../../src/slack/posting/blocks.ts';
import { limits } from '../../src/slack/posting/limits.ts';
import type { SlackMessage } from '../../src/slack/posting/posting.ts';
import { detailsMessages } from '../../src/slack/report/details.ts';
import { reportMessages } from '../../src/slack/report/report-blocks.ts';
import { answer, finding, report, result } from '../support/reports.ts';

const hostile = fc.oneof(
  fc.constantFrom(
    '<!channel>',
    '<!here|x>',
    '<@U0ADA00001>',
    '<#C0INCIDENT|x>',
    '<https://evil.example|orders-prod>',
    'https://evil.example',
    '[click](https://evil.example)',
    '```',
    '`*_~',
    ':rotating_light:',
    '\u0000\u001b[31m',
    '\u202Eevil\u202C',
    '&lt;!channel&gt;',
    '',
    ' ',
    '\n\n',
    'x'.repeat(5_000),
    '🐘'.repeat(3_000),
    '\ud800',
  ),
  fc.string({ unit: 'binary', maxLength: 300 }),
);
const words = fc.array(hostile, { maxLength: 3 }).map((parts) => parts.join(' '));

const anyFinding = fc.record({
  severity: fc.constantFrom('critical', 'warning', 'info'),
  confidence: fc.constantFrom('certain', 'likely', 'possible'),
  subject: words,
  title: words,
  summary: words,
  target: words,
  picture: fc.array(words, { maxLength: 5 }),
  table: fc.record({
    caption: words,
    columns: fc.array(words, { minLength: 1, maxLength: 4 }),
    rows: fc.array(fc.array(fc.oneof(words, fc.double()), { maxLength: 4 }), { maxLength: 5 }),
  }),
  chart: fc.record({
    kind: fc.constantFrom('line', 'bar'),
    title: words,
    unit: words,
    series: fc.array(words, { minLength: 1, maxLength: 8 }),
    points: fc.array(fc.record({ label: words, values: fc.array(fc.double(), { maxLength: 8 }) }), { maxLength: 30 }),
  }),
  recommendations: fc.array(
    fc.record({
      action: words,
      sql: words,
      risk: fc.constantFrom('safe', 'needs_staging', 'disruptive', 'destructive'),
      rollback: words,
    }),
    { maxLength: 3 },
  ),
});

const anyReport: fc.Arbitrary<Report> = fc
  .record({
    target: words,
    verdict: fc.constantFrom('healthy', 'degraded', 'critical', 'unknown'),
    narrative: words,
    conclusion: fc.record({ answer: fc.constant('yes'), text: words, findings: fc.constant([]) }),
    notes: fc.array(words, { maxLength: 3 }),
    findings: fc.array(anyFinding, { maxLength: 12 }),
    roots: fc.nat(4),
    coverage: fc.array(fc.record({ code: words, agent: words, target: words, summary: words, fix: words }), {
      maxLength: 9,
    }),
    reason: words,
  })
  .map(({ findings, roots, reason, ...rest }) => {
    const numbered = findings.map((one, index) => finding(`f${index + 1}`, one as Partial<Finding>));
    return report({
      ...(rest as Partial<Report>),
      findings: numbered,
      rootCauses: numbered.slice(0, roots).map(({ id }) => id),
      results: [result('running_query', { headline: reason }), result('capacity', { status: 'failed', reason })],
    });
  });

function checkMessages(subject: Report): void {
  for (const verbosity of ['brief', 'normal', 'full'] as const) {
    checkAll(reportMessages(subject, 'T1:C1:1.1#0', verbosity).messages);
  }
  checkAll(detailsMessages(subject).messages);
}

function checkAll(messages: readonly SlackMessage[]): void {
  expect(messages.length).toBeGreaterThan(0);
  for (const message of messages.flatMap((one) => (one.plain ? [one, { ...one, blocks: one.plain }] : [one]))) {
    const payload = { text: message.text, blocks: message.blocks };
    const refused = validateMessage(payload).filter(({ severity }) => severity !== 'warning');
    expect(refused).toEqual([]);
    expect(liveMentions(payload)).toEqual([]);
    expect(message.blocks.length).toBeLessThanOrEqual(limits.blocks);
    expect(charactersOf(message.blocks)).toBeLessThanOrEqual(limits.messageCharacters);
    expect(message.text.trim()).not.toBe('');
    expect(message.text.length).toBeLessThanOrEqual(4_000);
  }
}

describe('a report as Slack messages', () => {
  it('is valid and has nothing live in it, whatever a server or a model wrote', () => {
    fc.assert(fc.property(anyReport, checkMessages), { numRuns: 100, endOnFailure: true });
  });

  it('says in its first line that it could not compare with the past where that was asked, however brief it is', () => {
    const gaps = [
      {
        code: 'coverage.performance_schema_off',
        agent: 'slow_query',
        target: 'orders-prod',
        summary: 'digests: off',
        fix: 'ON',
      },
      {
        code: 'coverage.no_history',
        agent: 'slow_query',
        target: 'orders-prod',
        summary: 'the comparison of 1 d: no history yet',
        fix: 'wait',
      },
    ];
    const calm = { verdict: 'healthy', findings: [], rootCauses: [], coverage: gaps } as const;
    const plan = (params: Record<string, boolean>) =>
      ({
        kind: 'run',
        agents: [
          { agent: 'slow_query', params },
          { agent: 'running_query', params: {} },
        ],
        source: 'rules',
        targets: ['orders-prod'],
      }) as const;
    const compared = report({ ...calm, plan: plan({ compare_to_previous: true }) });
    const { messages } = reportMessages(compared, 'ref', 'brief');
    expect(messages[0]?.text).toBe(
      '🟢 Healthy · orders-prod · nothing above its threshold; unknown is the comparison of 1 d: no history yet',
    );
    expect(JSON.stringify(messages)).toContain('Could not see: the comparison of 1 d');
    const [plain] = reportMessages(report({ ...calm, plan: plan({}) }), 'ref', 'brief').messages;
    expect(plain?.text).toBe('🟢 Healthy · orders-prod · nothing above its threshold');
  });

  it('sends to Details what a brief report leaves out and no file holds, with what could not be seen', () => {
    const gap = (name: string) => ({
      code: 'coverage.missing_privilege',
      agent: 'backup',
      target: 'orders-prod',
      summary: `${name}: hidden`,
      fix: `GRANT ${name}`,
    });
    const subject = report({ coverage: [gap('one'), gap('two'), gap('three')] });
    const { messages, attachment } = reportMessages(subject, 'ref', 'brief');
    expect(JSON.stringify(messages)).toContain('and 2 more, press Details');
    expect(attachment?.ifRefused).toBe(true);
    expect(JSON.stringify(detailsMessages(subject).messages)).toContain('three: hidden. To see it: GRANT three');
  });

  it('answers a question that wants yes or no at once, however brief it is', () => {
    const text = 'Is it the database? Yes: 9 sessions wait behind one idle transaction · thread 5 (1).';
    const { messages } = reportMessages(report({ conclusion: { answer: 'yes', text, findings: [] } }), 'ref', 'brief');
    expect(JSON.stringify(messages[0]?.blocks.slice(0, 2))).toContain(text);
  });

  it('is valid for any answer in words', () => {
    fc.assert(
      fc.property(words, (text) => checkMessages(answer(text))),
      { numRuns: 100, endOnFailure: true },
    );
  });

  it('with 300 findings stays short and attaches the whole', () => {
    const findings = Array.from({ length: 300 }, (_, index) =>
      finding(`f${index + 1}`, { subject: `shop.table_${index}`, causedBy: index > 0 && index < 200 ? ['f1'] : [] }),
    );
    const long = report({ findings });
    checkMessages(long);
    const { messages, attachment } = reportMessages(long, 'ref');
    expect(messages.length).toBeLessThanOrEqual(2);
    expect(attachment).toMatchObject({ name: 'report.txt', ifRefused: false });
    expect(attachment?.text).toContain('shop.table_299');
  });
});
