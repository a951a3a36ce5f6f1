import type { JsonObject } from '../nouns.ts';
import { checkConfirm, checkImageSource, checkOptions, checkText } from './composition.ts';
import { checkKeys, checkNumber, checkObjects, checkOneOf, checkString } from './field.ts';
import { limits } from './limits.ts';
import { at, type Report, refuse } from './violation.ts';

type ElementCheck = (report: Report, element: JsonObject) => void;

function placeholder(report: Report, element: JsonObject): void {
  checkText(report, element, 'placeholder', limits.placeholder, ['plain_text'], false);
}

function button(report: Report, element: JsonObject): void {
  checkKeys(report, element, [
    ...['type', 'action_id', 'text', 'value', 'url', 'style', 'confirm', 'accessibility_label'],
  ]);
  checkText(report, element, 'text', limits.buttonText, ['plain_text']);
  checkString(report, element, 'value', { maximum: limits.buttonValue });
  checkString(report, element, 'url', { maximum: limits.url });
  checkString(report, element, 'accessibility_label', { maximum: limits.accessibilityLabel });
  checkOneOf(report, element, 'style', ['primary', 'danger']);
}

function choices(report: Report, element: JsonObject): void {
  checkOptions(report, element, limits.choices, ['plain_text', 'mrkdwn']);
}

function staticSelect(report: Report, element: JsonObject): void {
  placeholder(report, element);
  checkOptions(report, element, limits.options, ['plain_text']);
}

function externalSelect(report: Report, element: JsonObject): void {
  placeholder(report, element);
  checkNumber(report, element, 'min_query_length', { minimum: 0, integer: true });
}

function textInput(report: Report, element: JsonObject): void {
  placeholder(report, element);
  checkString(report, element, 'initial_value', { emptyAllowed: true });
  checkNumber(report, element, 'min_length', { minimum: 0, maximum: limits.plainTextInput, integer: true });
  checkNumber(report, element, 'max_length', { minimum: 1, maximum: limits.plainTextInput, integer: true });
}

function feedbackButton(report: Report, element: JsonObject, name: string): void {
  const [entry] = checkObjects(report, { [name]: [element[name] ?? null] }, name);
  if (entry === undefined) return;
  const here = at(report, name);
  checkText(here, entry.item, 'text', limits.buttonText, ['plain_text']);
  checkString(here, entry.item, 'value', { maximum: limits.feedbackValue, required: true });
  checkString(here, entry.item, 'accessibility_label', { maximum: limits.accessibilityLabel });
}

function feedbackButtons(report: Report, element: JsonObject): void {
  feedbackButton(report, element, 'positive_button');
  feedbackButton(report, element, 'negative_button');
}

function iconButton(report: Report, element: JsonObject): void {
  checkString(report, element, 'icon', { required: true });
  checkText(report, element, 'text', limits.buttonText, ['plain_text']);
  checkString(report, element, 'value', { maximum: limits.buttonValue });
  checkString(report, element, 'accessibility_label', { maximum: limits.accessibilityLabel });
}

function numberInput(report: Report, element: JsonObject): void {
  placeholder(report, element);
  if (typeof element['is_decimal_allowed'] !== 'boolean') {
    refuse(at(report, 'is_decimal_allowed'), 'missing', 'missing required field: is_decimal_allowed');
  }
}

function fileInput(report: Report, element: JsonObject): void {
  checkNumber(report, element, 'max_files', { minimum: 1, maximum: limits.fileInputs, integer: true });
}

const elementChecks: Readonly<Record<string, ElementCheck>> = {
  button,
  checkboxes: choices,
  radio_buttons: choices,
  overflow: (report, element) => checkOptions(report, element, limits.overflowOptions, ['plain_text']),
  static_select: staticSelect,
  multi_static_select: staticSelect,
  external_select: externalSelect,
  multi_external_select: externalSelect,
  users_select: placeholder,
  multi_users_select: placeholder,
  conversations_select: placeholder,
  multi_conversations_select: placeholder,
  channels_select: placeholder,
  multi_channels_select: placeholder,
  datepicker: placeholder,
  timepicker: placeholder,
  datetimepicker: () => {},
  plain_text_input: textInput,
  email_text_input: textInput,
  url_text_input: textInput,
  number_input: numberInput,
  rich_text_input: placeholder,
  file_input: fileInput,
  feedback_buttons: feedbackButtons,
  icon_button: iconButton,
  workflow_button: (report, element) => checkText(report, element, 'text', limits.buttonText, ['plain_text']),
};

const selects = ['static', 'external', 'users', 'conversations', 'channels'].flatMap((source) => [
  `${source}_select`,
  `multi_${source}_select`,
]);
const pickers = ['datepicker', 'timepicker', 'datetimepicker', 'checkboxes', 'radio_buttons'];

/** Which elements each place takes. */
export const elementsAllowedIn = {
  actions: ['button', 'overflow', 'workflow_button', 'rich_text_input', ...selects, ...pickers],
  accessory: ['button', 'overflow', 'workflow_button', 'image', ...selects, ...pickers],
  input: [
    ...['plain_text_input', 'email_text_input', 'url_text_input', 'number_input', 'rich_text_input', 'file_input'],
    ...selects,
    ...pickers,
  ],
  contextActions: ['feedback_buttons', 'icon_button'],
  cardActions: ['button'],
} as const;

/** Checks an interactive element (or an image accessory) in its place. */
export function checkElement(report: Report, element: JsonObject, allowed: readonly string[]): void {
  const type = element['type'];
  if (typeof type !== 'string') {
    refuse(at(report, 'type'), 'missing', 'missing required field: type');
    return;
  }
  if (!allowed.includes(type)) {
    refuse(
      at(report, 'type'),
      type in elementChecks ? 'not_allowed_here' : 'unknown_type',
      `unsupported type: ${type}`,
    );
    return;
  }
  if (type === 'image') {
    checkImageSource(report, element);
    return;
  }
  checkString(report, element, 'action_id', { maximum: limits.actionId });
  checkConfirm(report, element);
  elementChecks[type]?.(report, element);
}
