import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../lab/slack/block-kit/limits.ts';
import { validateMessage } from '../../../lab/slack/block-kit/message.ts';
import { validateView } from '../../../lab/slack/block-kit/view.ts';
import type { JsonObject } from '../../../lab/slack/nouns.ts';

const x = (count: number): string => 'x'.repeat(count);
const plain = (text: string): JsonObject => ({ type: 'plain_text', text });
const mrkdwn = (text: string): JsonObject => ({ type: 'mrkdwn', text });
const section = (text: string): JsonObject => ({ type: 'section', text: mrkdwn(text) });
const button = (extra: JsonObject = {}): JsonObject => ({
  type: 'button',
  action_id: 'a',
  text: plain('Go'),
  ...extra,
});
const actions = (...elements: readonly JsonObject[]): JsonObject => ({ type: 'actions', elements });
const cell = (text: string): JsonObject => ({ type: 'raw_text', text });
const rich = (...elements: readonly JsonObject[]): JsonObject => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
});
const table = (extra: JsonObject = {}): JsonObject => ({
  type: 'data_table',
  caption: 'Waits',
  rows: [[cell('thread')], [{ type: 'raw_number', value: 8412, text: '8412' }]],
  ...extra,
});
const chart = (extra: JsonObject = {}): JsonObject => ({
  type: 'data_visualization',
  title: 'Lag',
  chart: {
    type: 'line',
    axis_config: { categories: ['10:00', '10:01'], y_label: 'seconds' },
    series: [
      {
        name: 'replica-1',
        data: [
          { label: '10:00', value: 0 },
          { label: '10:01', value: 12 },
        ],
      },
    ],
    ...extra,
  },
});
const task = (extra: JsonObject = {}): JsonObject => ({ task_id: 't', title: 'Locks', status: 'complete', ...extra });

/** Each as `severity path code`. */
function verdict(...blocks: readonly JsonObject[]): readonly string[] {
  return validateMessage({ text: 'said in words', blocks }).map(
    (violation) => `${violation.severity} ${violation.path} ${violation.code}`,
  );
}

