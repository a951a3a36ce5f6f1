import { limits } from '../block-kit/limits.ts';
import { validateMessage } from '../block-kit/message.ts';
import { isArray, isObject, objectsOf, stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import type { JsonObject } from '../nouns.ts';
import { SlackError } from '../slack-error.ts';
import { type Answering, refuseSwitchedOff, refuseViolations } from './method.ts';

/** What people will see, checked. Markdown text becomes a markdown block, as Slack makes of it. */
export interface Content {
  readonly text: string;
  readonly blocks: readonly JsonObject[];
  readonly attachments: readonly JsonObject[];
}

/** Reads and checks text, blocks and attachments of a call; throws Slack's refusals. */
export function readContent(lab: Lab, args: JsonObject, answering: Answering): Content {
  const markdown = stringOf(args['markdown_text']);
  const text = stringOf(args['text']) ?? '';
  if (markdown !== undefined && (text !== '' || args['blocks'] !== undefined)) {
    throw new SlackError('markdown_text_conflict');
  }
  if ((markdown ?? '').length > limits.markdownText) throw new SlackError('msg_too_long');
  for (const name of ['blocks', 'attachments']) {
    if (args[name] !== undefined && !isArray(args[name])) throw new SlackError(`invalid_${name}_format`);
  }
  const blocks = markdown === undefined ? objectsOf(args['blocks']) : [{ type: 'markdown', text: markdown }];
  const attachments = objectsOf(args['attachments']);
  if (text === '' && markdown === undefined && blocks.length === 0 && attachments.length === 0) {
    throw new SlackError('no_text');
  }
  if (markdown === undefined) refuseViolations(answering, validateMessage(args));
  refuseSwitchedOff(lab, { blocks, attachments });
  checkSlackFiles(lab, blocks);
  return { text: (markdown ?? text).slice(0, limits.messageText), blocks, attachments };
}

/** Image blocks may name only files that are there and are pictures: Slack does not show SVG. */
function checkSlackFiles(lab: Lab, blocks: readonly JsonObject[]): void {
  for (const [index, block] of blocks.entries()) {
    const reference = block['slack_file'];
    if (!isObject(reference) || stringOf(reference['id']) === undefined) continue;
    const file = lab.state.files.get(String(reference['id']));
    if (file?.content !== undefined && /^image\/(png|jpeg|gif)$/.test(file.mimetype)) continue;
    const message = `invalid slack file [json-pointer:/blocks/${index}/slack_file]`;
    throw new SlackError('invalid_blocks', {
      errors: [message],
      response_metadata: { messages: [`[ERROR] ${message}`] },
    });
  }
}
