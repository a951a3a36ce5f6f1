import { changeMessage, findMessage } from '../messages.ts';
import { SlackError } from '../slack-error.ts';
import { userToWire } from '../wire.ts';
import { type Method, required, writableChannel } from './method.ts';

export const peopleMethods: Readonly<Record<string, Method>> = {
  'users.info': {
    scope: 'users:read',
    run(lab, args) {
      const user = lab.state.users.get(required(args, 'user'));
      if (user === undefined) throw new SlackError('user_not_found');
      return { user: userToWire(lab.settings, user) };
    },
  },

  'usergroups.users.list': {
    scope: 'usergroups:read',
    run(lab, args) {
      const group = lab.state.userGroups.get(required(args, 'usergroup'));
      if (group === undefined) throw new SlackError('no_such_subteam');
      return { users: group.users };
    },
  },

  'usergroups.list': {
    scope: 'usergroups:read',
    run(lab) {
      const usergroups = [...lab.state.userGroups.values()].map((group) => ({
        id: group.id,
        handle: group.handle,
        name: group.handle,
        users: group.users,
        user_count: group.users.length,
      }));
      return { usergroups };
    },
  },

  'reactions.add': {
    scope: 'reactions:write',
    run(lab, args) {
      const channel = writableChannel(lab, required(args, 'channel'));
      const message = findMessage(lab.state, channel.id, required(args, 'timestamp'));
      if (message === undefined) throw new SlackError('message_not_found');
      const name = required(args, 'name');
      const bot = lab.settings.app.botUserId;
      const known = message.reactions.find((reaction) => reaction.name === name);
      if (known?.users.includes(bot)) throw new SlackError('already_reacted');
      const others = message.reactions.filter((reaction) => reaction !== known);
      changeMessage(lab.state, message, { reactions: [...others, { name, users: [...(known?.users ?? []), bot] }] });
      return {};
    },
  },

  'reactions.remove': {
    scope: 'reactions:write',
    run(lab, args) {
      const channel = writableChannel(lab, required(args, 'channel'));
      const message = findMessage(lab.state, channel.id, required(args, 'timestamp'));
      if (message === undefined) throw new SlackError('message_not_found');
      const name = required(args, 'name');
      const bot = lab.settings.app.botUserId;
      const known = message.reactions.find((reaction) => reaction.name === name && reaction.users.includes(bot));
      if (known === undefined) throw new SlackError('no_reaction');
      const rest = { name, users: known.users.filter((user) => user !== bot) };
      const others = message.reactions.filter((reaction) => reaction !== known);
      changeMessage(lab.state, message, { reactions: rest.users.length > 0 ? [...others, rest] : others });
      return {};
    },
  },
};
