import {
  channelReference,
  interactionBase,
  issueResponseUrl,
  issueTrigger,
  messageContainer,
} from '../delivery/interactions.ts';
import type { Delivery } from '../delivery/outbox.ts';
import { isObject, objectsOf } from '../json.ts';
import type { JsonObject, Message, View } from '../nouns.ts';
import { messageToWire, viewToWire } from '../wire.ts';
import { showCommandAnswer } from './acknowledgement.ts';
import { type Clickable, type ExactElement, findClickable } from './clickables.ts';
import type { Client } from './client.ts';
import { type Input, stateAfter } from './element-state.ts';
import { dismissView, type Inputs, type Submission, submitView, valuesOf } from './modal.ts';
import { slackText } from './typed-text.ts';

interface Offer {
  readonly text: string;
  readonly value: string;
}

/** Using the app: commands, buttons, menus, modals and shortcuts. All resolve when the app acknowledged or Slack gave up. */
export interface Using {
  /** Types a slash command. */
  slash(command: string, text: string, channel: string): Promise<Delivery>;
  /**
   * Clicks by action_id or by the words on the button. A message that was kept shows what a stale client still
   * shows. `value` forges the button's value; `confirm: false` says no in its confirmation dialog.
   */
  click(
    target: Message | View,
    what: string | ExactElement,
    options?: { readonly value?: string; readonly confirm?: boolean },
  ): Promise<Delivery | undefined>;
  /** Chooses in a menu or picker, by action_id, label or placeholder. */
  choose(target: Message | View, what: string | ExactElement, input: Input): Promise<Delivery>;
  /** Types into a menu whose options come from the app, and sees what it offers. */
  suggest(target: Message | View, what: string | ExactElement, query: string): Promise<readonly Offer[]>;
  /** Fills in a modal, by block id, action id or label, and submits it. Throws when a required input is empty. */
  submit(view: View, inputs?: Inputs): Promise<Submission>;
  /** Closes a modal by its cross or Cancel. */
  close(view: View): Promise<Delivery | undefined>;
  /** Uses a message shortcut, or a global one where no message is given. */
  shortcut(callbackId: string, message?: Message): Promise<Delivery>;
}

export function createUsing(client: Client): Using {
  const { lab, user, viewStates: states } = client;
  const { state, settings } = lab;

  function placeOf(target: Message | View): JsonObject {
    if ('ts' in target) {
      return {
        container: messageContainer(target),
        channel: channelReference(client.channel(target.channel)),
        message: messageToWire(state, settings, target),
        state: { values: {} },
        response_url: issueResponseUrl(lab, target.channel, user.id, target),
      };
    }
    const current = state.views.get(target.id) ?? target;
    const values = valuesOf(states, current);
    return { container: { type: 'view', view_id: current.id }, view: viewToWire(settings, current, values) };
  }

  function blocksOf(target: Message | View): readonly JsonObject[] {
    return 'ts' in target ? target.blocks : objectsOf((state.views.get(target.id) ?? target).source['blocks']);
  }

  function act(target: Message | View, found: Clickable, outcome: JsonObject): Promise<Delivery> {
    return lab.outbox.send('interactive', 'block_actions', {
      type: 'block_actions',
      ...interactionBase(lab, user),
      ...placeOf(target),
      trigger_id: issueTrigger(lab, user.id, 'ts' in target ? undefined : target.id),
      actions: [
        {
          type: found.element['type'],
          action_id: found.actionId,
          block_id: found.blockId,
          ...outcome,
          action_ts: state.newTs(),
        },
      ],
    });
  }

  function keepState(target: Message | View, found: Clickable, value: JsonObject): void {
    if ('ts' in target) return;
    const values = valuesOf(states, state.views.get(target.id) ?? target);
    states.set(target.id, { ...values, [found.blockId]: { ...values[found.blockId], [found.actionId]: value } });
  }

  return {
    async slash(command, text, channelName) {
      const channel = client.channel(channelName);
      const delivery = await lab.outbox.send('slash_commands', command, {
        token: settings.verificationToken,
        team_id: settings.team.id,
        team_domain: settings.team.domain,
        channel_id: channel.id,
        channel_name:
          channel.kind === 'im' ? 'directmessage' : channel.kind === 'private' ? 'privategroup' : channel.name,
        user_id: user.id,
        user_name: user.name,
        command,
        text: slackText(text),
        api_app_id: settings.app.id,
        is_enterprise_install: 'false',
        response_url: issueResponseUrl(lab, channel.id, user.id),
        trigger_id: issueTrigger(lab, user.id),
      });
      showCommandAnswer(lab, delivery, command, channel.id, user.id);
      return delivery;
    },

    async click(target, what, options = {}) {
      const found = findClickable(blocksOf(target), what);
      if (isObject(found.element['confirm']) && options.confirm === false) return undefined;
      const forged = options.value === undefined ? {} : { value: options.value };
      return act(target, found, { ...found.outcome, ...forged });
    },

    choose(target, what, input) {
      const found = findClickable(blocksOf(target), what);
      const value = stateAfter(found.element, input);
      keepState(target, found, value);
      return act(target, found, value);
    },

    async suggest(target, what, query) {
      const found = findClickable(blocksOf(target), what);
      const { state: _state, response_url: _responseUrl, ...place } = placeOf(target);
      const delivery = await lab.outbox.send('interactive', 'block_suggestion', {
        type: 'block_suggestion',
        ...interactionBase(lab, user),
        ...place,
        action_id: found.actionId,
        block_id: found.blockId,
        value: query,
      });
      const body = delivery.acknowledged?.body;
      return isObject(body) ? offersOf(body) : [];
    },

    submit: (view, inputs = {}) => submitView(lab, states, user, view, inputs),
    close: (view) => dismissView(lab, states, user, view),

    shortcut(callbackId, message) {
      const common = { ...interactionBase(lab, user), callback_id: callbackId, action_ts: state.newTs() };
      const trigger = { trigger_id: issueTrigger(lab, user.id) };
      if (message === undefined) {
        return lab.outbox.send('interactive', 'shortcut', { type: 'shortcut', ...common, ...trigger });
      }
      return lab.outbox.send('interactive', 'message_action', {
        type: 'message_action',
        ...common,
        ...trigger,
        message_ts: message.ts,
        channel: channelReference(client.channel(message.channel)),
        message: messageToWire(state, settings, message),
        response_url: issueResponseUrl(lab, message.channel, user.id, message),
      });
    },
  };
}

function offersOf(body: JsonObject): readonly Offer[] {
  const groups = objectsOf(body['option_groups']).flatMap((group) => objectsOf(group['options']));
  return [...objectsOf(body['options']), ...groups].map((option) => ({
    text: isObject(option['text']) ? String(option['text']['text']) : '',
    value: String(option['value']),
  }));
}
