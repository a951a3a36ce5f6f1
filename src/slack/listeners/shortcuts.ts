import type { App, MessageShortcut } from '@slack/bolt';
import { refuse } from '../audited.ts';
import { readText } from '../posting/escape.ts';
import { sharedRefusal } from '../shared-channels.ts';
import { alertText } from '../turns/alert-text.ts';
import type { Desk } from '../turns/desk.ts';

/** "Check the database" on any message, such as an alert: its words are the question, answered in its thread. */
export function registerShortcuts(app: App, desk: Desk): void {
  app.shortcut<MessageShortcut>('check_message', async ({ shortcut, ack, respond }) => {
    const { channel, message, user, team } = shortcut;
    const { client, log, botUserId } = desk.parts;
    const words = readText(alertText(message), botUserId);
    const id = `shortcut ${user.id} ${shortcut.action_ts} ${message.ts}`;
    const question = {
      team: team?.id ?? '',
      channel: channel.id,
      threadTs: (message['thread_ts'] as string | undefined) ?? message.ts ?? shortcut.message_ts,
      text: `is it healthy? ${words}`.trim(),
      user: user.id,
      fresh: false,
    };
    const isNew = await desk.take(id, question);
    await ack();
    if (!isNew) return;
    const tell = (text: string) =>
      respond({ response_type: 'ephemeral', replace_original: false, text }).catch((error: unknown) =>
        log.warn({ err: error }, 'a private answer was lost'),
      );
    if (await desk.shared.isRefused(channel.id)) {
      await desk.drop(id);
      const place = { channel: channel.id, threadTs: undefined };
      return refuse({ ...place, user: user.id, did: 'ask', why: sharedRefusal, tell }, desk.parts);
    }
    try {
      // Tells at once whether we may write here; nothing else of it is used.
      await client.chat.postEphemeral({
        channel: channel.id,
        user: user.id,
        text: 'Checking the database; the answer comes in the thread of that message.',
      });
    } catch {
      await desk.drop(id);
      await tell('dbcheck is not in this channel, so it cannot answer here. Invite it with /invite @dbcheck.');
      return;
    }
    desk.begin(id, question);
  });
}
