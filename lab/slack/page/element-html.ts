import { isObject, objectsOf, stringOf, textOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';
import { type Html, html, nothing } from './html.ts';
import { icon } from './icon.ts';
import type { Directory } from './library.ts';

/** What has been put in so far, as Slack's `state.values` holds it; undefined shows initial values. */
export type ElementState = JsonObject | undefined;

interface Place {
  readonly blockId: string;
  readonly directory: Directory;
}

function attributes(element: JsonObject, place: Place, label: string, behaviour: string): Html {
  const confirm = isObject(element['confirm']) ? JSON.stringify(confirmOf(element['confirm'])) : undefined;
  return html`data-do="${behaviour}" data-block="${place.blockId}" data-action="${stringOf(element['action_id'])}" data-label="${label}" aria-label="${stringOf(element['accessibility_label']) ?? label}"${
    confirm === undefined ? nothing : html` data-confirm="${confirm}"`
  }`;
}

function confirmOf(confirm: JsonObject): JsonObject {
  return {
    title: textOf(confirm['title']),
    text: textOf(confirm['text']),
    confirm: textOf(confirm['confirm']),
    deny: textOf(confirm['deny']),
    style: confirm['style'],
  };
}

function button(element: JsonObject, place: Place): Html {
  const label = textOf(element['text']);
  const style = stringOf(element['style']) ?? 'default';
  return html`<button type="button" class="button ${style}" ${attributes(element, place, label, 'click')}>${label}</button>`;
}

function feedback(element: JsonObject, place: Place): Html {
  return html`${['positive_button', 'negative_button'].map((side) => {
    const part = isObject(element[side]) ? element[side] : {};
    const label = textOf(part['text']);
    const sign = icon(side === 'positive_button' ? 'up' : 'down');
    return html`<button type="button" class="button feedback" ${attributes(element, place, label, 'click')}>${sign} ${label}</button>`;
  })}`;
}

function overflow(element: JsonObject, place: Place): Html {
  return html`<details class="overflow"><summary class="button">⋯</summary><div class="menu">${objectsOf(
    element['options'],
  ).map((option) => {
    const label = textOf(option['text']);
    return html`<button type="button" ${attributes(element, place, label, 'click')}>${label}</button>`;
  })}</div></details>`;
}

function optionsOf(
  element: JsonObject,
  directory: Directory,
): readonly { readonly value: string; readonly text: string }[] {
  const type = String(element['type']);
  if (type.includes('users')) return directory.users.map((user) => ({ value: user.id, text: `@${user.name}` }));
  if (type.includes('channels') || type.includes('conversations')) {
    const { include, exclude_external_shared_channels: hidesShared } = isObject(element['filter'])
      ? element['filter']
      : {};
    return directory.channels
      .filter(({ kind }) => !Array.isArray(include) || kind === undefined || include.includes(kind))
      .filter(({ isExtShared }) => hidesShared !== true || isExtShared !== true)
      .map((channel) => ({ value: channel.id, text: `#${channel.name}` }));
  }
  const groups = objectsOf(element['option_groups']).flatMap((group) => objectsOf(group['options']));
  return [...objectsOf(element['options']), ...groups].map((option) => ({
    value: String(option['value']),
    text: textOf(option['text']),
  }));
}

/** The values that are chosen now. */
function chosen(element: JsonObject, state: ElementState): readonly string[] {
  const source = state ?? {
    selected_option: element['initial_option'],
    selected_options: element['initial_options'],
    selected_user: element['initial_user'],
    selected_channel: element['initial_channel'],
    selected_conversation: element['initial_conversation'],
  };
  return Object.entries(source).flatMap(([name, value]): readonly string[] => {
    if (!name.startsWith('selected_')) return [];
    if (isObject(value)) return [String(value['value'])];
    if (Array.isArray(value)) return value.map((one) => (isObject(one) ? String(one['value']) : String(one)));
    return typeof value === 'string' ? [value] : [];
  });
}

function select(element: JsonObject, place: Place, state: ElementState): Html {
  const isMulti = String(element['type']).startsWith('multi_');
  const label = textOf(element['placeholder']) || 'Choose';
  const current = chosen(element, state);
  return html`<select class="select" ${isMulti ? html`multiple` : nothing} ${attributes(element, place, label, 'choose')}>${
    isMulti ? nothing : html`<option value="">${label}</option>`
  }${optionsOf(element, place.directory).map(
    (option) =>
      html`<option value="${option.value}"${current.includes(option.value) ? html` selected` : nothing}>${option.text}</option>`,
  )}</select>`;
}

function external(element: JsonObject, place: Place, state: ElementState): Html {
  const label = textOf(element['placeholder']) || 'Search';
  const [current] = chosen(element, state);
  return html`<span class="combobox"><input class="field" type="text" autocomplete="off" placeholder="${label}" value="${current}" ${attributes(element, place, label, 'suggest')}><span class="offers"></span></span>`;
}

function choices(element: JsonObject, place: Place, state: ElementState): Html {
  const kind = element['type'] === 'checkboxes' ? 'checkbox' : 'radio';
  const current = chosen(element, state);
  return html`<span class="choices" ${attributes(element, place, '', 'tick')}>${objectsOf(element['options']).map(
    (option) => {
      const value = String(option['value']);
      const description = textOf(option['description']);
      return html`<label><input type="${kind}" name="${place.blockId}-${stringOf(element['action_id'])}" value="${value}"${
        current.includes(value) ? html` checked` : nothing
      }><span>${textOf(option['text'])}${description === '' ? nothing : html`<small>${description}</small>`}</span></label>`;
    },
  )}</span>`;
}

const inputTypes: Readonly<Record<string, string>> = {
  datepicker: 'date',
  timepicker: 'time',
  datetimepicker: 'datetime-local',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'number',
};

function field(element: JsonObject, place: Place, state: ElementState): Html {
  const type = String(element['type']);
  const label = textOf(element['placeholder']);
  const typed = [state?.['value'], state?.['selected_date'], state?.['selected_time']].find(
    (one) => typeof one === 'string',
  );
  const initial = ['initial_value', 'initial_date', 'initial_time']
    .map((name) => stringOf(element[name]))
    .find(Boolean);
  const value = stringOf(typed) ?? initial ?? '';
  const common = attributes(element, place, label, type.endsWith('picker') ? 'choose' : 'type');
  if (element['multiline'] === true) {
    return html`<textarea class="field" rows="4" placeholder="${label}" ${common}>${value}</textarea>`;
  }
  return html`<input class="field" type="${inputTypes[type] ?? 'text'}" placeholder="${label}" value="${value}" ${common}>`;
}

/** An interactive element as real controls; `data-do` tells the client what using it means. */
export function elementHtml(element: JsonObject, place: Place, state?: ElementState): Html {
  const type = String(element['type']);
  if (type === 'button' || type === 'icon_button' || type === 'workflow_button') return button(element, place);
  if (type === 'feedback_buttons') return feedback(element, place);
  if (type === 'overflow') return overflow(element, place);
  if (type.includes('external_select')) return external(element, place, state);
  if (type.endsWith('_select')) return select(element, place, state);
  if (type === 'checkboxes' || type === 'radio_buttons') return choices(element, place, state);
  return field(element, place, state);
}
