import type { ActionsBlock } from '@slack/types';
import { actionIds } from './report-blocks.ts';

const prefix = 'pick ';

/** A menu whose options are asked for while people type. The turn that it belongs to stands in its block id. */
export function targetPicker(ref: string): ActionsBlock {
  return {
    type: 'actions',
    block_id: `${prefix}${ref}`,
    elements: [
      {
        type: 'external_select',
        action_id: actionIds.target,
        placeholder: { type: 'plain_text', text: 'Pick a target', emoji: false },
        min_query_length: 0,
      },
    ],
  };
}

export function pickerRef(blockId: string): string {
  return blockId.slice(prefix.length);
}
