import type { ContextActionsBlock, ModalView } from '@slack/types';

export const feedbackId = 'dbcheck:feedback';

/** Why a report did not help. Chosen, not written, so that nothing secret can be stored with it. */
const reasons = {
  wrong: 'What it says is wrong',
  missed: 'It missed the problem',
  unclear: 'I do not know what to do now',
  other_question: 'I asked something else',
  long: 'Too long or too late',
} as const;
type Reason = keyof typeof reasons;

/** Useful or not, under a report; `ref` names its turn. */
export function feedbackBlock(ref: string): ContextActionsBlock {
  const side = (verdict: string, text: string) => ({
    text: { type: 'plain_text' as const, text, emoji: false },
    accessibility_label: `This report was ${text.toLowerCase()}`,
    value: `${verdict} ${ref}`,
  });
  return {
    type: 'context_actions',
    elements: [
      {
        type: 'feedback_buttons',
        action_id: feedbackId,
        positive_button: side('useful', 'Useful'),
        negative_button: side('not_useful', 'Not useful'),
      },
    ],
  };
}

export interface Feedback {
  readonly verdict: 'useful' | 'not_useful';
  readonly ref: string;
}

/** Undefined for what no button of ours carries. */
export function readFeedback(value: string): Feedback | undefined {
  const [, verdict, ref] = /^(useful|not_useful) (.+)$/.exec(value) ?? [];
  return ref === undefined ? undefined : { verdict: verdict === 'useful' ? 'useful' : 'not_useful', ref };
}

/** Asks why a report was not useful. */
export function reasonView(ref: string): ModalView {
  return {
    type: 'modal',
    callback_id: feedbackId,
    private_metadata: ref,
    title: { type: 'plain_text', text: 'What was wrong with it?' },
    submit: { type: 'plain_text', text: 'Send' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      {
        type: 'input',
        block_id: 'reason',
        label: { type: 'plain_text', text: 'Reason' },
        element: {
          type: 'radio_buttons',
          action_id: 'reason',
          options: Object.entries(reasons).map(([value, text]) => ({ value, text: { type: 'plain_text', text } })),
        },
      },
    ],
  };
}

/** The words of a reason; undefined for one that was never offered. */
export function reasonInWords(value: string | undefined): string | undefined {
  return value !== undefined && Object.hasOwn(reasons, value) ? reasons[value as Reason] : undefined;
}
