import type { App, MessageShortcut, RespondArguments, SlackShortcutMiddlewareArgs } from '@slack/bolt';
import { refuse } from '../audited.ts';
import { clamp, readText } from '../posting/escape.ts';
import { sharedRefusal } from '../shared-channels.ts';
import { alertText } from '../turns/alert-text.ts';
import type { Desk } from '../turns/desk.ts';
import { elsewhere, isDirect, notPrivately, openPlace, sentPrivately } from '../turns/privately.ts';

const maxEchoCharacters = 1_500;

/**
 * "Check the database" on any message, such as an alert: its words are the question, answered in its thread. With
 * "privately" the answer goes to whoever asked alone.
 */
export function registerShortcuts(app: App, desk: Desk): void {
  const { client, log, botUserId } = desk.parts;

  app.shortcut<MessageShortcut>('check_message', (one) => check(one, false));
  app.shortcut<MessageShortcut>('check_message_privately', (one) => check(one, true));

  async function check(
    { shortcut, ack, respond }: Pick<Used, 'shortcut' | 'ack' | 'respond'>,
    isWishedPrivate: boolean,
  ): Promise<void> {
    const { channel, message, user, team } = shortcut;
    const isPrivate = isWishedPrivate && !isDirect(channel.id);
    const words = readText(alertText(message), botUserId);
    const id = `shortcut ${user.id} ${shortcut.action_ts} ${message.ts}`;
    const threadTs = (message['thread_ts'] as string | undefined) ?? message.ts ?? shortcut.message_ts;
    const echo = `You ask privately about a message: ${clamp(words, maxEchoCharacters)}`;
    const question = {
      team: team?.id ?? '',
      channel: channel.id,
      text: `is it healthy? ${words}`.trim(),
      user: user.id,
      fresh: false,
      ...(isPrivate ? { privately: true as const, echo } : { threadTs }),
    };
    const isNew = await desk.take(id, question);
    await ack();
    if (!isNew) return;
    const answer = (told: RespondArguments) =>
      respond({ ...told, response_type: 'ephemeral', replace_original: false }).catch((error: unknown) =>
        log.warn({ err: error }, 'a private answer was lost'),
      );
    const tell = (text: string) => answer({ text });
    if (await desk.shared.isRefused(channel.id)) {
      await desk.drop(id);
      const place = { channel: channel.id, threadTs: undefined };
      return refuse({ ...place, user: user.id, did: 'ask', why: sharedRefusal, tell }, desk.parts);
    }
    try {
      if (isPrivate) {
        const place = await openPlace(id, question, desk);
        desk.begin(id, { ...question, ...place });
        const { text, blocks } = await elsewhere(sentPrivately, place, client);
        await answer({ text, blocks: [...blocks] });
        return;
      }
      // Tells at once whether we may write here; nothing else of it is used.
      await client.chat.postEphemeral({
        channel: channel.id,
        user: user.id,
        text: 'Checking the database; the answer comes in the thread of that message.',
      });
    } catch (error) {
      log.warn({ err: error }, 'a shortcut could not be answered');
      await desk.drop(id);
      await tell(
        isPrivate
          ? notPrivately
          : 'dbcheck is not in this channel, so it cannot answer here. Invite it with /invite @dbcheck.',
      );
      return;
    }
    desk.begin(id, { ...question, threadTs });
  }
}

type Used = SlackShortcutMiddlewareArgs<MessageShortcut>;
