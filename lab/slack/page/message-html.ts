import { slackbotId } from '../drivers/acknowledgement.ts';
import { objectsOf, stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import type { JsonObject, Message } from '../nouns.ts';
import { blockHtml, type Scene } from './block-html.ts';
import { type Html, html, nothing } from './html.ts';
import { icon } from './icon.ts';
import { type Directory, libraryText } from './library.ts';

const avatarColors = ['#e8912d', '#2eb67d', '#e01e5a', '#36c5f0', '#611f69', '#1264a3'];

export function directoryOf(lab: Lab): Directory {
  const users = [...lab.state.users.values()].map(({ id, name }) => ({ id, name }));
  const channels = [...lab.state.channels.values()].flatMap(({ id, name, kind, isExtShared }) =>
    kind === 'im' ? [] : [{ id, name, kind, isExtShared }],
  );
  return {
    users,
    channels,
    user: (id) => lab.state.users.get(id)?.name ?? id,
    channel: (id) => lab.state.channels.get(id)?.name ?? id,
  };
}

export function sceneOf(lab: Lab, directory: Directory): Scene {
  return {
    directory,
    fileUrl(id) {
      const file = lab.state.files.get(id);
      return file?.content === undefined ? undefined : `/page/files/${id}/${encodeURIComponent(file.name)}`;
    },
  };
}

function author(lab: Lab, message: Message): { readonly name: string; readonly isApp: boolean } {
  const bot = message.botId === undefined ? undefined : lab.state.bots.get(message.botId);
  if (bot !== undefined) return { name: bot.name, isApp: true };
  if (message.user === slackbotId) return { name: 'Slackbot', isApp: true };
  const user = lab.state.users.get(message.user ?? '');
  return { name: user?.realName ?? message.user ?? 'someone', isApp: user?.isBot ?? false };
}

function avatar(name: string, isApp: boolean): Html {
  const color = isApp ? '#1d1c1d' : avatarColors[[...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6];
  return html`<span class="avatar" style="background:${color}" aria-hidden="true">${isApp ? icon('server') : name.slice(0, 1).toUpperCase()}</span>`;
}

function attachment(value: JsonObject, scene: Scene): Html {
  const text = (name: string): Html =>
    stringOf(value[name]) === undefined
      ? nothing
      : libraryText({ type: 'mrkdwn', text: stringOf(value[name]) }, scene.directory);
  const title = stringOf(value['title']);
  const color = stringOf(value['color']) ?? '#ddd';
  const fields = objectsOf(value['fields']).map(
    (field) => html`<div><b>${stringOf(field['title'])}</b><br>${stringOf(field['value'])}</div>`,
  );
  return html`${text('pretext')}<div class="attachment" style="border-left-color:${/^#?\w+$/.test(color) ? color : '#ddd'}">${
    title === undefined ? nothing : html`<b>${title}</b>`
  }${text('text')}<div class="fields">${fields}</div>${objectsOf(value['blocks']).map((block) => blockHtml(block, scene))}</div>`;
}

function file(lab: Lab, id: string, scene: Scene): Html {
  const found = lab.state.files.get(id);
  const url = scene.fileUrl(id);
  if (found === undefined || url === undefined) return nothing;
  const isImage = found.mimetype.startsWith('image/');
  return html`<a class="file" href="${url}" target="_blank">${
    isImage
      ? html`<img src="${url}" alt="${found.altText ?? found.title}">`
      : html`${icon('file')} <b>${found.title}</b>`
  }<small>${found.name} · ${found.content?.length ?? 0} bytes</small></a>`;
}

/** The content of a message, without what changes around it. Cached, for rendering by React is not free. */
const rendered = new WeakMap<Message, Html>();

function content(lab: Lab, message: Message, scene: Scene): Html {
  const known = rendered.get(message);
  if (known !== undefined) return known;
  const words = message.text === '' ? nothing : libraryText({ type: 'mrkdwn', text: message.text }, scene.directory);
  const body = message.blocks.length > 0 ? html`${message.blocks.map((block) => blockHtml(block, scene))}` : words;
  const made = html`<div class="body">${body}${message.attachments.map((one) => attachment(one, scene))}${message.files.map((id) => file(lab, id, scene))}</div>`;
  rendered.set(message, made);
  return made;
}

export interface Around {
  readonly replies: readonly Message[];
  readonly isThread: boolean;
  /** Message shortcuts of the app. */
  readonly shortcuts: readonly { readonly callbackId: string; readonly title: string }[];
}

/** A message with its author, time, marks, reactions and what a person can do with it. */
export function messageHtml(lab: Lab, message: Message, scene: Scene, around: Around): Html {
  const { name, isApp } = author(lab, message);
  const time = new Date(message.postedAt).toTimeString().slice(0, 5);
  const isPrivate = message.ephemeralTo !== undefined;
  const root = message.threadTs ?? message.ts;
  const replies = around.replies.length;
  return html`<article class="message ${isPrivate ? 'ephemeral' : ''} ${message.stream?.state === 'streaming' ? 'streaming' : ''}" data-channel="${message.channel}" data-ts="${message.ts}">
${isPrivate ? html`<p class="only-you">${icon('eye')} Only visible to you</p>` : nothing}
<div class="row">${avatar(name, isApp)}<div class="main">
<header><b>${name}</b>${isApp ? html`<span class="app-badge">APP</span>` : nothing}<time>${time}</time>${message.edited ? html`<small>(edited)</small>` : nothing}</header>
${content(lab, message, scene)}
${message.reactions.map((reaction) => html`<span class="reaction">:${reaction.name}: ${reaction.users.length}</span>`)}
${!around.isThread && replies > 0 ? html`<button type="button" class="replies" data-do="thread" data-thread="${root}">${replies} ${replies === 1 ? 'reply' : 'replies'}</button>` : nothing}
</div></div>
${
  isPrivate
    ? nothing
    : html`<div class="tools">${around.isThread ? nothing : html`<button type="button" data-do="thread" data-thread="${root}" title="Reply in thread">${icon('thread')}</button>`}${around.shortcuts.map(
        (shortcut) =>
          html`<button type="button" data-do="shortcut" data-callback="${shortcut.callbackId}" title="${shortcut.title}">${icon('bolt')} ${shortcut.title}</button>`,
      )}</div>`
}
</article>`;
}
