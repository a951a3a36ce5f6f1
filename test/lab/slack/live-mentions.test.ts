import { describe, expect, it } from 'vitest';
import { liveMentions } from '../../../lab/slack/block-kit/live-mentions.ts';
import type { JsonObject } from '../../../lab/slack/nouns.ts';

function found(payload: JsonObject): readonly string[] {
  return liveMentions(payload).map((mention) => `${mention.kind} ${mention.path} ${mention.source}`);
}

const section = (text: string, extra: JsonObject = {}): JsonObject => ({
  type: 'section',
  text: { type: 'mrkdwn', text, ...extra },
});

describe('live mentions', () => {
  it('are found in the top-level text and in every mrkdwn', () => {
    expect(
      found({
        text: 'see <!channel>',
        blocks: [
          section('<@U123> and <#C123|dba>'),
          { type: 'section', fields: [{ type: 'mrkdwn', text: '<!subteam^S1>' }] },
          { type: 'context', elements: [{ type: 'mrkdwn', text: '<https://evil.example|click>' }] },
          { type: 'container', child_blocks: [section('<!here>')] },
        ],
      }),
    ).toEqual([
      'broadcast /text <!channel>',
      'user /blocks/0/text/text <@U123>',
      'channel /blocks/0/text/text <#C123|dba>',
      'usergroup /blocks/1/fields/0/text <!subteam^S1>',
      'link /blocks/2/elements/0/text <https://evil.example|click>',
      'broadcast /blocks/3/child_blocks/0/text/text <!here>',
    ]);
  });

  it('are found inside code, because Slack decodes tokens there too', () => {
    expect(found({ blocks: [section('```SELECT "<!channel>"```')] })).toEqual([
      'broadcast /blocks/0/text/text <!channel>',
    ]);
  });

  it('include bare addresses unless the text is verbatim', () => {
    expect(found({ blocks: [section('at https://a.example/x.')] })).toEqual([
      'link /blocks/0/text/text https://a.example/x.',
    ]);
    expect(found({ blocks: [section('at https://a.example', { verbatim: true })] })).toEqual([]);
  });

  it('are found in markdown blocks, stream chunks and markdown_text', () => {
    expect(
      found({
        markdown_text: '[go](https://a.example)',
        blocks: [{ type: 'markdown', text: '@channel and `@here`, ![p](https://b.example/p.png)' }],
        chunks: [{ type: 'markdown_text', text: '<@U1>' }],
      }),
    ).toEqual([
      'link /markdown_text [go](https://a.example)',
      'link /blocks/0/text ![p](https://b.example/p.png)',
      'broadcast /blocks/0/text @channel',
      'user /chunks/0/text <@U1>',
    ]);
  });

  it('are found as elements of rich text, also in tables and tasks', () => {
    const rich = (...elements: readonly JsonObject[]): JsonObject => ({
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements }],
    });
    const kinds = liveMentions({
      blocks: [
        rich({ type: 'user', user_id: 'U1' }, { type: 'text', text: '<!channel> as text is harmless here' }),
        { type: 'table', rows: [[rich({ type: 'broadcast', range: 'here' })]] },
        { type: 'plan', tasks: [{ details: rich({ type: 'link', url: 'https://a.example' }) }] },
      ],
    }).map((mention) => mention.kind);
    expect(kinds).toEqual(['user', 'broadcast', 'link']);
  });

  it('are found in attachments', () => {
    expect(found({ attachments: [{ text: '<!everyone>', fields: [{ value: '<@U1>' }] }] })).toEqual([
      'broadcast /attachments/0/text <!everyone>',
      'user /attachments/0/fields/0 <@U1>',
    ]);
  });

  it('are not seen in escaped text, plain_text and raw cells', () => {
    expect(
      found({
        text: '&lt;!channel&gt;',
        blocks: [
          { type: 'header', text: { type: 'plain_text', text: '<!channel>' } },
          { type: 'data_table', rows: [[{ type: 'raw_text', text: '<!channel> https://a.example' }]] },
          section('&lt;@U1&gt;'),
        ],
      }),
    ).toEqual([]);
  });
});
