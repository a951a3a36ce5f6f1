import { homeOf } from '../api/views.ts';
import { type ViewStates, valuesOf } from '../drivers/modal.ts';
import { objectsOf, textOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import { messagesOf, repliesTo, threadOf } from '../messages.ts';
import type { Channel, Message, User, View } from '../nouns.ts';
import { directChannel, sessionKey } from '../state.ts';
import { blockHtml, type Scene } from './block-html.ts';
import type { Control } from './control.ts';
import { type Html, html, nothing } from './html.ts';
import { icon } from './icon.ts';
import { directoryOf, messageHtml, sceneOf } from './message-html.ts';
import { type KeyedHtml, trafficHtml } from './traffic-html.ts';

/** Who looks at what. */
export interface Gaze {
  readonly user: string;
  readonly channel: string;
  readonly threadTs: string | undefined;
  readonly tab: 'messages' | 'home';
}

/** Everything that the page shows, as markup by place. The client replaces what differs. */
export interface Snapshot {
  readonly sidebar: string;
  readonly title: string;
  readonly messages: readonly KeyedHtml[];
  readonly thread: readonly KeyedHtml[] | null;
  readonly status: string;
  readonly home: string | null;
  readonly modal: { readonly key: string; readonly id: string; readonly html: string } | null;
  readonly traffic: readonly KeyedHtml[];
  readonly controls: string;
  readonly violations: number;
}

export interface PageParts {
  readonly lab: Lab;
  readonly viewStates: ViewStates;
  readonly controls: readonly Control[];
  readonly shortcuts: readonly { readonly callbackId: string; readonly title: string }[];
}

function channelsFor(lab: Lab, user: User): readonly Channel[] {
  return [...lab.state.channels.values()].filter(
    (channel) => channel.kind !== 'im' && channel.members.includes(user.id),
  );
}

function sign(channel: Channel): Html {
  if (channel.kind === 'im') return icon('server');
  if (channel.kind === 'private') return icon('lock');
  return channel.isExtShared ? icon('shared') : html`#`;
}

function sidebar(lab: Lab, user: User, channel: Channel): string {
  const people = [...lab.state.users.values()].filter((one) => !one.isBot);
  const direct = directChannel(lab.state, lab.settings, user.id);
  const link = (one: Channel, label: Html): Html =>
    html`<button type="button" class="channel ${one.id === channel.id ? 'current' : ''} ${one.isArchived ? 'archived' : ''}" data-do="open" data-channel="${one.id}">${label}</button>`;
  return html`<div class="workspace-name">${lab.settings.team.name}</div>
<label class="you">You are <select data-do="be">${people.map(
    (one) => html`<option value="${one.id}"${one.id === user.id ? html` selected` : nothing}>${one.realName}</option>`,
  )}</select></label>
<h2>Channels</h2>${channelsFor(lab, user).map((one) => link(one, html`<span class="sign">${sign(one)}</span>${one.name}`))}
<h2>Apps</h2>${link(direct, html`<span class="sign">${sign(direct)}</span>${lab.settings.app.name}`)}
<p class="connection ${lab.connections() > 0 || lab.requestUrl() !== undefined ? 'on' : 'off'}">${
    lab.requestUrl() !== undefined
      ? 'HTTP'
      : `${lab.connections()} Socket Mode connection${lab.connections() === 1 ? '' : 's'}`
  }</p>`.markup;
}

function title(lab: Lab, channel: Channel, gaze: Gaze): string {
  if (channel.kind !== 'im') {
    const members = channel.members.length;
    const note = channel.isArchived
      ? 'archived'
      : channel.isExtShared
        ? 'shared with another company'
        : `${members} members`;
    return html`<b><span class="sign">${sign(channel)}</span>${channel.name}</b><small>${note}</small>`.markup;
  }
  const tab = (name: Gaze['tab'], label: string): Html =>
    html`<button type="button" class="tab ${gaze.tab === name ? 'current' : ''}" data-do="tab" data-tab="${name}">${label}</button>`;
  return html`<b><span class="sign">${sign(channel)}</span>${lab.settings.app.name}</b><span class="app-badge">APP</span>${tab('home', 'Home')}${tab('messages', 'Messages')}`
    .markup;
}

function keyed(messages: readonly Message[], render: (message: Message) => Html): readonly KeyedHtml[] {
  return messages.map((message) => ({ key: message.ts, html: render(message).markup }));
}

/** A thread's own line: what the agent is doing, the Stop button, and suggested prompts. */
function status(lab: Lab, channel: Channel, threadTs: string): string {
  const session = lab.state.sessions.get(sessionKey(channel.id, threadTs));
  const prompts = lab.state.sessions.get(sessionKey(channel.id, ''))?.prompts ?? [];
  const isRunning =
    session?.status === 'processing' ||
    threadOf(lab.state, channel.id, threadTs).some((message) => message.stream?.state === 'streaming');
  const line = session?.statusText ? `${lab.settings.app.name} ${session.statusText}` : isRunning ? 'working…' : '';
  return html`${line === '' ? nothing : html`<span class="shimmer">${line}</span>`}${
    isRunning ? html`<button type="button" class="stop" data-do="stop">◼ Stop</button>` : nothing
  }${(session?.prompts ?? prompts).map((prompt) => html`<button type="button" class="prompt" data-do="prompt" data-text="${prompt.message}">${prompt.title}</button>`)}`
    .markup;
}

function blocksOf(view: View, scene: Scene): Html {
  return html`${objectsOf(view.source['blocks']).map((block) => blockHtml(block, scene))}`;
}

function modal(parts: PageParts, view: View, scene: Scene): Snapshot['modal'] {
  const full: Scene = { ...scene, values: valuesOf(parts.viewStates, view), errors: view.errors };
  const submit = textOf(view.source['submit']);
  const close = textOf(view.source['close']) || 'Cancel';
  const body = html`<header><h1>${textOf(view.source['title'])}</h1><button type="button" class="cross" data-do="dismiss" aria-label="Close">×</button></header>
<div class="view-body">${blocksOf(view, full)}</div>
<footer><button type="button" class="button default" data-do="dismiss">${close}</button>${
    submit === '' ? nothing : html`<button type="button" class="button primary" data-do="submit">${submit}</button>`
  }</footer>`;
  return { key: `${view.id} ${view.hash} ${Object.values(view.errors).join()}`, id: view.id, html: body.markup };
}

function home(lab: Lab, user: User, scene: Scene): string {
  const view = homeOf(lab, user.id);
  if (view === undefined) return html`<p class="empty">The app has not published a home tab yet.</p>`.markup;
  return html`<div class="view-body" data-view="${view.id}">${blocksOf(view, scene)}</div>`.markup;
}

function controls(parts: PageParts): string {
  return html`${parts.controls.map(
    (
      control,
    ) => html`<div class="control" data-control="${control.id}"><b>${control.title}</b><p>${control.description}</p>${
      control.options === undefined
        ? nothing
        : html`<select aria-label="${control.title}">${control.options.map(
            (one) =>
              html`<option value="${one.id}"${one.id === control.chosen?.() ? html` selected` : nothing}>${one.title}</option>`,
          )}</select>`
    }
<button type="button" class="button danger" data-do="control">${control.runLabel ?? (control.undo === undefined ? 'Run' : 'Break it')}</button>${
      control.undo === undefined
        ? nothing
        : html`<button type="button" class="button default" data-do="control-undo">${control.undoLabel ?? 'Undo'}</button>`
    }<output></output></div>`,
  )}`.markup;
}

export function takeSnapshot(parts: PageParts, gaze: Gaze): Snapshot {
  const { lab } = parts;
  const user = lab.state.users.get(gaze.user) ?? [...lab.state.users.values()][0]!;
  const channel =
    lab.state.channels.get(gaze.channel) ??
    channelsFor(lab, user)[0] ??
    directChannel(lab.state, lab.settings, user.id);
  const scene = sceneOf(lab, directoryOf(lab));
  const mine = lab.state.ephemerals.filter(
    (one) => one.ephemeralTo === user.id && one.channel === channel.id && !one.deleted,
  );
  const all = messagesOf(lab.state, channel.id);
  const inChannel = [
    ...all.filter((one) => one.threadTs === undefined || one.broadcast),
    ...mine.filter((one) => one.threadTs === undefined),
  ];
  const render = (isThread: boolean) => (message: Message) =>
    messageHtml(lab, message, scene, {
      replies: isThread ? [] : repliesTo(lab.state, channel.id, message.ts),
      isThread,
      shortcuts: parts.shortcuts,
    });
  const byTime = (one: Message, other: Message): number => (one.ts < other.ts ? -1 : 1);
  const { threadTs } = gaze;
  const thread =
    threadTs === undefined
      ? undefined
      : [...threadOf(lab.state, channel.id, threadTs), ...mine.filter((one) => one.threadTs === threadTs)].sort(byTime);
  const top = [...lab.state.views.values()].findLast(
    (view) => view.kind === 'modal' && view.open && view.user === user.id,
  );
  const isHome = channel.kind === 'im' && gaze.tab === 'home';
  return {
    sidebar: sidebar(lab, user, channel),
    title: title(lab, channel, gaze),
    messages: isHome ? [] : keyed([...inChannel].sort(byTime), render(false)),
    thread: thread === undefined ? null : keyed(thread, render(true)),
    status: threadTs === undefined ? '' : status(lab, channel, threadTs),
    home: isHome ? home(lab, user, scene) : null,
    modal: top === undefined ? null : modal(parts, top, scene),
    traffic: trafficHtml(lab),
    controls: controls(parts),
    violations: lab.traffic.violations.filter((violation) => violation.severity !== 'warning').length,
  };
}
