import { endStreams } from '../api/chat-stream.ts';
import { homeOf } from '../api/views.ts';
import { sendEvent } from '../delivery/events.ts';
import type { Delivery } from '../delivery/outbox.ts';
import type { Message } from '../nouns.ts';
import { directChannel, sessionKey } from '../state.ts';
import { viewToWire } from '../wire.ts';
import type { Client, ThreadReference } from './client.ts';

/** Moving about in Slack. All resolve when the app acknowledged; to undefined where it did not subscribe. */
export interface Presence {
  openHome(): Promise<Delivery | undefined>;
  /** Opens the bot's direct messages, the Messages tab. */
  openMessages(): Promise<Delivery | undefined>;
  /** Moves to another place while the agent's pane is open: `app_context_changed`. */
  lookAt(place: Message | { readonly channel: string }): Promise<Delivery | undefined>;
  /** Presses Slack's own Stop button. Throws where there is none. */
  stopSession(thread: ThreadReference): Promise<Delivery | undefined>;
  join(channel: string): Promise<Delivery | undefined>;
}

export function createPresence(client: Client): Presence {
  const { lab, user } = client;
  const { state, settings } = lab;

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
    openHome: () => openTab('home'),
    openMessages: () => openTab('messages'),

    async lookAt(place) {
      const channel = directChannel(state, settings, user.id);
      const entity =
        'ts' in place
          ? { type: 'slack#/types/message_context', value: { message_ts: place.ts, channel_id: place.channel } }
          : { type: 'slack#/types/channel_id', value: client.channel(place.channel).id };
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
      const channel = client.channel(thread.channel);
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
      const channel = client.channel(channelName);
      if (channel.members.includes(user.id)) return undefined;
      state.channels.set(channel.id, { ...channel, members: [...channel.members, user.id] });
      state.changed();
      const type = channel.kind === 'private' ? 'G' : 'C';
      const event = { type: 'member_joined_channel', user: user.id, channel: channel.id, channel_type: type };
      return sendEvent(lab, { ...event, team: settings.team.id, event_ts: state.newTs() }, channel);
    },
  };
}
