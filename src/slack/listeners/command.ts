import type { App, RespondArguments } from '@slack/bolt';
import { refuse } from '../audited.ts';
import { findSubcommand, type Subcommand, tellAnswer } from '../commands/subcommand.ts';
import { clamp, readText } from '../posting/escape.ts';
import { isClosed } from '../posting/posting.ts';
import { sharedRefusal } from '../shared-channels.ts';
import type { Desk } from '../turns/desk.ts';
import { elsewhere, isDirect, openPlace, readPrivately, sentPrivately } from '../turns/privately.ts';

const emptyAnswer =
  'Ask for instance: /dbcheck why is orders-prod slow?  ·  /dbcheck is replication healthy on billing-prod?  ·  /dbcheck privately …, for an answer to you alone  ·  /dbcheck schedule  ·  /dbcheck verbosity  ·  /dbcheck help';

/** How much of a question its root message repeats. */
const maxEchoCharacters = 1_500;

/** `/dbcheck question`: a command has no thread, so a root message is posted and answered in its thread. */
export function registerCommand(app: App, desk: Desk, commands: readonly Subcommand[]): void {
  app.command('/dbcheck', async ({ command, ack, respond }) => {
    const { team_id: team, channel_id: channel, user_id: user } = command;
    const { text, isPrivate } = readPrivately(readText(command.text ?? '', desk.parts.botUserId));
    if (text === '') return ack({ response_type: 'ephemeral', text: emptyAnswer });
    const id = `command ${command.trigger_id}`;
    const privately = isPrivate && !isDirect(channel) ? { privately: true as const } : {};
    const who = privately.privately ? 'You ask privately' : `${command.user_name || 'Somebody'} asks`;
    const echo = `${who}: ${clamp(text, maxEchoCharacters)}`;
    const question = { team, channel, text, user, fresh: false, echo, ...privately };
    const isNew = await desk.take(id, question);
    await ack();
    if (!isNew) return;
    const { client, log } = desk.parts;
    const answer = (told: RespondArguments) =>
      respond({ ...told, response_type: 'ephemeral' }).catch((error: unknown) =>
        log.warn({ err: error }, 'a private answer was lost'),
      );
    const tell = (words: string) => answer({ text: words });
    if (await desk.shared.isRefused(channel)) {
      await desk.drop(id);
      return refuse({ user, channel, threadTs: undefined, did: 'ask', why: sharedRefusal, tell }, desk.parts);
    }
    try {
      const found = findSubcommand(text, commands, 'slash');
      if (found) {
        const came = await found.command.answer(found.words, { team, channel, user });
        await tellAnswer(came, found.command, { team, channel, user, threadTs: undefined }, tell, desk);
        return await desk.drop(id);
      }
      const place = await openPlace(id, question, desk);
      desk.begin(id, { ...question, ...place });
      if (!privately.privately) return;
      const { text: sent, blocks } = await elsewhere(sentPrivately, place, client);
      await answer({ text: sent, blocks: [...blocks] });
    } catch (error) {
      await desk.drop(id);
      log.warn({ err: error }, 'a command could not be answered in its channel');
      await tell(
        isClosed(error)
          ? 'dbcheck is not in this channel, so it cannot answer here. Invite it with /invite @dbcheck, or ask it in a direct message.'
          : 'Slack did not take the message; try the command once more.',
      );
    }
  });
}
