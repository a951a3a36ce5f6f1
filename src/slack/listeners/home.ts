import type { App } from '@slack/bolt';
import type { Desk } from '../desk.ts';
import { homeView } from '../home-view.ts';
import { slackErrorOf } from '../posting.ts';

const maxPrompts = 4;

/** The App Home and the prompts of the direct messages; both are drawn when they are opened. */
export function registerHome(app: App, desk: Desk): void {
  const { client, log, targets } = desk.parts;

  async function publish(user: string): Promise<void> {
    const runs = await Promise.all(
      (await desk.runs.of(user)).map(async ({ value: run, atMs }) => {
        const found = await client.chat
          .getPermalink({ channel: run.channel, message_ts: run.threadTs })
          .catch((): { permalink?: string } => ({}));
        return { ...run, atMs, permalink: found.permalink };
      }),
    );
    const states = new Map(
      await Promise.all(targets.map(async ({ name }) => [name, await desk.runs.lastOn(name)] as const)),
    );
    const view = homeView({ targets, lastOn: (name) => states.get(name), runs, nowMs: Date.now() });
    await client.views.publish({ user_id: user, view });
  }

  app.event('app_home_opened', async ({ event }) => {
    const { tab, user, channel } = event;
    const shown =
      tab === 'home'
        ? publish(user)
        : client.assistant.threads.setSuggestedPrompts({ channel_id: channel, prompts: promptsFor(targets) });
    await shown.catch((error: unknown) => log.warn({ error: slackErrorOf(error), tab }, 'a tab could not be drawn'));
  });
}

interface Prompt {
  readonly title: string;
  readonly message: string;
}

/** Questions to begin with, about the first targets of the configuration. */
function promptsFor(targets: readonly { readonly name: string }[]): [Prompt, ...Prompt[]] {
  const [first = { name: 'the server' }, second = first] = targets;
  const messages = [
    `Is ${first.name} healthy?`,
    `Who blocks whom on ${first.name}?`,
    `Which queries were slow on ${second.name} in the last hour?`,
    'help',
  ];
  const prompts = messages.slice(0, maxPrompts).map((message) => ({ title: message, message }));
  return prompts as [Prompt, ...Prompt[]];
}
