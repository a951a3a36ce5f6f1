import type { KnownBlock } from '@slack/types';
import type { Report } from '../../report/report.ts';
import { button, buttons, footnote } from '../posting/blocks.ts';

/** The action of a suggested question is this and its number: Slack wants each id of a block once. */
export const suggestionAction = 'dbcheck:ask:';

/** Next questions as buttons. A button holds the turn's name; the question itself is read from the stored report. */
export function suggestionBlocks({ suggestions = [] }: Report, ref: string): KnownBlock[] {
  if (suggestions.length === 0) return [];
  const learned = suggestions.some(({ learnedFrom }) => learnedFrom !== undefined);
  return [
    footnote(learned ? 'Ask next, first what this channel usually asks after this' : 'Ask next'),
    buttons(...suggestions.map(({ question }, index) => button(`${suggestionAction}${index}`, question, ref))),
  ];
}
