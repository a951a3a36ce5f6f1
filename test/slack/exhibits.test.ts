import { afterEach, describe, expect, it } from 'vitest';
import type { FindingChart, FindingTable } from '../../src/report/finding.ts';
import { chartBlocks, inWords } from '../../src/slack/report/finding-chart.ts';
import { tableBlock } from '../../src/slack/report/finding-table.ts';
import { finding, report } from '../support/reports.ts';
import { type SlackBench, startSlackBench } from '../support/slack-bench.ts';

let bench: SlackBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

const table: FindingTable = {
  caption: 'Sessions that wait',
  columns: ['thread', 'account', 'waits s'],
  rows: Array.from({ length: 130 }, (_, index) => [8_420 + index, 'app@10.2.3.4', 290 - index]),
};
const chart: FindingChart = {
  kind: 'line',
  title: 'Lag of orders-replica-1',
  unit: 's',
  series: ['lag'],
  points: Array.from({ length: 61 }, (_, minute) => ({
    label: `03:${String(minute).padStart(2, '0')}`,
    values: [minute * 2],
  })),
};
const rich = report({ findings: [finding('f1', { table, chart })] });
const isReport = ({ text }: { readonly text: string }) => text.includes('🔴 Critical');

describe('the evidence of a finding', () => {
  it('is a table that can be sorted and a chart with the same in words', async () => {
    bench = await startSlackBench({ answer: () => rich });
    const { workspace } = bench;
    const told = await workspace.waitForReply(workspace.user('ada').mention('incidents', 'lag?'), isReport);
    expect(told.blocks.map(({ type }) => type)).toEqual(expect.arrayContaining(['data_table', 'data_visualization']));
    const shown = workspace.render([told]);
    expect(shown).toContain('Sessions that wait: 100 of 130 rows');
    expect(shown).toContain('lag from 0 s (03:00) to 120 s (03:60), highest 120 s (03:60)');
  });

  it('arrives in older blocks and as a picture with words for it where Slack refuses the newest', async () => {
    bench = await startSlackBench({ answer: () => rich, violationsExpected: true });
    const { workspace } = bench;
    workspace.trouble.refuseBlockType('data_table');
    workspace.trouble.refuseBlockType('data_visualization');
    const told = await workspace.waitForReply(workspace.user('ada').mention('incidents', 'lag?'), isReport);
    expect(workspace.render([told])).toMatch(/8420 {4}app@10\.2\.3\.4 {2}290[\s\S]*and 85 more rows/);
    const picture = await workspace.waitFor(() => workspace.files().find(({ shared }) => shared !== undefined));
    expect(picture).toMatchObject({ name: 'chart-1.png', mimetype: 'image/png', altText: inWords(chart) });
    expect(picture.content?.subarray(1, 4).toString()).toBe('PNG');
    expect(picture.content?.length).toBeGreaterThan(3_000);
    expect(workspace.calls('chat.postMessage').map(({ error }) => error)).toContain('invalid_blocks');
  });

  it('is attached whole where Slack refuses all blocks', async () => {
    bench = await startSlackBench({ answer: () => rich, violationsExpected: true });
    const { workspace } = bench;
    workspace.trouble.fail('chat.postMessage', 'msg_blocks_too_long', 2);
    const told = await workspace.waitForReply(workspace.user('ada').mention('incidents', 'lag?'), isReport);
    expect(told.blocks).toEqual([]);
    const file = await workspace.waitFor(() =>
      workspace.files().find(({ name, shared }) => name === 'report.txt' && shared),
    );
    expect(file.content?.toString()).toBe(rich.text);
    expect(file.shared?.threadTs).toBe(told.threadTs);
  });
});

describe('Details', () => {
  it('tells everything about the findings, with their tables, to whoever presses it', async () => {
    bench = await startSlackBench({ answer: () => rich });
    const { workspace } = bench;
    const told = await workspace.waitForReply(workspace.user('ada').mention('incidents', 'lag?'), isReport);
    await workspace.user('ben').click(told, 'Details');
    const details = await workspace.waitForReply(told, ({ text }) => text.startsWith('Details: Idle transaction'));
    expect(workspace.render([details])).toContain('Measured: idle 5 min 12 s, waiters 14');
    expect(details.blocks.map(({ type }) => type)).toContain('data_table');
  });

  it('of many findings come as a file too', async () => {
    const findings = Array.from({ length: 300 }, (_, index) =>
      finding(`f${index + 1}`, { subject: `thread ${index}` }),
    );
    bench = await startSlackBench({ answer: () => report({ findings }) });
    const { workspace } = bench;
    const told = await workspace.waitForReply(workspace.user('ada').mention('incidents', 'all?'), isReport);
    await workspace.waitFor(() => workspace.files().find(({ name, shared }) => name === 'report.txt' && shared));
    await workspace.user('ada').click(told, 'Details');
    const file = await workspace.waitFor(() =>
      workspace.files().find(({ name, shared }) => name === 'details.txt' && shared),
    );
    expect(file.content?.toString()).toContain('thread 299');
  });

  it.each([
    ['a turn that is not there', 'T0LAB0001:C0INCIDENT:1.1#7'],
    ['another channel', 'T0LAB0001:C0DBA00001:1700000000.000100#0'],
    ['nonsense', "'; DROP TABLE turns; --"],
  ])('with the value of %s is refused privately', async (_, value) => {
    bench = await startSlackBench({ answer: () => rich });
    const { workspace } = bench;
    const told = await workspace.waitForReply(workspace.user('ada').mention('incidents', 'lag?'), isReport);
    await workspace.user('cleo').click(told, 'Details', { value });
    await workspace.waitForEphemeral('cleo', ({ text }) => text.includes('no longer known'));
  });
});

describe('Re-check', () => {
  it('asks the same again, past the cache, and a double click counts once', async () => {
    bench = await startSlackBench({ answer: () => rich });
    const { workspace, asked } = bench;
    const told = await workspace.waitForReply(workspace.user('ada').mention('incidents', 'lag?'), isReport);
    await workspace.user('ben').click(told, 'Re-check');
    await workspace.waitForReply(told, isReport);
    expect(asked.map(({ text, fresh }) => [text, fresh])).toEqual([
      ['lag?', false],
      ['lag?', true],
    ]);
  });
});

describe('tables and charts', () => {
  it('that would be empty are left out', () => {
    expect(tableBlock({ caption: '', columns: ['a'], rows: [] })).toBeUndefined();
    expect(chartBlocks({ ...chart, points: [{ label: 'x', values: [1] }] })).toBeUndefined();
    expect(
      chartBlocks({ ...chart, points: chart.points.map(({ label }) => ({ label, values: [Number.NaN] })) }),
    ).toBeUndefined();
  });

  it('of bars name the highest, with their unit', () => {
    const bars: FindingChart = {
      kind: 'bar',
      title: 'Time by pattern',
      unit: 's',
      series: ['time'],
      points: [
        { label: 'A', values: [3] },
        { label: 'B', values: [12.34] },
      ],
    };
    expect(inWords(bars)).toBe('Time by pattern: time: most at B 12 s, A 3 s');
  });
});
