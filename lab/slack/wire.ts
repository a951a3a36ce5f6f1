import { repliesTo } from './messages.ts';
import type { Channel, JsonObject, Message, SlackFile, User, View } from './nouns.ts';
import type { Settings } from './options.ts';
import type { State } from './state.ts';

/** Leaves out what is undefined, as JSON does, so that payloads compare by value. */
function compact(object: Record<string, unknown>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** A message as Slack sends it in events, interactions and `conversations.replies`. */
export function messageToWire(state: State, settings: Settings, message: Message): JsonObject {
  const replies = repliesTo(state, message.channel, message.ts);
  const bot = message.botId === undefined ? undefined : state.bots.get(message.botId);
  const root = message.threadTs === undefined ? undefined : state.messages.get(message.channel)?.get(message.threadTs);
  const inThread = message.threadTs ?? (replies.length > 0 ? message.ts : undefined);
  return compact({
    type: 'message',
    subtype: message.subtype,
    user: message.user,
    bot_id: message.botId,
    app_id: bot?.appId,
    bot_profile:
      bot === undefined ? undefined : { id: bot.id, app_id: bot.appId, name: bot.name, team_id: settings.team.id },
    username: message.subtype === 'bot_message' ? bot?.name : undefined,
    team: settings.team.id,
    ts: message.ts,
    text: message.text,
    blocks: message.blocks.length > 0 ? message.blocks : undefined,
    attachments: message.attachments.length > 0 ? message.attachments : undefined,
    files: message.files.length > 0 ? filesToWire(state, settings, message.files) : undefined,
    metadata: message.metadata,
    thread_ts: inThread,
    parent_user_id: root?.user,
    reply_count: replies.length > 0 ? replies.length : undefined,
    latest_reply: replies.at(-1)?.ts,
    is_ephemeral: message.ephemeralTo === undefined ? undefined : true,
    edited: message.edited ? { user: message.user, ts: message.ts } : undefined,
    reactions:
      message.reactions.length > 0
        ? message.reactions.map((reaction) => ({ ...reaction, count: reaction.users.length }))
        : undefined,
  });
}

function filesToWire(state: State, settings: Settings, ids: readonly string[]): readonly JsonObject[] {
  return ids.flatMap((id) => {
    const file = state.files.get(id);
    return file === undefined ? [] : [fileToWire(settings, file)];
  });
}

export function fileToWire(settings: Settings, file: SlackFile): JsonObject {
  return compact({
    id: file.id,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.name.includes('.') ? file.name.split('.').at(-1) : 'text',
    size: file.content?.length ?? 0,
    user: settings.app.botUserId,
    mode: 'hosted',
    alt_txt: file.altText,
    is_public: file.shared !== undefined,
    channels: file.shared === undefined ? [] : [file.shared.channel],
    url_private: `https://files.slack.com/files-pri/${settings.team.id}-${file.id}/${file.name}`,
    permalink: `https://${settings.team.domain}.slack.com/files/${settings.app.botUserId}/${file.id}/${file.name}`,
  });
}

export function userToWire(settings: Settings, user: User): JsonObject {
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    real_name: user.realName,
    deleted: user.deleted,
    tz: user.timeZone,
    is_admin: user.isAdmin,
    is_owner: false,
    is_bot: user.isBot,
    is_stranger: user.teamId !== settings.team.id,
    is_restricted: false,
    is_ultra_restricted: false,
    profile: { real_name: user.realName, display_name: user.name, team: user.teamId },
  };
}

export function channelToWire(settings: Settings, channel: Channel): JsonObject {
  const other = channel.members.find((member) => member !== settings.app.botUserId);
  return compact({
    id: channel.id,
    name: channel.kind === 'im' ? undefined : channel.name,
    is_channel: channel.kind === 'public',
    is_group: channel.kind === 'private',
    is_im: channel.kind === 'im',
    is_mpim: false,
    is_private: channel.kind !== 'public',
    is_archived: channel.isArchived,
    is_member: channel.members.includes(settings.app.botUserId),
    is_shared: channel.isExtShared,
    is_ext_shared: channel.isExtShared,
    is_org_shared: false,
    context_team_id: channel.contextTeamId,
    num_members: channel.members.length,
    user: channel.kind === 'im' ? other : undefined,
  });
}

export function viewToWire(settings: Settings, view: View, values: JsonObject = {}): JsonObject {
  const source = view.source;
  return {
    id: view.id,
    team_id: settings.team.id,
    type: view.kind,
    blocks: source['blocks'] ?? [],
    private_metadata: source['private_metadata'] ?? '',
    callback_id: view.callbackId,
    state: { values },
    hash: view.hash,
    title: source['title'] ?? { type: 'plain_text', text: 'View Title', emoji: true },
    clear_on_close: source['clear_on_close'] ?? false,
    notify_on_close: source['notify_on_close'] ?? false,
    close: source['close'] ?? null,
    submit: source['submit'] ?? null,
    previous_view_id: view.previousId ?? null,
    root_view_id: view.rootId,
    app_id: settings.app.id,
    external_id: view.externalId,
    app_installed_team_id: settings.team.id,
    bot_id: settings.app.botId,
  };
}
