import { objectsOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { checkBlocks } from './blocks.ts';
import { checkText } from './composition.ts';
import { checkBoolean, checkKeys, checkList, checkOneOf, checkString } from './field.ts';
import { limits } from './limits.ts';
import { at, emptyReport, refuse, type Violation } from './violation.ts';

const homeKeys = ['type', 'blocks', 'private_metadata', 'callback_id', 'external_id'];
const modalKeys = [...homeKeys, 'title', 'submit', 'close', 'clear_on_close', 'notify_on_close', 'submit_disabled'];

/** Checks a modal or home view as `views.open` and `views.publish` take it. Pure. */
export function validateView(view: JsonObject): readonly Violation[] {
  const report = emptyReport();
  const isModal = view['type'] === 'modal';
  checkOneOf(report, view, 'type', ['modal', 'home'], true);
  checkKeys(report, view, isModal ? modalKeys : homeKeys);
  checkList(report, view, 'blocks', { required: true });
  checkBlocks(report, view, limits.viewBlocks, isModal ? 'modal' : 'home');
  checkString(report, view, 'private_metadata', { maximum: limits.viewPrivateMetadata, emptyAllowed: true });
  checkString(report, view, 'callback_id', { maximum: limits.viewCallbackId, emptyAllowed: true });
  checkString(report, view, 'external_id', { maximum: limits.viewExternalId, emptyAllowed: true });
  if (isModal) {
    checkText(report, view, 'title', limits.viewTitle, ['plain_text']);
    checkText(report, view, 'submit', limits.viewTitle, ['plain_text'], false);
    checkText(report, view, 'close', limits.viewTitle, ['plain_text'], false);
    checkBoolean(report, view, 'clear_on_close');
    checkBoolean(report, view, 'notify_on_close');
    const hasInput = objectsOf(view['blocks']).some((block) => block['type'] === 'input');
    if (hasInput && view['submit'] === undefined) {
      refuse(at(report, 'submit'), 'missing', 'submit is required when the modal has an input block');
    }
  }
  if (Buffer.byteLength(JSON.stringify(view)) > limits.viewBytes) {
    refuse(report, 'total_too_long', `a view takes ${limits.viewBytes} bytes`);
  }
  return report.found;
}
