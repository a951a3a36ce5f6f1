import type { App } from '@slack/bolt';
import { paragraph, words } from '../blocks.ts';
import type { Desk } from '../desk.ts';
import { clamp, escapeText, readText } from '../escape.ts';
import { isClosed, post } from '../posting.ts';
import { sharedRefusal } from '../shared-channels.ts';

const emptyAnswer =
  'Ask for instance: /dbcheck why is orders-prod slow?  ·  /dbcheck is replication healthy on billing-prod?  ·  /dbcheck help';

/** How much of a question its root message repeats. */
const maxEchoCharacters = 1_500;

/** `/dbcheck question`: a command has no thread, so a root message is posted and answered in its thread. */
export function registerCommand(app: App, desk: Desk): void {
  app.command('/dbcheck', async ({ command, ack, respond }) => {
    const text = readText(command.text ?? '', desk.parts.botUserId);
    if (text === '') return ack({ response_type: 'ephemeral', text: emptyAnswer });
    await ack();
    if (!desk.seen.first(command.trigger_id && `trigger ${command.trigger_id}`)) return;
    const { client, log } = desk.parts;
    const tell = async (words: string): Promise<void> => {
      await respond({ response_type: 'ephemeral', text: words }).catch((error: unknown) =>
        log.warn({ err: error }, 'a private answer was lost'),
      );
    };
    if (await desk.shared.isShared(command.channel_id)) return tell(sharedRefusal);
    try {
      const place = { channel: command.channel_id, threadTs: undefined };
      const asked = `${command.user_name || 'Somebody'} asks: ${clamp(text, maxEchoCharacters)}`;
      const { ts } = await post(client, place, { text: escapeText(asked), blocks: [paragraph(words(asked))] }, log);
      desk.ask({ team: command.team_id, channel: command.channel_id, threadTs: ts, text, user: command.user_id });
    } catch (error) {
      log.warn({ err: error }, 'a command could not be answered in its channel');
      await tell(
        isClosed(error)
          ? 'dbcheck is not in this channel, so it cannot answer here. Invite it with /invite @dbcheck, or ask it in a direct message.'
          : 'Slack did not take the message; try the command once more.',
      );
    }
  });
}
