import type { App, BlockButtonAction } from '@slack/bolt';
import { refuse } from '../audited.ts';
import type { CommandAnswer } from '../commands/subcommand.ts';
import type { ScheduleDeed, ScheduleDesk } from '../schedules/schedule-desk.ts';
import { scheduleIds } from '../schedules/schedule-words.ts';
import { isFirst } from '../seen.ts';
import type { Desk } from '../turns/desk.ts';
import type { PublishHome } from './home.ts';

const deeds: readonly (readonly [string, ScheduleDeed])[] = [
  [scheduleIds.pause, 'pause'],
  [scheduleIds.resume, 'resume'],
  [scheduleIds.remove, 'delete'],
];

const unknown = 'That schedule is no longer there, or belongs to another channel.';

/** The buttons below a schedule, in its channel and on its maker's home page. Who clicks needs the right, whoever made it. */
export function registerSchedules(app: App, desk: Desk, schedules: ScheduleDesk, publishHome: PublishHome): void {
  const { client, log, store } = desk.parts;

  /** A schedule is changed from its own channel, or by its maker from the home page, which is in no channel. */
  async function channelOf({ channel, view, user, team }: BlockButtonAction, number: number): Promise<string> {
    if (view?.type !== 'home') return String(channel?.id);
    const schedule = await schedules.book.find(String(team?.id), number);
    return schedule?.user === user.id ? schedule.channel : '';
  }

  async function show({ message, view, user, team }: BlockButtonAction, channel: string, answer: CommandAnswer) {
    if (view?.type === 'home') return publishHome(user.id, String(team?.id));
    const told = 'message' in answer ? answer.message : { text: 'told' in answer ? answer.told : '', blocks: [] };
    await client.chat.update({ channel, ts: String(message?.ts), text: told.text, blocks: [...told.blocks] });
  }

  for (const [actionId, deed] of deeds) {
    app.action<BlockButtonAction>(actionId, async ({ ack, body }) => {
      await ack();
      const [action] = body.actions;
      const { user, message } = body;
      if (!(await isFirst(store, `click ${user.id} ${action?.action_ts} ${message?.ts ?? 'home'}`))) return;
      const number = /^\d{1,6}$/.test(action?.value ?? '') ? Number(action?.value) : 0;
      const channel = await channelOf(body, number);
      const answer = await schedules.change(deed, number, { team: String(body.team?.id), channel, user: user.id });
      if (!answer || 'refused' in answer) {
        const why = answer?.refused ?? unknown;
        const threadTs = message?.['thread_ts'] as string | undefined;
        return refuse(
          { user: user.id, channel, threadTs, did: `${deed}_schedule`, why, about: { number } },
          desk.parts,
        );
      }
      await show(body, channel, answer).catch((error: unknown) =>
        log.warn({ err: error }, 'the message of a schedule could not be changed'),
      );
    });
  }
}
