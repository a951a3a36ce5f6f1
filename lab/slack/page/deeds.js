// What people do on the page, by the `data-do` of what they use.

import { elementOf, inputValue, placeOf } from './fields.js';
import { act, gaze, look, refresh } from './session.js';
import { sortOrTurn } from './table.js';

const $ = (id) => document.getElementById(id);

function askConfirm(text) {
  const wanted = JSON.parse(text);
  const dialog = $('confirm');
  dialog.replaceChildren();
  const title = document.createElement('h1');
  title.textContent = wanted.title;
  const words = document.createElement('p');
  words.textContent = wanted.text;
  const footer = document.createElement('footer');
  const [deny, confirm] = [wanted.deny, wanted.confirm].map((label) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label;
    button.className = 'button default';
    footer.append(button);
    return button;
  });
  confirm.className = `button ${wanted.style ?? 'primary'}`;
  dialog.append(title, words, footer);
  dialog.showModal();
  return new Promise((resolve) => {
    const settle = (answer) => () => {
      dialog.close();
      resolve(answer);
    };
    deny.onclick = settle(false);
    confirm.onclick = settle(true);
    dialog.oncancel = settle(false);
  });
}

async function submit(button) {
  const dialog = $('modal');
  const inputs = {};
  for (const input of dialog.querySelectorAll('[data-input]')) inputs[input.dataset.input] = inputValue(input);
  button.disabled = true;
  await act({ do: 'submit', view: dialog.dataset.view, inputs });
  button.disabled = false;
  await refresh();
}

const deeds = {
  open: (element) => look({ channel: element.dataset.channel, thread: '', tab: 'messages' }),
  tab: async (element) => {
    await look({ tab: element.dataset.tab, thread: '' });
    await act({ do: element.dataset.tab === 'home' ? 'home' : 'direct' });
  },
  thread: (element) => look({ thread: element.dataset.thread }),
  'close-thread': () => look({ thread: '' }),
  panel: (element) => {
    for (const panel of document.querySelectorAll('.panel')) {
      panel.hidden = panel.id !== element.dataset.panel || !panel.hidden;
    }
  },
  click: async (element) => {
    if (element.dataset.confirm !== undefined && !(await askConfirm(element.dataset.confirm))) return;
    element.closest('details.overflow')?.removeAttribute('open');
    element.classList.add('waiting');
    await act({ do: 'click', ...placeOf(element), ...elementOf(element) });
    element.classList.remove('waiting');
  },
  submit,
  dismiss: () => act({ do: 'dismiss', view: $('modal').dataset.view }),
  shortcut: (element) => act({ do: 'shortcut', ...placeOf(element), callback: element.dataset.callback }),
  stop: () => act({ do: 'stop', channel: gaze.channel, thread: gaze.thread }),
  prompt: (element) => say(element.dataset.text, gaze.thread),
  control: (element) => runControl(element, 'control'),
  'control-undo': (element) => runControl(element, 'control-undo'),
};

async function runControl(element, deed) {
  const control = element.closest('.control');
  const output = control.querySelector('output');
  output.textContent = '…';
  const answer = await act({
    do: deed,
    control: control.dataset.control,
    option: control.querySelector('select')?.value,
  });
  output.textContent = answer?.said ?? '';
}

async function say(text, thread) {
  if (text.trim() === '') return;
  await act({ do: 'say', channel: gaze.channel, text, ...(thread === '' ? {} : { thread }) });
}

document.addEventListener('click', (event) => {
  const table = event.target.closest('.data-table');
  if (table !== null && sortOrTurn(table, event.target)) return;
  const element = event.target.closest('button[data-do]');
  deeds[element?.dataset.do]?.(element);
});

document.addEventListener('change', (event) => {
  const element = event.target.closest('[data-do="choose"], [data-do="tick"], [data-do="be"]');
  if (element === null) return;
  if (element.dataset.do === 'be') {
    look({ user: element.value, thread: '' });
    return;
  }
  const input = element.closest('[data-input]');
  // An input block speaks only when the app asked for it; its value goes with the submission.
  if (input !== null && input.dataset.dispatch !== 'true') return;
  act({ do: 'choose', ...placeOf(element), ...elementOf(element), value: inputValue(input ?? element.parentElement) });
});

for (const id of ['composer', 'reply']) {
  const form = $(id);
  const field = form.elements.text;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    say(field.value, id === 'reply' ? gaze.thread : '');
    field.value = '';
  });
  field.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
$('modal').addEventListener('cancel', (event) => {
  event.preventDefault();
  deeds.dismiss();
});
