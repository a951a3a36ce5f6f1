import type { Method } from './method.ts';

export const authMethods: Readonly<Record<string, Method>> = {
  'auth.test': {
    run({ settings }) {
      return {
        url: `https://${settings.team.domain}.slack.com/`,
        team: settings.team.name,
        user: settings.app.name,
        team_id: settings.team.id,
        user_id: settings.app.botUserId,
        bot_id: settings.app.botId,
        is_enterprise_install: false,
      };
    },
  },
  'apps.connections.open': {
    token: 'app',
    run(lab) {
      return { url: lab.newSocketAddress() };
    },
  },
  'api.test': { run: (_lab, args) => ({ args }) },
};
