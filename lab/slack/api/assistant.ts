import { objectsOf, stringOf, stringsOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import type { JsonObject, Session } from '../nouns.ts';
import { SlackError } from '../slack-error.ts';
import { sessionKey } from '../state.ts';
import { type Method, required, writableChannel } from './method.ts';

const statuses = ['active', 'processing', 'suspended', 'closed'] as const;
const maximumTitle = 200;
const maximumLoadingMessages = 10;
const maximumPrompts = 4;

function isStatus(value: string): value is (typeof statuses)[number] {
  return statuses.some((status) => status === value);
}

function sessionOf(lab: Lab, channel: string, threadTs: string): Session {
  return (
    lab.state.sessions.get(sessionKey(channel, threadTs)) ?? {
      channel,
      threadTs,
      statusText: '',
      loadingMessages: [],
      status: 'none',
      title: '',
      prompts: [],
    }
  );
}

function put(lab: Lab, session: Session): void {
  lab.state.sessions.set(sessionKey(session.channel, session.threadTs), session);
  lab.state.changed();
}

/** Sets an agent session's status; throws `invalid_arguments` for a word that Slack does not know. */
export function setSessionStatus(lab: Lab, channel: string, threadTs: string, status: string, title?: string): Session {
  if (!isStatus(status)) throw new SlackError('invalid_arguments');
  const before = sessionOf(lab, channel, threadTs);
  const isNew = before.status === 'none';
  const session: Session = {
    ...before,
    status,
    title: isNew && title !== undefined ? title.slice(0, maximumTitle) : before.title,
    // The shimmering line lasts while the agent works.
    statusText: status === 'processing' ? before.statusText : '',
  };
  put(lab, session);
  return session;
}

function thread(lab: Lab, args: JsonObject): { readonly channel: string; readonly threadTs: string } {
  const channel = writableChannel(lab, required(args, 'channel_id'));
  return { channel: channel.id, threadTs: required(args, 'thread_ts') };
}

export const assistantMethods: Readonly<Record<string, Method>> = {
  'assistant.threads.setStatus': {
    scope: 'chat:write',
    run(lab, args) {
      const { channel, threadTs } = thread(lab, args);
      const loadingMessages = stringsOf(args['loading_messages']);
      if (loadingMessages.length > maximumLoadingMessages) throw new SlackError('invalid_arguments');
      if (typeof args['status'] !== 'string') throw new SlackError('invalid_arguments');
      put(lab, { ...sessionOf(lab, channel, threadTs), statusText: args['status'], loadingMessages });
      return {};
    },
  },

  'assistant.threads.setSuggestedPrompts': {
    scope: 'assistant:write',
    run(lab, args) {
      const channel = writableChannel(lab, required(args, 'channel_id')).id;
      const prompts = objectsOf(args['prompts']).map((prompt) => ({
        title: required(prompt, 'title'),
        message: required(prompt, 'message'),
      }));
      if (prompts.length > maximumPrompts) throw new SlackError('invalid_arguments');
      put(lab, { ...sessionOf(lab, channel, stringOf(args['thread_ts']) ?? ''), prompts });
      return {};
    },
  },

  'assistant.threads.setTitle': {
    scope: 'assistant:write',
    run(lab, args) {
      const { channel, threadTs } = thread(lab, args);
      put(lab, { ...sessionOf(lab, channel, threadTs), title: required(args, 'title') });
      return {};
    },
  },

  'agents.sessions.setStatus': {
    scope: 'chat:write',
    run(lab, args) {
      const { channel, threadTs } = thread(lab, args);
      const title = stringOf(args['title']);
      if ((title ?? '').length > maximumTitle) throw new SlackError('invalid_arguments');
      const session = setSessionStatus(lab, channel, threadTs, required(args, 'status'), title);
      const { events } = lab.settings;
      const canStop = events === undefined || events.includes('agent_session_stopped');
      return {
        status: session.status,
        agent_status: session.status,
        title: session.title,
        ...(canStop ? {} : { warning: 'missing_agent_session_stopped_event_subscription' }),
      };
    },
  },

  'agents.sessions.rename': {
    scope: 'chat:write',
    run(lab, args) {
      const { channel, threadTs } = thread(lab, args);
      const before = sessionOf(lab, channel, threadTs);
      if (before.status === 'none') throw new SlackError('session_not_found');
      const title = required(args, 'title');
      if (title.length > maximumTitle) throw new SlackError('invalid_arguments');
      put(lab, { ...before, title });
      return { title };
    },
  },
};
