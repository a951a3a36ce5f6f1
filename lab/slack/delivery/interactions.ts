import type { Lab } from '../lab.ts';
import type { Channel, JsonObject, Message, User } from '../nouns.ts';

/** A `trigger_id` for a person who has just done something. */
export function issueTrigger(lab: Lab, user: string, viewId?: string): string {
  const id = `${lab.state.newId('1')}.${lab.settings.team.id.slice(1)}.${lab.state.newId('t').toLowerCase()}`;
  lab.state.triggers.set(id, { id, user, issuedAt: Date.now(), used: false, viewId });
  return id;
}

/** A `response_url`: five uses within thirty minutes. */
export function issueResponseUrl(lab: Lab, channel: string, user: string, message?: Message): string {
  const id = lab.state.newId('R');
  lab.state.responseUrls.set(id, { id, channel, user, message, issuedAt: Date.now(), uses: 0 });
  return `${lab.origin}/response/${lab.settings.team.id}/${id}`;
}

/** What every interaction payload begins with. */
export function interactionBase(lab: Lab, user: User): JsonObject {
  const { team, app, verificationToken } = lab.settings;
  return {
    user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
    api_app_id: app.id,
    token: verificationToken,
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
  };
}

export function channelReference(channel: Channel): JsonObject {
  return { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.name };
}

/** Where an element was that a person used. */
export function messageContainer(message: Message): JsonObject {
  return {
    type: 'message',
    message_ts: message.ts,
    channel_id: message.channel,
    is_ephemeral: message.ephemeralTo !== undefined,
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
  };
}
