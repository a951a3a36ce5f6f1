// Elements of blocks: where they are, what they hold, and menus whose options come from the app.

import { act } from './session.js';

/** Where an element is: in a message, in the modal, or on the home tab. */
export function placeOf(element) {
  const view = element.closest('[data-view]')?.dataset.view;
  const message = element.closest('.message');
  if (view !== undefined) return { view };
  return { channel: message?.dataset.channel, ts: message?.dataset.ts };
}

export function elementOf(element) {
  const { block = '', action = '', label = '' } = element.dataset;
  return { block, action, label };
}

/** The value of an input block of the modal. */
export function inputValue(input) {
  const ticks = input.querySelector('.choices');
  if (ticks !== null) return [...ticks.querySelectorAll('input:checked')].map((tick) => tick.value);
  const select = input.querySelector('select');
  if (select !== null) {
    const values = [...select.selectedOptions].map((option) => option.value).filter((value) => value !== '');
    return select.multiple ? values : (values[0] ?? null);
  }
  const field = input.querySelector('input, textarea');
  return field.dataset.chosen ?? (field.value === '' ? null : field.value);
}

let typing;
document.addEventListener('input', (event) => {
  const field = event.target;
  if (field.dataset?.do !== 'suggest') return;
  delete field.dataset.chosen;
  clearTimeout(typing);
  typing = setTimeout(() => offer(field), 150);
});
document.addEventListener('focusin', (event) => {
  if (event.target.dataset?.do === 'suggest') offer(event.target);
});

let lastOffer = 0;
async function offer(field) {
  lastOffer += 1;
  const turn = lastOffer;
  const list = field.parentElement.querySelector('.offers');
  const answer = await act({ do: 'suggest', ...placeOf(field), ...elementOf(field), value: field.value });
  // A slow answer to an earlier letter must not replace a later one.
  if (turn !== lastOffer) return;
  list.replaceChildren(
    ...(answer?.offers ?? []).map((one) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = one.text;
      button.onmousedown = (event) => {
        event.preventDefault();
        field.value = one.text;
        field.dataset.chosen = one.value;
        list.replaceChildren();
        const input = field.closest('[data-input]');
        if (input !== null && input.dataset.dispatch !== 'true') return;
        act({ do: 'choose', ...placeOf(field), ...elementOf(field), value: one.value });
      };
      return button;
    }),
  );
}
document.addEventListener('focusout', (event) => {
  if (event.target.dataset?.do === 'suggest') event.target.parentElement.querySelector('.offers').replaceChildren();
});
