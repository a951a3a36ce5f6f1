import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { Message, type MessageProps } from 'slack-blocks-to-jsx';
import type { Channel, JsonObject } from '../nouns.ts';
import { blockLines } from '../render/blocks.ts';
import type { Names } from '../render/mrkdwn.ts';
import { type Html, html, trusted } from './html.ts';

const sheetPath = createRequire(import.meta.url).resolve('slack-blocks-to-jsx/dist/style.css');

/**
 * The library's style sheet, made to hold below `.library` instead of below one id for the whole page. Three times,
 * because its own resets are as strong as two classes.
 */
export async function librarySheet(): Promise<string> {
  return (await readFile(sheetPath, 'utf8')).replaceAll('#slack_blocks_to_jsx', '.library.library.library');
}

/** What the library calls people and channels by. */
export interface Directory extends Names {
  readonly users: readonly { readonly id: string; readonly name: string }[];
  readonly channels: readonly (Pick<Channel, 'id' | 'name'> & Partial<Pick<Channel, 'kind' | 'isExtShared'>>)[];
}

const opening = 'slack_blocks_to_jsx--blocks">';
const closing = '</div></div></div>';

/** The library wraps each message into an element with an id, which a page with many messages cannot repeat. */
function unwrap(markup: string): string {
  const start = markup.indexOf(opening);
  if (start < 0) throw new Error('slack-blocks-to-jsx has changed what it wraps blocks into');
  return markup.slice(start + opening.length, -closing.length);
}

/** The library takes the middle of `02:39:45` for an emoji and drops the colons of every name that it does not know. */
const hooks: NonNullable<MessageProps['hooks']> = {
  emoji: (data, parse) => {
    const parsed = parse(data);
    return parsed === data.name ? `:${data.name}:` : parsed;
  },
};

/**
 * One block by slack-blocks-to-jsx. A block that it cannot render, which throws in server rendering, falls back to
 * the words that a terminal would show.
 */
export function libraryBlock(block: JsonObject, directory: Directory): Html {
  try {
    const element = createElement(Message, {
      blocks: [block] as unknown as MessageProps['blocks'],
      name: 'app',
      logo: 'about:blank',
      theme: 'light',
      withoutWrapper: true,
      hooks,
      data: { users: [...directory.users], channels: [...directory.channels] },
    });
    const markup = unwrap(renderToStaticMarkup(element));
    if (markup !== '') return html`<div class="library slack_blocks_to_jsx styles_enabled">${trusted(markup)}</div>`;
  } catch {
    // Shown as plain words below.
  }
  return html`<pre class="plain-block">${blockLines(block, directory).join('\n')}</pre>`;
}

/** A mrkdwn or plain text on its own, in the library's look. */
export function libraryText(text: JsonObject, directory: Directory): Html {
  return libraryBlock({ type: 'section', text }, directory);
}
