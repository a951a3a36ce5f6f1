import { endStreams } from '../api/chat-stream.ts';
import { homeOf } from '../api/views.ts';
import { announceChange, announceDeletion, announceMessage, sendEvent } from '../delivery/events.ts';
import {
  channelReference,
  interactionBase,
  issueResponseUrl,
  issueTrigger,
  messageContainer,
} from '../delivery/interactions.ts';
import type { Delivery } from '../delivery/outbox.ts';
import { isObject, objectsOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import { addMessage, changeMessage } from '../messages.ts';
import type { Channel, JsonObject, Message, User, View } from '../nouns.ts';
import { directChannel, sessionKey } from '../state.ts';
import { messageToWire, viewToWire } from '../wire.ts';
import { showCommandAnswer } from './acknowledgement.ts';
import { type Clickable, findClickable } from './clickables.ts';
import { type Input, stateAfter } from './element-state.ts';
import { dismissView, type Inputs, type Submission, submitView, type ViewStates, valuesOf } from './modal.ts';
import { composerBlocks, slackText } from './typed-text.ts';

/** A thread by any of its messages, or by its root's ts. */
export interface ThreadReference {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs?: string | undefined;
}

export interface Offer {
  readonly text: string;
  readonly value: string;
}

/**
 * A person at their Slack client. What they do is delivered to the app at once; the functions that wait for the
 * app's acknowledgement return it as a delivery. Channels are named by id or name.
 */
export interface Person {
  readonly id: string;
  /** Posts a message. `text` is what is typed; `<@U…>` stands for a mention picked from the list. */
  message(channel: string, text: string, options?: { readonly threadTs?: string }): Message;
  /** Posts `@bot text`. */
  mention(channel: string, text: string, options?: { readonly threadTs?: string }): Message;
  /** Answers in a thread. */
  reply(thread: ThreadReference, text: string): Message;
  /** Writes to the bot in their direct messages. */
  direct(text: string, options?: { readonly threadTs?: string }): Message;
  edit(message: Message, text: string): Message;
  remove(message: Message): void;
  /** Types a slash command; resolves when the app acknowledged or Slack gave up. */
  slash(command: string, text: string, channel: string): Promise<Delivery>;
  /**
   * Clicks by action_id or by the words on the button. A message that was kept shows what a stale client still
   * shows. `value` forges the button's value; `confirm: false` says no in its confirmation dialog.
   */
  click(
    target: Message | View,
    what: string,
    options?: { readonly value?: string; readonly confirm?: boolean },
  ): Promise<Delivery | undefined>;
  /** Chooses in a menu or picker, by action_id, label or placeholder. */
  choose(target: Message | View, what: string, input: Input): Promise<Delivery>;
  /** Types into a menu whose options come from the app, and sees what it offers. */
  suggest(target: Message | View, what: string, query: string): Promise<readonly Offer[]>;
  /** Fills in a modal, by block id, action id or label, and submits it. Throws when a required input is empty. */
  submit(view: View, inputs?: Inputs): Promise<Submission>;
  /** Closes a modal by its cross or Cancel. */
  close(view: View): Promise<Delivery | undefined>;
  /** Uses a message shortcut, or a global one where no message is given. */
  shortcut(callbackId: string, message?: Message): Promise<Delivery>;
  openHome(): Promise<Delivery | undefined>;
  /** Opens the bot's direct messages, the Messages tab. */
  openMessages(): Promise<Delivery | undefined>;
  /** Moves to another place while the agent's pane is open: `app_context_changed`. */
  lookAt(place: Message | { readonly channel: string }): Promise<Delivery | undefined>;
  /** Presses Slack's own Stop button. Throws where there is none. */
  stopSession(thread: ThreadReference): Promise<Delivery | undefined>;
  join(channel: string): Promise<Delivery | undefined>;
  react(message: Message, name: string): void;
}

export function createPerson(lab: Lab, user: User, findChannel: (name: string) => Channel, states: ViewStates): Person {
  const { state, settings } = lab;

  function post(channel: Channel, typed: string, threadTs: string | undefined): Message {
    if (channel.isArchived) throw new Error(`#${channel.name} is archived`);
    const message = addMessage(state, {
      channel: channel.id,
      threadTs,
      user: user.id,
      text: slackText(typed),
      blocks: composerBlocks(typed),
    });
    announceMessage(lab, channel, message);
    return message;
  }

  function placeOf(target: Message | View): JsonObject {
    if ('ts' in target) {
      return {
        container: messageContainer(target),
        channel: channelReference(findChannel(target.channel)),
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

  function openTab(tab: 'home' | 'messages'): Promise<Delivery | undefined> {
    const channel = directChannel(state, settings, user.id);
    const home = homeOf(lab, user.id);
    const view = tab === 'home' && home !== undefined ? { view: viewToWire(settings, home) } : {};
    const event = {
      type: 'app_home_opened',
      user: user.id,
      channel: channel.id,
      tab,
      event_ts: state.newTs(),
      ...view,
    };
    return Promise.resolve(sendEvent(lab, event, channel));
  }

  return {
    id: user.id,
    message: (channel, text, options) => post(findChannel(channel), text, options?.threadTs),
    mention: (channel, text, options) =>
      post(findChannel(channel), `<@${settings.app.botUserId}> ${text}`, options?.threadTs),
    reply: (thread, text) => post(findChannel(thread.channel), text, thread.threadTs ?? thread.ts),
    direct: (text, options) => post(directChannel(state, settings, user.id), text, options?.threadTs),

    edit(message, text) {
      const change = { text: slackText(text), blocks: composerBlocks(text), edited: true };
      const after = changeMessage(state, message, change);
      announceChange(lab, findChannel(message.channel), message, after);
      return after;
    },

    remove(message) {
      changeMessage(state, message, { deleted: true });
      announceDeletion(lab, findChannel(message.channel), message);
    },

    async slash(command, text, channelName) {
      const channel = findChannel(channelName);
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
        channel: channelReference(findChannel(message.channel)),
        message: messageToWire(state, settings, message),
        response_url: issueResponseUrl(lab, message.channel, user.id, message),
      });
    },

    openHome: () => openTab('home'),
    openMessages: () => openTab('messages'),

    async lookAt(place) {
      const channel = directChannel(state, settings, user.id);
      const entity =
        'ts' in place
          ? { type: 'slack#/types/message_context', value: { message_ts: place.ts, channel_id: place.channel } }
          : { type: 'slack#/types/channel_id', value: findChannel(place.channel).id };
      const context = { entities: [{ ...entity, team_id: settings.team.id }] };
      const event = {
        type: 'app_context_changed',
        channel: channel.id,
        user: user.id,
        context,
        event_ts: state.newTs(),
      };
      return sendEvent(lab, event, channel);
    },

    async stopSession(thread) {
      const threadTs = thread.threadTs ?? thread.ts;
      const session = state.sessions.get(sessionKey(thread.channel, threadTs));
      const stopped = endStreams(lab, 'stopped_by_user', threadTs);
      if (session?.status !== 'processing' && stopped.length === 0) throw new Error('this thread shows no Stop button');
      const channel = findChannel(thread.channel);
      return sendEvent(
        lab,
        {
          type: 'agent_session_stopped',
          channel: channel.id,
          user: user.id,
          thread_ts: threadTs,
          streaming_message_ts: stopped.map((message) => message.ts),
          event_ts: state.newTs(),
        },
        channel,
      );
    },

    async join(channelName) {
      const channel = findChannel(channelName);
      if (channel.members.includes(user.id)) return undefined;
      state.channels.set(channel.id, { ...channel, members: [...channel.members, user.id] });
      state.changed();
      const type = channel.kind === 'private' ? 'G' : 'C';
      const event = { type: 'member_joined_channel', user: user.id, channel: channel.id, channel_type: type };
      return sendEvent(lab, { ...event, team: settings.team.id, event_ts: state.newTs() }, channel);
    },

    react(message, name) {
      const current = state.messages.get(message.channel)?.get(message.ts) ?? message;
      changeMessage(state, current, { reactions: [...current.reactions, { name, users: [user.id] }] });
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
