import type { App, BlockButtonAction, SlackViewAction } from '@slack/bolt';
import type { Click } from '../actions/action-parts.ts';
import { approvalIds, readMetadata } from '../actions/action-views.ts';
import { isFirst } from '../seen.ts';
import type { Desk } from '../turns/desk.ts';

/** The buttons and the modal of actions. All is acknowledged at once and worked on behind; a click counts once. */
export function registerApprovals(app: App, desk: Desk): void {
  const { actions } = desk;
  const { background, store } = desk.parts;

  const ways = [
    [approvalIds.act, actions.open],
    [approvalIds.approve, actions.approve],
    [approvalIds.decline, actions.decline],
  ] as const;
  for (const [actionId, work] of ways) {
    app.action<BlockButtonAction>(actionId, async ({ ack, body }) => {
      await ack();
      const [action] = body.actions;
      const isNew = await isFirst(store, `click ${body.user.id} ${action?.action_ts} ${body.message?.ts}`);
      if (isNew) background(work(clickOf(body), body.trigger_id));
    });
  }

  app.view(approvalIds.act, async ({ ack, body }) => {
    await ack();
    background(actions.submit(submissionOf(body)));
  });
}

function clickOf({ actions: [action], user, team, enterprise, channel, message }: BlockButtonAction): Click {
  return {
    key: action?.value ?? '',
    person: { id: user.id, name: user.name || user.username || user.id },
    isStranger: isStranger(user.team_id, team?.id, enterprise),
    team: team?.id ?? '',
    place: { channel: channel?.id ?? '', threadTs: String(message?.['thread_ts'] ?? message?.ts ?? '') },
  };
}

function submissionOf({ view, user, team, enterprise }: SlackViewAction): Click {
  const { id: key, ...place } = readMetadata(view.private_metadata);
  return {
    key,
    person: { id: user.id, name: user.name || user.id },
    isStranger: isStranger(user.team_id, team?.id, enterprise),
    team: team?.id ?? '',
    place,
  };
}

/** The workspaces of one enterprise have several teams; there the rules tell people apart. */
function isStranger(home: string | undefined, team: string | undefined, enterprise: unknown): boolean {
  return home !== undefined && home !== team && !enterprise;
}
