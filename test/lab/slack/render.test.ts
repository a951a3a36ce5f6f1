import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../lab/slack/nouns.ts';
import { blockLines } from '../../../lab/slack/render/blocks.ts';

const names = { user: (id: string) => `user-${id}`, channel: (id: string) => `channel-${id}` };
const plain = (text: string): JsonObject => ({ type: 'plain_text', text });
const mrkdwn = (text: string): JsonObject => ({ type: 'mrkdwn', text });
const cell = (text: string): JsonObject => ({ type: 'raw_text', text });
const number = (value: number): JsonObject => ({ type: 'raw_number', value, text: String(value) });
const rich = (...elements: readonly JsonObject[]): JsonObject => ({ type: 'rich_text', elements });
const words = (text: string): JsonObject => ({ type: 'rich_text_section', elements: [{ type: 'text', text }] });

const cases: readonly (readonly [string, JsonObject, readonly string[]])[] = [
  ['header', { type: 'header', text: plain('Degraded') }, ['Degraded', '════════']],
  [
    'section with tokens and entities',
    {
      type: 'section',
      text: mrkdwn('*<@U1>* &lt;b&gt; <https://a.example|docs>\nin <#C1>'),
      accessory: button('Details'),
    },
    ['*@user-U1* <b> docs (https://a.example)', 'in #channel-C1', '[Details]'],
  ],
  ['fields', { type: 'section', fields: [mrkdwn('*Waiters*\n14')] }, ['*Waiters* 14']],
  ['context', { type: 'context', elements: [mrkdwn('e3'), plain('now')] }, ['e3 · now']],
  ['divider', { type: 'divider' }, ['────────']],
  [
    'actions',
    { type: 'actions', elements: [button('Kill query 8412'), { type: 'static_select', placeholder: plain('Target') }] },
    ['[Kill query 8412] [Target ▾]'],
  ],
  [
    'feedback',
    {
      type: 'context_actions',
      elements: [
        { type: 'feedback_buttons', positive_button: { text: plain('Yes') }, negative_button: { text: plain('No') } },
      ],
    },
    ['[Yes] [No]'],
  ],
  ['image', { type: 'image', alt_text: 'lag rises to 312 s' }, ['[image: lag rises to 312 s]']],
  ['markdown', { type: 'markdown', text: '**a**\nb' }, ['**a**', 'b']],
  [
    'rich text',
    rich(
      words('Do this:'),
      { type: 'rich_text_list', style: 'ordered', elements: [words('stop'), words('look')] },
      { type: 'rich_text_list', style: 'bullet', indent: 1, elements: [words('deep')] },
      { type: 'rich_text_quote', elements: [{ type: 'user', user_id: 'U1' }] },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'KILL QUERY 8412;' }] },
    ),
    ['Do this:', '1. stop', '2. look', '  • deep', '> @user-U1', '    KILL QUERY 8412;'],
  ],
  [
    'data_table',
    {
      type: 'data_table',
      caption: 'Who waits',
      rows: [
        [cell('thread'), cell('waited s')],
        [cell('8412'), number(312)],
        [cell('x'), number(4)],
      ],
    },
    ['Who waits', 'thread  waited s', '──────  ────────', '8412         312', 'x              4'],
  ],
  [
    'chart',
    {
      type: 'data_visualization',
      title: 'Lag',
      chart: {
        type: 'line',
        axis_config: { categories: ['10:00', '10:01'], y_label: 's' },
        series: [
          {
            name: 'replica-1',
            data: [
              { label: '10:00', value: 0 },
              { label: '10:01', value: 12 },
            ],
          },
        ],
      },
    },
    ['[line chart] Lag (s)', '  replica-1', '  10:00  0', `  10:01 ${'█'.repeat(24)} 12`],
  ],
  [
    'plan',
    {
      type: 'plan',
      title: 'Agents',
      tasks: [
        { task_id: 'a', title: 'Locks', status: 'complete', output: rich(words('14 waiters')) },
        { task_id: 'b', title: 'Slow', status: 'in_progress' },
        { task_id: 'c', title: 'Disk', status: 'error', details: rich(words('no access')) },
      ],
    },
    ['Agents', '  ✓ Locks — 14 waiters', '  ◐ Slow', '  ✗ Disk — no access'],
  ],
  ['alert', { type: 'alert', level: 'warning', text: plain('Careful') }, ['⚠ Careful']],
  [
    'carousel',
    {
      type: 'carousel',
      elements: [{ type: 'card', title: mrkdwn('orders'), body: mrkdwn('ok'), actions: [button('Check')] }],
    },
    ['│ orders', '│ ok', '│ [Check]'],
  ],
  [
    'container',
    { type: 'container', title: plain('Evidence'), subtitle: plain('3 rows'), child_blocks: [{ type: 'divider' }] },
    ['▾ Evidence — 3 rows', '  ────────'],
  ],
  ['input', { type: 'input', label: plain('Reason'), element: { type: 'plain_text_input' } }, ['Reason: [______]']],
  ['a type nobody knows', { type: 'hologram' }, ['[hologram]']],
];

describe('a block in the terminal', () => {
  it.each(cases)('reads well: %s', (_name, block, lines) => {
    expect(blockLines(block, names)).toEqual(lines);
  });
});

function button(label: string): JsonObject {
  return { type: 'button', text: plain(label) };
}
