import { validateView } from '../block-kit/view.ts';
import { isObject, stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import type { JsonObject, View } from '../nouns.ts';
import { missingArgument, SlackError } from '../slack-error.ts';
import type { Trigger } from '../state.ts';
import { viewToWire } from '../wire.ts';
import { type Answering, type Method, refuseSwitchedOff, refuseViolations, required } from './method.ts';

/** Slack's maximum of modals on one another. */
const maximumStack = 3;

function readView(lab: Lab, args: JsonObject, kind: View['kind'], answering: Answering): JsonObject {
  const view = args['view'];
  if (view === undefined) throw missingArgument('view');
  if (!isObject(view)) throw new SlackError('invalid_arguments');
  const violations = validateView(view);
  const isTooLarge = violations.some((violation) => violation.code === 'total_too_long');
  refuseViolations(answering, violations, isTooLarge ? 'view_too_large' : 'invalid_arguments');
  if (view['type'] !== kind) throw new SlackError('invalid_arguments');
  refuseSwitchedOff(lab, view['blocks'], '/view/blocks');
  return view;
}

/** Spends a trigger_id: one exchange within its lifetime. */
function exchangeTrigger(lab: Lab, args: JsonObject): Trigger {
  const trigger = lab.state.triggers.get(required(args, 'trigger_id'));
  if (trigger === undefined) throw new SlackError('invalid_trigger_id');
  if (trigger.used) throw new SlackError('exchanged_trigger_id');
  if (Date.now() - trigger.issuedAt > lab.settings.triggerLifetimeMs) throw new SlackError('expired_trigger_id');
  lab.state.triggers.set(trigger.id, { ...trigger, used: true });
  return trigger;
}

/** Stores a view under a new hash. */
export function putView(lab: Lab, view: Omit<View, 'hash' | 'callbackId' | 'externalId'>): View {
  const { state } = lab;
  const externalId = stringOf(view.source['external_id']) ?? '';
  const isTaken = [...state.views.values()].some(
    (other) => other.id !== view.id && other.open && other.externalId === externalId,
  );
  if (externalId !== '' && isTaken) throw new SlackError('duplicate_external_id');
  const full: View = {
    ...view,
    hash: `${state.newTs()}.lab`,
    callbackId: stringOf(view.source['callback_id']) ?? '',
    externalId,
  };
  state.views.set(full.id, full);
  state.changed();
  return full;
}

function openView(lab: Lab, user: string, source: JsonObject, below?: View): View {
  const id = lab.state.newId('V');
  return putView(lab, {
    id,
    kind: 'modal',
    user,
    rootId: below?.rootId ?? id,
    previousId: below?.id,
    open: true,
    source,
    errors: {},
  });
}

function stackSize(lab: Lab, view: View): number {
  const below = view.previousId === undefined ? undefined : lab.state.views.get(view.previousId);
  return below === undefined ? 1 : 1 + stackSize(lab, below);
}

/** Puts a modal on another one, as `views.push` and `response_action: push` do. */
export function pushView(lab: Lab, below: View, source: JsonObject): View {
  if (stackSize(lab, below) >= maximumStack) throw new SlackError('push_limit_reached');
  return openView(lab, below.user, source, below);
}

/** The view of `views.update`, by view_id or external_id. */
function findView(lab: Lab, args: JsonObject): View {
  const id = stringOf(args['view_id']);
  const externalId = stringOf(args['external_id']);
  const view = [...lab.state.views.values()].find((other) =>
    id === undefined ? externalId !== undefined && other.externalId === externalId : other.id === id,
  );
  if (view === undefined || !view.open) throw new SlackError('not_found');
  return view;
}

function checkHash(args: JsonObject, view: View | undefined): void {
  const hash = stringOf(args['hash']);
  if (hash !== undefined && hash !== '' && view !== undefined && view.hash !== hash)
    throw new SlackError('hash_conflict');
}

export const viewsMethods: Readonly<Record<string, Method>> = {
  'views.open': {
    run(lab, args, answering) {
      const source = readView(lab, args, 'modal', answering);
      const trigger = exchangeTrigger(lab, args);
      return { view: viewToWire(lab.settings, openView(lab, trigger.user, source)) };
    },
  },

  'views.push': {
    run(lab, args, answering) {
      const source = readView(lab, args, 'modal', answering);
      const trigger = exchangeTrigger(lab, args);
      const below = trigger.viewId === undefined ? undefined : lab.state.views.get(trigger.viewId);
      if (below === undefined || !below.open) throw new SlackError('not_found');
      return { view: viewToWire(lab.settings, pushView(lab, below, source)) };
    },
  },

  'views.update': {
    run(lab, args, answering) {
      const view = findView(lab, args);
      const source = readView(lab, args, view.kind, answering);
      checkHash(args, view);
      return { view: viewToWire(lab.settings, putView(lab, { ...view, source, errors: {} })) };
    },
  },

  'views.publish': {
    run(lab, args, answering) {
      const user = required(args, 'user_id');
      if (!lab.state.users.has(user)) throw new SlackError('user_not_found');
      const source = readView(lab, args, 'home', answering);
      const before = homeOf(lab, user);
      checkHash(args, before);
      const id = before?.id ?? lab.state.newId('V');
      const rest = {
        id,
        kind: 'home' as const,
        user,
        rootId: id,
        previousId: undefined,
        open: true,
        source,
        errors: {},
      };
      return { view: viewToWire(lab.settings, putView(lab, rest)) };
    },
  },
};

export function homeOf(lab: Pick<Lab, 'state'>, user: string): View | undefined {
  return [...lab.state.views.values()].find((view) => view.kind === 'home' && view.user === user);
}
