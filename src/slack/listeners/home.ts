import type { App } from '@slack/bolt';
import { createPreferenceBook } from '../../conversation/preferences.ts';
import { rightsBlocks, switchActionIds } from '../home/home-rights.ts';
import { homeView } from '../home/home-view.ts';
import { slackErrorOf } from '../posting/posting.ts';
import type { ScheduleDesk } from '../schedules/schedule-desk.ts';
import type { Desk } from '../turns/desk.ts';

const maxPrompts = 4;

/** Draws a person's home page anew. Rejects where Slack does not take it. */
export type PublishHome = (user: string, team: string) => Promise<void>;

/** The App Home and the prompts of the direct messages; both are drawn when they are opened. */
export function registerHome(app: App, desk: Desk, schedules: ScheduleDesk): PublishHome {
  const { access, actionSwitch, audit, client, log } = desk.parts;

  const book = createPreferenceBook(desk.parts.store);

  async function targetsOf(user: string) {
    const permissions = await access.personalPermissions(user);
    return { permissions, targets: desk.parts.targets.filter(({ name }) => permissions.may('ask', name)) };
  }

  async function publish(user: string, team: string): Promise<void> {
    const { permissions, targets } = await targetsOf(user);
    const nowMs = Date.now();
    const rights = rightsBlocks({
      permissions,
      targets: desk.parts.targets,
      isAdministrator: await access.isAdministrator(user),
      actionSwitch: await actionSwitch.state(),
      nowMs,
    });
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
    const preferences = await book.everywhere({ team, user, channel: '' });
    const own = (await schedules.book.all()).filter((one) => one.team === team && one.user === user);
    const lastOn = (name: string) => states.get(name);
    const view = homeView({ targets, lastOn, schedules: own, runs, preferences, rights, nowMs });
    await client.views.publish({ user_id: user, view });
  }

  async function suggest(user: string, channel: string): Promise<void> {
    const prompts = promptsFor((await targetsOf(user)).targets);
    await client.assistant.threads.setSuggestedPrompts({ channel_id: channel, prompts });
  }

  /** Asked anew at the click: a home page may have been drawn when its reader still was an administrator. */
  async function turnSwitch(user: string, team: string, isStopped: boolean): Promise<void> {
    const did = isStopped ? 'stop_actions' : 'allow_actions';
    if (await access.isAdministrator(user)) {
      await actionSwitch.turn(isStopped, user);
      await audit.note({ who: user, did, result: 'done' });
    } else {
      await audit.note({ who: user, did, result: 'refused', why: 'not an administrator' });
    }
    await publish(user, team);
  }

  for (const [id, isStopped] of [
    [switchActionIds.stop, true],
    [switchActionIds.allow, false],
  ] as const) {
    app.action(id, async ({ ack, body }) => {
      await ack();
      await turnSwitch(body.user.id, String(body.team?.id), isStopped);
    });
  }

  app.event('app_home_opened', async ({ event, body }) => {
    const { tab, user, channel } = event;
    const shown = tab === 'home' ? publish(user, body.team_id) : suggest(user, channel);
    await shown.catch((error: unknown) => log.warn({ error: slackErrorOf(error), tab }, 'a tab could not be drawn'));
  });
  return publish;
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
