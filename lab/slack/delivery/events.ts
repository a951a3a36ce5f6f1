import type { Lab } from '../lab.ts';
import type { Channel, JsonObject, Message } from '../nouns.ts';
import { messageToWire } from '../wire.ts';
import type { Delivery } from './outbox.ts';

/** The subscription that each kind of channel's messages belong to. */
const messageSubscription = { public: 'message.channels', private: 'message.groups', im: 'message.im' } as const;
const channelType = { public: 'channel', private: 'group', im: 'im' } as const;

/** Wraps an event as the Events API does. */
function eventEnvelope(lab: Lab, event: JsonObject, channel?: Channel): JsonObject {
  const { team, app, verificationToken } = lab.settings;
  const eventId = lab.state.newId('Ev');
  return {
    token: verificationToken,
    team_id: team.id,
    context_team_id: channel?.contextTeamId ?? team.id,
    context_enterprise_id: null,
    api_app_id: app.id,
    event,
    type: 'event_callback',
    event_id: eventId,
    event_time: Math.floor(Date.now() / 1_000),
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: app.botUserId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: channel?.isExtShared ?? false,
    event_context: `4-${eventId}`,
  };
}

/**
 * Sends an event unless the app did not subscribe to it. `subscription` is the manifest's word where it differs
 * from the event's type.
 */
export function sendEvent(
  lab: Lab,
  event: JsonObject,
  channel?: Channel,
  subscription = String(event['type']),
): Promise<Delivery> | undefined {
  const { events } = lab.settings;
  if (events !== undefined && !events.includes(subscription)) return undefined;
  return lab.outbox.send('events_api', String(event['type']), eventEnvelope(lab, event, channel));
}

/** What Slack tells an app about a new message: nothing where the bot is no member. */
export function announceMessage(lab: Lab, channel: Channel, message: Message): void {
  const { app } = lab.settings;
  if (!channel.members.includes(app.botUserId)) return;
  const wire = messageToWire(lab.state, lab.settings, message);
  const common = { ...wire, channel: channel.id, event_ts: message.ts };
  announceMention(lab, channel, message);
  void sendMessageEvent(lab, channel, common);
}

/** `app_mention`, when somebody else than the bot names it outside direct messages; again when they edit that. */
function announceMention(lab: Lab, channel: Channel, message: Message): void {
  const { app } = lab.settings;
  const isMention = message.text.includes(`<@${app.botUserId}>`) && message.botId !== app.botId;
  if (!isMention || channel.kind === 'im' || !channel.members.includes(app.botUserId)) return;
  const { type: _type, subtype: _subtype, ...wire } = messageToWire(lab.state, lab.settings, message);
  void sendEvent(lab, { ...wire, type: 'app_mention', channel: channel.id, event_ts: message.ts }, channel);
}

/** A `message` event, of any subtype, under the channel's own subscription. */
function sendMessageEvent(lab: Lab, channel: Channel, event: JsonObject): Promise<Delivery> | undefined {
  if (!channel.members.includes(lab.settings.app.botUserId)) return undefined;
  const full = { ...event, type: 'message', channel_type: channelType[channel.kind] };
  return sendEvent(lab, full, channel, messageSubscription[channel.kind]);
}

export function announceChange(lab: Lab, channel: Channel, before: Message, after: Message): void {
  const eventTs = lab.state.newTs();
  announceMention(lab, channel, after);
  void sendMessageEvent(lab, channel, {
    subtype: 'message_changed',
    message: messageToWire(lab.state, lab.settings, after),
    previous_message: messageToWire(lab.state, lab.settings, before),
    channel: channel.id,
    hidden: true,
    ts: eventTs,
    event_ts: eventTs,
  });
}

export function announceDeletion(lab: Lab, channel: Channel, message: Message): void {
  const eventTs = lab.state.newTs();
  void sendMessageEvent(lab, channel, {
    subtype: 'message_deleted',
    previous_message: messageToWire(lab.state, lab.settings, message),
    channel: channel.id,
    hidden: true,
    deleted_ts: message.ts,
    ts: eventTs,
    event_ts: eventTs,
  });
}
