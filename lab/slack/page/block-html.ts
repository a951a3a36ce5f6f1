import { isObject, objectsOf, stringOf, textOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { chartHtml } from './chart-svg.ts';
import { elementHtml } from './element-html.ts';
import { type Html, html, nothing } from './html.ts';
import { type Directory, libraryBlock, libraryText } from './library.ts';
import { tableHtml } from './table-html.ts';

/** What rendering needs beside the block. */
export interface Scene {
  readonly directory: Directory;
  /** `state.values`, for what has been typed and chosen in a modal. */
  readonly values?: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;
  /** Per block id, what the app refused. */
  readonly errors?: Readonly<Record<string, string>>;
  /** The address of an uploaded file. */
  fileUrl(id: string): string | undefined;
}

function control(element: JsonObject, block: JsonObject, scene: Scene): Html {
  const blockId = stringOf(block['block_id']) ?? '';
  const state = scene.values?.[blockId]?.[stringOf(element['action_id']) ?? ''];
  return elementHtml(element, { blockId, directory: scene.directory }, state);
}

function image(block: JsonObject, scene: Scene): Html {
  const file = isObject(block['slack_file']) ? scene.fileUrl(String(block['slack_file']['id'])) : undefined;
  const source = file ?? stringOf(block['image_url']) ?? '';
  return html`<figure class="image"><figcaption>${textOf(block['title'])}</figcaption><img src="${source}" alt="${stringOf(block['alt_text'])}"></figure>`;
}

function section(block: JsonObject, scene: Scene): Html {
  const accessory = block['accessory'];
  if (!isObject(accessory)) return libraryBlock(block, scene.directory);
  const { accessory: _accessory, ...words } = block;
  const shown = accessory['type'] === 'image' ? image(accessory, scene) : control(accessory, block, scene);
  return html`<div class="with-accessory"><div>${libraryBlock(words, scene.directory)}</div><div class="accessory">${shown}</div></div>`;
}

function elements(block: JsonObject, key: string, scene: Scene): Html {
  return html`<div class="elements">${objectsOf(block[key]).map((element) => control(element, block, scene))}</div>`;
}

function input(block: JsonObject, scene: Scene): Html {
  const error = scene.errors?.[stringOf(block['block_id']) ?? ''];
  const hint = textOf(block['hint']);
  const isOptional = block['optional'] === true;
  return html`<div class="input ${error === undefined ? '' : 'refused'}" data-input="${stringOf(block['block_id'])}" data-dispatch="${String(block['dispatch_action'] === true)}">
<label class="input-label">${textOf(block['label'])}${isOptional ? html` <small>(optional)</small>` : nothing}</label>
${isObject(block['element']) ? control(block['element'], block, scene) : nothing}
${error === undefined ? nothing : html`<p class="input-error" role="alert">${error}</p>`}${hint === '' ? nothing : html`<p class="input-hint">${hint}</p>`}</div>`;
}

function card(block: JsonObject, scene: Scene): Html {
  const part = (name: string): Html =>
    isObject(block[name])
      ? html`<div class="card-${name}">${libraryText(block[name], scene.directory)}</div>`
      : nothing;
  return html`<div class="card">${part('title')}${part('subtitle')}${part('body')}${elements(block, 'actions', scene)}</div>`;
}

function container(block: JsonObject, scene: Scene): Html {
  const rich = block['rich_text_title'];
  const title = isObject(rich) ? libraryBlock(rich, scene.directory) : html`<b>${textOf(block['title'])}</b>`;
  const subtitle = isObject(block['subtitle']) ? libraryText(block['subtitle'], scene.directory) : nothing;
  const children = html`${objectsOf(block['child_blocks']).map((child) => blockHtml(child, scene))}`;
  if (block['is_collapsible'] !== true)
    return html`<section class="container"><header>${title}${subtitle}</header>${children}</section>`;
  const open = block['default_collapsed'] === true ? nothing : html` open`;
  return html`<details class="container"${open}><summary>${title}${subtitle}</summary>${children}</details>`;
}

/** A block as Slack shows it: own markup for what can be used or what the library lacks, else the library's. */
export function blockHtml(block: JsonObject, scene: Scene): Html {
  switch (block['type']) {
    case 'section':
      return section(block, scene);
    case 'actions':
    case 'context_actions':
      return elements(block, 'elements', scene);
    case 'input':
      return input(block, scene);
    case 'image':
      return image(block, scene);
    case 'table':
    case 'data_table':
      return tableHtml(block, scene.directory);
    case 'data_visualization':
      return chartHtml(block);
    case 'card':
      return card(block, scene);
    case 'carousel':
      return html`<div class="carousel">${objectsOf(block['elements']).map((one) => card(one, scene))}</div>`;
    case 'container':
      return container(block, scene);
    default:
      return libraryBlock(block, scene.directory);
  }
}
