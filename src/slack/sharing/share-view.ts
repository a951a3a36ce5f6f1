import type { Button, KnownBlock, ModalView } from '@slack/types';
import { outlineReport } from '../../report/outline.ts';
import type { Report } from '../../report/report.ts';
import { button, footnote, paragraph, words } from '../posting/blocks.ts';

export const shareId = 'dbcheck:share';

/** Under a report of direct messages; `ref` names its turn. */
export function shareButton(ref: string): Button {
  return button(shareId, 'Share to channel', ref);
}

/** Asks where a report goes. Channels that are shared with other organisations are offered where some are answered at all. */
export function shareView(ref: string, report: Report, withStrangers: boolean): ModalView {
  const text = (told: string) => ({ type: 'plain_text' as const, text: told, emoji: false });
  const blocks: KnownBlock[] = [
    paragraph(words(outlineReport(report).headline)),
    {
      type: 'input',
      block_id: 'channel',
      label: text('Channel'),
      element: {
        type: 'conversations_select',
        action_id: 'channel',
        placeholder: text('Pick a channel'),
        filter: {
          include: ['public', 'private'],
          exclude_bot_users: true,
          ...(withStrangers ? {} : { exclude_external_shared_channels: true }),
        },
      },
    },
    footnote('Everybody there reads the report, sees that you shared it, and can go on asking in its thread.'),
  ];
  return {
    type: 'modal',
    callback_id: shareId,
    private_metadata: ref,
    title: text('Share to channel'),
    submit: text('Share'),
    close: text('Cancel'),
    blocks,
  };
}
