// The page's client: asks for a snapshot when the server says that something has changed, replaces what
// differs, and sends what people do. All markup comes from the server.

import { draw } from './draw.js';

const $ = (id) => document.getElementById(id);
const remembered = (name, fallback) => sessionStorage.getItem(name) ?? fallback;
export const gaze = {
  user: remembered('user', ''),
  channel: remembered('channel', ''),
  thread: remembered('thread', ''),
  tab: remembered('tab', 'messages'),
};

/** Looks elsewhere, and remembers it for a reload. */
export function look(change) {
  Object.assign(gaze, change);
  for (const [name, value] of Object.entries(gaze)) sessionStorage.setItem(name, value);
  return refresh();
}

let asking = false;
let askAgain = false;
export async function refresh() {
  if (asking) {
    askAgain = true;
    return;
  }
  asking = true;
  try {
    const query = new URLSearchParams({ user: gaze.user, channel: gaze.channel, tab: gaze.tab });
    if (gaze.thread !== '') query.set('thread', gaze.thread);
    const response = await fetch(`state?${query}`);
    const state = await response.json();
    draw(state);
    rememberDefaults();
  } finally {
    asking = false;
    if (askAgain) {
      askAgain = false;
      refresh();
    }
  }
}

/** What the server chose when nothing was remembered yet. */
function rememberDefaults() {
  gaze.user ||= document.querySelector('[data-do="be"]')?.value ?? '';
  gaze.channel ||= document.querySelector('.channel.current')?.dataset.channel ?? '';
  const app = document.querySelector('.workspace-name')?.textContent ?? '';
  document.title = `${app} — local Slack workspace`;
  const name = document.querySelector('#title b')?.textContent.trim() ?? '';
  $('composer').elements.text.placeholder = `Message ${name}`;
}

function toast(text) {
  const element = $('toast');
  element.textContent = text;
  element.hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => {
    element.hidden = true;
  }, 6000);
}

/** Sends what a person did; a refusal is shown and gives undefined. */
export async function act(deed) {
  const response = await fetch('act', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user: gaze.user, ...deed }),
  });
  const answer = await response.json();
  if (!response.ok) {
    toast(answer.error);
    return undefined;
  }
  return answer;
}
