import type { App, BlockButtonAction } from '@slack/bolt';
import { noteDone, refuse } from '../audited.ts';
import { type Feedback, feedbackId, readFeedback, reasonInWords, reasonView } from '../report/feedback.ts';
import { isFirst } from '../seen.ts';
import type { Desk } from '../turns/desk.ts';
import { readRef } from '../turns/turn.ts';

interface Given extends Feedback {
  readonly user: string;
  readonly team: string;
  readonly why?: string;
}

/** Useful, or not useful with a reason: written to the audit with the turn that it is about. */
export function registerFeedback(app: App, desk: Desk): void {
  const { client, conversations, eagerClient, log, store } = desk.parts;

  async function note({ verdict, ref, user, team, why }: Given): Promise<void> {
    const found = readRef(ref);
    const turn = found && (await conversations.load(found.key))?.turns[found.turn];
    const [home, channel = '', thread = ''] = found?.key.split(':') ?? [];
    if (!turn || home !== team) return;
    const target = turn.report.plan.kind === 'run' ? turn.report.plan.targets.join(', ') : '';
    const about = { turn: found.turn, ...(why === undefined ? {} : { reason: why }) };
    await noteDone({ who: user, did: verdict, target, channel, thread, about }, desk.parts);
    await client.chat
      .postEphemeral({ channel, user, thread_ts: thread, text: 'Thank you, it is written down with this report.' })
      .catch((error: unknown) => log.warn({ err: error }, 'a private answer was lost'));
  }

  app.action<BlockButtonAction>(feedbackId, async ({ ack, body }) => {
    await ack();
    const { user, actions, channel, message, team } = body;
    const [action] = actions;
    if (!(await isFirst(store, `click ${user.id} ${action?.action_ts} ${message?.ts}`))) return;
    const feedback = readFeedback(action?.value ?? '');
    if (!feedback || !readRef(feedback.ref)?.key.startsWith(`${team?.id}:${channel?.id}:`)) {
      const threadTs = message?.['thread_ts'] as string | undefined;
      const why = 'That report is no longer known here. Ask again to get a fresh one.';
      return refuse({ user: user.id, channel: String(channel?.id), threadTs, did: 'feedback', why }, desk.parts);
    }
    if (feedback.verdict === 'useful') return note({ ...feedback, user: user.id, team: String(team?.id) });
    await eagerClient.views.open({ trigger_id: body.trigger_id, view: reasonView(feedback.ref) });
  });

  app.view(feedbackId, async ({ ack, body }) => {
    await ack();
    const chosen = body.view.state.values['reason']?.['reason']?.selected_option?.value;
    const why = reasonInWords(chosen);
    const ref = body.view.private_metadata;
    if (why === undefined) return;
    await note({ verdict: 'not_useful', ref, user: body.user.id, team: String(body.team?.id), why });
  });
}
