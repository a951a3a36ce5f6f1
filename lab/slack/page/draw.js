// Puts a snapshot on the page. All markup comes from the server.

import { wakeTables } from './table.js';

const $ = (id) => document.getElementById(id);

/** Replaces only the children whose markup differs, so that focus, scrolling and open details survive. */
function replaceKeyed(parent, entries) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let previous = null;
  for (const entry of entries) {
    let child = known.get(entry.key);
    known.delete(entry.key);
    if (child === undefined || child.source !== entry.html) {
      const next = document.createElement('div');
      next.dataset.key = entry.key;
      next.source = entry.html;
      next.innerHTML = entry.html;
      for (const details of next.querySelectorAll(':scope > details')) {
        details.open = child?.querySelector(':scope > details')?.open ?? details.open;
      }
      child?.remove();
      child = next;
      wakeTables(next);
    }
    const place = previous === null ? parent.firstChild : previous.nextSibling;
    if (child !== place) parent.insertBefore(child, place);
    previous = child;
  }
  for (const child of known.values()) child.remove();
}

function replaceWhole(element, markup) {
  if (element.source === markup) return false;
  element.source = markup;
  element.innerHTML = markup;
  wakeTables(element);
  return true;
}

function keepBottom(element, change) {
  const isAtBottom = element.scrollHeight - element.scrollTop - element.clientHeight < 60;
  change();
  if (isAtBottom) element.scrollTop = element.scrollHeight;
}

/** Shows a snapshot. */
export function draw(state) {
  replaceWhole($('sidebar'), state.sidebar);
  replaceWhole($('title'), state.title);
  keepBottom($('messages'), () => replaceKeyed($('messages'), state.messages));
  $('messages').hidden = state.home !== null;
  $('home').hidden = state.home === null;
  $('composer').hidden = state.home !== null;
  if (state.home !== null) replaceWhole($('home'), state.home);
  $('thread').hidden = state.thread === null;
  if (state.thread !== null) keepBottom($('replies'), () => replaceKeyed($('replies'), state.thread));
  replaceWhole($('status'), state.status);
  replaceKeyed($('calls'), state.traffic);
  replaceWhole($('control-list'), state.controls);
  $('violations').textContent = state.violations > 0 ? state.violations : '';
  drawModal(state.modal);
  document.body.dataset.ready = 'true';
}

function drawModal(modal) {
  const dialog = $('modal');
  if (modal === null) {
    dialog.close();
    dialog.key = undefined;
    return;
  }
  dialog.dataset.view = modal.id;
  if (dialog.key !== modal.key) {
    dialog.key = modal.key;
    dialog.innerHTML = modal.html;
    wakeTables(dialog);
  }
  if (!dialog.open) dialog.showModal();
}