describe('the validator of messages', () => {
  it('finds nothing wrong with a message of every type of block', () => {
    expect(
      verdict(
        { type: 'header', text: plain('orders-prod is degraded') },
        section('*One* transaction blocks 14 others'),
        { type: 'section', fields: [mrkdwn('*Waiters*\n14'), plain('312 s')], accessory: button() },
        { type: 'context', elements: [mrkdwn('evidence e3'), plain('now')] },
        { type: 'divider' },
        actions(button({ style: 'danger', value: 'run:1', confirm: confirm() }), button({ action_id: 'b' })),
        { type: 'image', alt_text: 'lag over time', image_url: 'https://example.com/a.png' },
        { type: 'markdown', text: '**bold**' },
        rich({ type: 'text', text: 'KILL QUERY 8412', style: { code: true } }),
        table(),
        chart(),
        { type: 'plan', title: 'Agents', tasks: [task({ output: rich({ type: 'text', text: 'done' }) })] },
        { type: 'card', title: mrkdwn('orders-prod'), actions: [button()] },
        { type: 'carousel', elements: [{ type: 'card', body: mrkdwn('x') }] },
        { type: 'container', title: plain('Evidence'), child_blocks: [section('rows')], is_collapsible: true },
        {
          type: 'context_actions',
          elements: [
            {
              type: 'feedback_buttons',
              action_id: 'feedback',
              positive_button: { text: plain('Useful'), value: 'up' },
              negative_button: { text: plain('Not useful'), value: 'down' },
            },
          ],
        },
      ),
    ).toEqual([]);
  });

  const refused: readonly (readonly [string, readonly JsonObject[], readonly string[]])[] = [
    ['51 blocks', Array.from({ length: 51 }, () => ({ type: 'divider' })), ['refused /blocks too_many']],
    ['an unknown type', [{ type: 'chart' }], ['refused /blocks/0/type unknown_type']],
    ['a block without type', [{ text: 'x' }], ['refused /blocks/0/type missing']],
    ['a section of 3,001 characters', [section(x(3_001))], ['refused /blocks/0/text/text too_long']],
    ['an empty section', [section('')], ['refused /blocks/0/text/text empty']],
    ['a section without text and fields', [{ type: 'section' }], ['refused /blocks/0 missing']],
    ['a header in mrkdwn', [{ type: 'header', text: mrkdwn('x') }], ['refused /blocks/0/text/type invalid_value']],
    ['a header of 151', [{ type: 'header', text: plain(x(151)) }], ['refused /blocks/0/text/text too_long']],
    [
      '11 fields',
      [{ type: 'section', fields: Array.from({ length: 11 }, () => plain('x')) }],
      ['refused /blocks/0/fields too_many'],
    ],
    [
      'a field of 2,001',
      [{ type: 'section', fields: [plain(x(2_001))] }],
      ['refused /blocks/0/fields/0/text too_long'],
    ],
    ['a misspelt key', [{ ...section('x'), txt: 'y' }], ['refused /blocks/0/txt not_allowed_here']],
    [
      '11 context elements',
      [{ type: 'context', elements: Array.from({ length: 11 }, () => plain('x')) }],
      ['refused /blocks/0/elements too_many'],
    ],
    ['no actions', [actions()], ['refused /blocks/0/elements too_few']],
    [
      '26 actions',
      [actions(...Array.from({ length: 26 }, (_, index) => button({ action_id: `a${index}` })))],
      ['refused /blocks/0/elements too_many'],
    ],
    ['one action_id twice', [actions(button(), button())], ['refused /blocks/0/elements/1/action_id duplicate']],
    [
      'one block_id twice',
      [
        { ...section('a'), block_id: 'b' },
        { ...section('c'), block_id: 'b' },
      ],
      ['refused /blocks/1/block_id duplicate'],
    ],
    ['a block_id of 256', [{ ...section('a'), block_id: x(256) }], ['refused /blocks/0/block_id too_long']],
    ['a button of 76', [actions(button({ text: plain(x(76)) }))], ['refused /blocks/0/elements/0/text/text too_long']],
    ['a value of 2,001', [actions(button({ value: x(2_001) }))], ['refused /blocks/0/elements/0/value too_long']],
    ['a style unknown', [actions(button({ style: 'red' }))], ['refused /blocks/0/elements/0/style invalid_value']],
    [
      'a confirm of 301',
      [actions(button({ confirm: confirm(x(301)) }))],
      ['refused /blocks/0/elements/0/confirm/text/text too_long'],
    ],
    [
      'feedback buttons in actions',
      [actions({ type: 'feedback_buttons' })],
      ['refused /blocks/0/elements/0/type not_allowed_here'],
    ],
    ['101 options', [actions(select(101))], ['refused /blocks/0/elements/0/options too_many']],
    [
      'an image without alt text',
      [{ type: 'image', image_url: 'https://a/b.png' }],
      ['refused /blocks/0/alt_text missing'],
    ],
    [
      'an image with two sources',
      [{ type: 'image', alt_text: 'a', image_url: 'https://a/b.png', slack_file: { id: 'F1' } }],
      ['refused /blocks/0 conflict'],
    ],
    [
      'markdown of 12,001',
      [{ type: 'markdown', text: x(12_001) }],
      ['refused /blocks/0/text too_long', 'warning /blocks total_too_long'],
    ],
    ['two tables', [table(), table()], ['refused /blocks too_many_tables']],
    [
      'a table beside a markdown table',
      [table(), { type: 'markdown', text: '| a | b |\n|---|---|\n| 1 | 2 |' }],
      ['refused /blocks too_many_tables'],
    ],
    ['a table without caption', [table({ caption: undefined })], ['refused /blocks/0/caption missing']],
    ['a table of the header only', [table({ rows: [[cell('a')]] })], ['refused /blocks/0/rows too_few']],
    [
      'a table of 102 rows',
      [table({ rows: Array.from({ length: 102 }, () => [cell('a')]) })],
      ['refused /blocks/0/rows too_many'],
    ],
    [
      'a table with a short row',
      [table({ rows: [[cell('a'), cell('b')], [cell('c')]] })],
      ['refused /blocks/0/rows/1 invalid_value'],
    ],
    [
      'a rich header cell',
      [table({ rows: [[rich({ type: 'text', text: 'a' })], [cell('b')]] })],
      ['refused /blocks/0/rows/0/0/type invalid_value'],
    ],
    ['an empty cell', [table({ rows: [[cell('a')], [cell('')]] })], ['refused /blocks/0/rows/1/0/text empty']],
    [
      'cells of 10,001 in all',
      [table({ rows: [[cell('a')], [cell(x(10_000))]] })],
      ['refused /blocks/0/rows too_long', 'warning /blocks total_too_long'],
    ],
    ['a page of 0 rows', [table({ page_size: 0 })], ['refused /blocks/0/page_size out_of_range']],
    ['three charts', [section('x'), chart(), chart(), chart()], ['refused /blocks too_many']],
    ['7 series', [section('x'), chart({ series: manySeries(7) })], ['refused /blocks/1/chart/series too_many']],
    [
      'series of one name',
      [section('x'), chart({ series: [...manySeries(1), ...manySeries(1)] })],
      ['refused /blocks/1/chart/series/1/name duplicate'],
    ],
    [
      'labels that are no categories',
      [section('x'), chart({ axis_config: { categories: ['a', 'b'] } })],
      ['refused /blocks/1/chart/series/0/data invalid_value'],
    ],
    [
      'a status "completed"',
      [{ type: 'task_card', ...task({ status: 'completed' }) }],
      ['refused /blocks/0/status invalid_value'],
    ],
    [
      'task details as text',
      [{ type: 'task_card', ...task({ details: 'x' }) }],
      ['refused /blocks/0/details wrong_type'],
    ],
    [
      'plan beside task_card',
      [
        { type: 'plan', title: 'p' },
        { type: 'task_card', ...task() },
      ],
      ['refused /blocks conflict'],
    ],
    [
      'a data_table in a container',
      [{ type: 'container', title: plain('t'), child_blocks: [table()] }],
      ['refused /blocks/0/child_blocks/0/type not_allowed_here'],
    ],
    [
      'a collapsed container that cannot',
      [{ type: 'container', title: plain('t'), child_blocks: [section('x')], default_collapsed: true }],
      ['refused /blocks/0/default_collapsed conflict'],
    ],
    [
      '11 cards',
      [{ type: 'carousel', elements: Array.from({ length: 11 }, () => ({ type: 'card', body: mrkdwn('x') })) }],
      ['refused /blocks/0/elements too_many'],
    ],
    ['a card body of 201', [{ type: 'card', body: mrkdwn(x(201)) }], ['refused /blocks/0/body/text too_long']],
    ['an alert in a message', [{ type: 'alert', text: plain('x') }], ['refused /blocks/0/type not_allowed_here']],
    [
      'a list of raw text in rich text',
      [
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_list', style: 'bullet', elements: [{ type: 'text', text: 'x' }] }],
        },
      ],
      ['refused /blocks/0/elements/0/elements/0/type not_allowed_here'],
    ],
    [
      'a mention in preformatted text',
      [
        {
          type: 'rich_text',
          elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'user', user_id: 'U1' }] }],
        },
      ],
      ['refused /blocks/0/elements/0/elements/0/type unknown_type'],
    ],
    [
      '13,201 characters in all',
      [...[1, 2, 3, 4].map(() => section(x(3_000))), section(x(1_201))],
      ['refused /blocks total_too_long'],
    ],
  ];
  it.each(refused)('refuses %s', (_name, blocks, expected) => {
    expect(verdict(...blocks)).toEqual(expected);
  });

  it('warns above 10,000 characters and accepts 13,200', () => {
    const blocks = [...[1, 2, 3, 4].map(() => section(x(3_000))), section(x(1_200))];
    expect(verdict(...blocks)).toEqual(['warning /blocks total_too_long']);
  });

  it('counts it a fault when blocks come without words for screen readers', () => {
    expect(validateMessage({ blocks: [section('x')] })).toMatchObject([
      { path: '/text', code: 'no_text', severity: 'fault' },
    ]);
  });

  it('counts it a fault when a chart has no words beside it', () => {
    expect(verdict(chart())).toEqual(['fault /blocks no_text_twin']);
  });

  it('checks the blocks of attachments', () => {
    expect(validateMessage({ text: 'x', attachments: [{ blocks: [{ type: 'nope' }] }] })).toMatchObject([
      { path: '/attachments/0/blocks/0/type' },
    ]);
  });

  it('never throws, whatever it is given', () => {
    const anyBlock = fc.record(
      {
        type: fc.constantFrom(
          'section',
          'table',
          'data_table',
          'data_visualization',
          'rich_text',
          'plan',
          'container',
          'actions',
          'card',
        ),
        text: fc.anything(),
        elements: fc.anything(),
        rows: fc.anything(),
        chart: fc.anything(),
        tasks: fc.anything(),
        child_blocks: fc.anything(),
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(anyBlock, fc.anything()), { maxLength: 5 }), (blocks) => {
        expect(Array.isArray(validateMessage({ text: 'x', blocks }))).toBe(true);
      }),
    );
  });
});

