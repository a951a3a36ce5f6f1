import { pushView, putView } from '../api/views.ts';
import { validateView } from '../block-kit/view.ts';
import { interactionBase, issueTrigger } from '../delivery/interactions.ts';
import type { Delivery } from '../delivery/outbox.ts';
import { isObject, objectsOf, stringOf, textOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import type { JsonObject, User, View } from '../nouns.ts';
import { viewToWire } from '../wire.ts';
import { clickablesOf } from './clickables.ts';
import { type Input, initialState, isFilled, stateAfter } from './element-state.ts';

/** By block id or action id or label, what a person put in. */
export type Inputs = Readonly<Record<string, Input>>;

export interface Submission {
  readonly delivery: Delivery;
  /** Per block id, what the app refused; empty when it took the submission. */
  readonly errors: Readonly<Record<string, string>>;
  /** The modal that is open afterwards: the same, an updated one, one on top, or the one below. */
  readonly view: View | undefined;
}

/** What people have typed and chosen so far, by view id, then block id, then action id. */
export type ViewStates = Map<string, Record<string, Record<string, JsonObject>>>;

/** `state.values` of a view: what was put in, else the initial values. */
export function valuesOf(
  states: ViewStates,
  view: View,
  inputs: Inputs = {},
): Record<string, Record<string, JsonObject>> {
  const kept = states.get(view.id) ?? {};
  const values: Record<string, Record<string, JsonObject>> = {};
  for (const entry of clickablesOf(objectsOf(view.source['blocks']))) {
    const type = String(entry.element['type']);
    if ((type.includes('button') && type !== 'radio_buttons') || type === 'overflow') continue;
    const given = [entry.actionId, entry.blockId, entry.label].find((name) => name in inputs);
    const before = kept[entry.blockId]?.[entry.actionId] ?? initialState(entry.element);
    const state = given === undefined ? before : stateAfter(entry.element, inputs[given] ?? null);
    values[entry.blockId] = { ...values[entry.blockId], [entry.actionId]: state };
  }
  states.set(view.id, values);
  return values;
}

function refuseUnfilled(view: View, values: Record<string, Record<string, JsonObject>>): void {
  for (const block of objectsOf(view.source['blocks'])) {
    if (block['type'] !== 'input' || block['optional'] === true) continue;
    const states = Object.values(values[stringOf(block['block_id']) ?? ''] ?? {});
    if (!states.every(isFilled))
      throw new Error(`"${textOf(block['label'])}" is required, so the modal does not submit`);
  }
}

function closeView(lab: Lab, view: View): void {
  lab.state.views.set(view.id, { ...view, open: false });
  lab.state.changed();
}

function closeStack(lab: Lab, view: View): void {
  for (const other of lab.state.views.values()) {
    if (other.rootId === view.rootId && other.open) closeView(lab, other);
  }
}

function checkedSource(lab: Lab, value: unknown): JsonObject {
  if (!isObject(value)) throw new Error('the app acknowledged with a response_action that needs a view and sent none');
  lab.recordViolations('ack', validateView(value));
  return value;
}

/** Does what the app answered to a submission. */
function follow(lab: Lab, view: View, body: JsonObject): View | undefined {
  switch (body['response_action']) {
    case 'errors': {
      const errors = isObject(body['errors']) ? body['errors'] : {};
      const texts = Object.fromEntries(Object.entries(errors).map(([block, text]) => [block, String(text)]));
      lab.state.views.set(view.id, { ...view, errors: texts });
      lab.state.changed();
      return lab.state.views.get(view.id);
    }
    case 'update':
      return putView(lab, { ...view, source: checkedSource(lab, body['view']), errors: {} });
    case 'push':
      return pushView(lab, view, checkedSource(lab, body['view']));
    case 'clear':
      closeStack(lab, view);
      return undefined;
    default: {
      // The app may have opened or updated the view itself meanwhile; only what was submitted closes.
      const now = lab.state.views.get(view.id);
      if (now !== undefined && now.hash === view.hash) closeView(lab, now);
      return view.previousId === undefined ? undefined : lab.state.views.get(view.previousId);
    }
  }
}

export async function submitView(
  lab: Lab,
  states: ViewStates,
  user: User,
  view: View,
  inputs: Inputs,
): Promise<Submission> {
  const current = lab.state.views.get(view.id) ?? view;
  if (!current.open) throw new Error('this modal is closed');
  const values = valuesOf(states, current, inputs);
  refuseUnfilled(current, values);
  const delivery = await lab.outbox.send('interactive', 'view_submission', {
    type: 'view_submission',
    ...interactionBase(lab, user),
    trigger_id: issueTrigger(lab, user.id, current.id),
    view: viewToWire(lab.settings, current, values),
    response_urls: [],
  });
  if (delivery.acknowledged === undefined) return { delivery, errors: {}, view: current };
  const body = delivery.acknowledged.body;
  const next = follow(lab, current, isObject(body) ? body : {});
  return { delivery, errors: next?.id === current.id ? next.errors : {}, view: next };
}

/** The cross of a modal: closes it and, when the app asked for it, tells. */
export async function dismissView(lab: Lab, states: ViewStates, user: User, view: View): Promise<Delivery | undefined> {
  const current = lab.state.views.get(view.id) ?? view;
  const isCleared = current.source['clear_on_close'] === true;
  if (isCleared) closeStack(lab, current);
  else closeView(lab, current);
  if (current.source['notify_on_close'] !== true) return undefined;
  return lab.outbox.send('interactive', 'view_closed', {
    type: 'view_closed',
    ...interactionBase(lab, user),
    view: viewToWire(lab.settings, current, valuesOf(states, current)),
    is_cleared: isCleared,
  });
}
