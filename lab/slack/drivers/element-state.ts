import { isObject, objectsOf, stringOf, textOf } from '../json.ts';
import type { JsonObject } from '../nouns.ts';

/** What a person puts into an element: text, a date, an option's words or value, a list of these. */
export type Input = string | number | readonly string[] | null;

function optionsOf(element: JsonObject): readonly JsonObject[] {
  return [
    ...objectsOf(element['options']),
    ...objectsOf(element['option_groups']).flatMap((group) => objectsOf(group['options'])),
  ];
}

/** An option by its words or value. Menus with options from elsewhere take what `suggest` offered. */
function option(element: JsonObject, wanted: string, offered: readonly JsonObject[]): JsonObject {
  const all = [...optionsOf(element), ...offered];
  const found = all.find((entry) => entry['value'] === wanted) ?? all.find((entry) => textOf(entry['text']) === wanted);
  if (found !== undefined) return found;
  if (String(element['type']).includes('external'))
    return { text: { type: 'plain_text', text: wanted }, value: wanted };
  throw new Error(`no option is named "${wanted}"; there is ${all.map((entry) => textOf(entry['text'])).join(', ')}`);
}

function listOf(input: Input): readonly string[] {
  if (input === null) return [];
  return typeof input === 'string' || typeof input === 'number' ? [String(input)] : input;
}

/** The state of an element after a person put something in, as Slack sends it in `state.values` and actions. */
export function stateAfter(element: JsonObject, input: Input, offered: readonly JsonObject[] = []): JsonObject {
  const type = String(element['type']);
  const list = listOf(input);
  const first = list[0] ?? null;
  const options = (): readonly JsonObject[] => list.map((wanted) => option(element, wanted, offered));
  switch (type) {
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
      return { type, selected_option: options()[0] ?? null };
    case 'multi_static_select':
    case 'multi_external_select':
    case 'checkboxes':
      return { type, selected_options: options() };
    case 'users_select':
      return { type, selected_user: first };
    case 'conversations_select':
      return { type, selected_conversation: first };
    case 'channels_select':
      return { type, selected_channel: first };
    case 'multi_users_select':
      return { type, selected_users: list };
    case 'multi_conversations_select':
      return { type, selected_conversations: list };
    case 'multi_channels_select':
      return { type, selected_channels: list };
    case 'datepicker':
      return { type, selected_date: first };
    case 'timepicker':
      return { type, selected_time: first };
    case 'datetimepicker':
      return { type, selected_date_time: first === null ? null : Number(first) };
    default:
      return { type, value: first };
  }
}

/** The state of an element that nobody has touched yet. */
export function initialState(element: JsonObject): JsonObject {
  const text = [
    'initial_value',
    'initial_date',
    'initial_time',
    'initial_user',
    'initial_channel',
    'initial_conversation',
  ]
    .map((name) => stringOf(element[name]))
    .find((value) => value !== undefined);
  const one = element['initial_option'];
  const many = objectsOf(element['initial_options']);
  const offered = isObject(one) ? [one] : many;
  const chosen = offered.map((entry) => String(entry['value']));
  return stateAfter(element, chosen.length > 0 ? chosen : (text ?? null), offered);
}

/** Whether Slack's client would let a required input go as it is. */
export function isFilled(state: JsonObject): boolean {
  const { type: _type, ...fields } = state;
  return Object.values(fields).some(
    (value) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
  );
}