describe('the validator of views', () => {
  const modal = (extra: JsonObject = {}): JsonObject => ({ type: 'modal', title: plain('Kill'), blocks: [], ...extra });
  const field = { type: 'input', label: plain('Why'), element: { type: 'plain_text_input', action_id: 'why' } };

  it('takes a modal with an input and a home tab of 100 blocks', () => {
    expect(validateView(modal({ submit: plain('Kill'), blocks: [field] }))).toEqual([]);
    const blocks = Array.from({ length: limits.viewBlocks }, () => ({ type: 'divider' }));
    expect(validateView({ type: 'home', blocks })).toEqual([]);
  });

  it.each([
    ['a title of 25', modal({ title: plain(x(25)) }), '/title/text'],
    ['an input without submit', modal({ blocks: [field] }), '/submit'],
    ['101 blocks', modal({ blocks: Array.from({ length: 101 }, () => ({ type: 'divider' })) }), '/blocks'],
    ['private_metadata of 3,001', modal({ private_metadata: x(3_001) }), '/private_metadata'],
    ['a plan', modal({ blocks: [{ type: 'plan', title: 'p' }] }), '/blocks/0/type'],
    ['a title on a home tab', { type: 'home', title: plain('x'), blocks: [] }, '/title'],
    ['no blocks', { type: 'home' }, '/blocks'],
  ])('refuses %s', (_name, view, path) => {
    expect(validateView(view).map((violation) => violation.path)).toEqual([path]);
  });
});

function confirm(text = 'Kill query 8412?'): JsonObject {
  return { title: plain('Sure?'), text: plain(text), confirm: plain('Kill'), deny: plain('Cancel') };
}

function select(count: number): JsonObject {
  const options = Array.from({ length: count }, (_, index) => ({ text: plain(`o${index}`), value: `v${index}` }));
  return { type: 'static_select', action_id: 'choose', placeholder: plain('Choose'), options };
}

function manySeries(count: number): readonly JsonObject[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `s${index}`,
    data: [
      { label: '10:00', value: 1 },
      { label: '10:01', value: 2 },
    ],
  }));
}
