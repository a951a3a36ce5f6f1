import type { App, BlockButtonAction } from '@slack/bolt';
import { refuse } from '../audited.ts';
import { isFirst } from '../seen.ts';
import type { ShareDesk } from '../sharing/share-desk.ts';
import { shareId, shareView } from '../sharing/share-view.ts';
import type { Desk } from '../turns/desk.ts';
import { elsewhere } from '../turns/privately.ts';
import { readRef } from '../turns/turn.ts';

const unknown =
  'Only a report of your own direct messages can be shared. That one is none, or is no longer known: ask again.';

/** "Share to channel" under a report of direct messages: a modal asks where, and everything is checked again when it is sent. */
export function registerSharing(app: App, desk: Desk, sharing: ShareDesk): void {
  const { access, background, client, eagerClient, log, store } = desk.parts;

  app.action<BlockButtonAction>(shareId, async ({ ack, body }) => {
    await ack();
    const { user, actions, channel, message, team, trigger_id: trigger } = body;
    const [action] = actions;
    if (!(await isFirst(store, `click ${user.id} ${action?.action_ts} ${message?.ts}`))) return;
    const ref = action?.value ?? '';
    const place = { channel: String(channel?.id ?? ''), threadTs: message?.['thread_ts'] as string | undefined };
    const isHere = readRef(ref)?.key.startsWith(`${team?.id}:${place.channel}:`);
    const turn = isHere ? await sharing.own({ ref, user: user.id, team: String(team?.id) }) : undefined;
    const why = turn ? await sharing.refusal(turn, user.id, place.channel) : unknown;
    if (!turn || why !== undefined)
      return refuse({ ...place, user: user.id, did: 'share', why: why ?? unknown }, desk.parts);
    await eagerClient.views.open({ trigger_id: trigger, view: shareView(ref, turn.report, access.answersShared()) });
  });

  app.view(shareId, async ({ ack, body }) => {
    await ack();
    const { user, team, view } = body;
    const ref = view.private_metadata;
    const to = view.state.values['channel']?.['channel']?.selected_conversation;
    background(send({ ref, user: user.id, team: String(team?.id) }, String(to ?? ''), user.name || user.id));
  });

  async function send(
    asked: { readonly ref: string; readonly user: string; readonly team: string },
    to: string,
    name: string,
  ): Promise<void> {
    const [, from = '', thread] = readRef(asked.ref)?.key.split(':') ?? [];
    const { user } = asked;
    const shared = await sharing.share(asked, to, name).catch((error: unknown) => {
      log.warn({ err: error }, 'a report could not be shared');
      return { why: 'Slack did not take the report; share it once more.' };
    });
    if ('why' in shared)
      return refuse({ channel: from, threadTs: thread, user, did: 'share', about: { to }, ...shared }, desk.parts);
    const told = await elsewhere('The report is shared.', shared, client);
    const thread_ts = thread === undefined ? {} : { thread_ts: thread };
    await client.chat
      .postEphemeral({ channel: from, user, ...thread_ts, text: told.text, blocks: [...told.blocks] })
      .catch((error: unknown) => log.warn({ err: error }, 'a private answer was lost'));
  }
}
