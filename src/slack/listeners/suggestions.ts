import type { App, BlockButtonAction } from '@slack/bolt';
import { refuse } from '../audited.ts';
import { suggestionAction } from '../report/suggestions.ts';
import type { Desk } from '../turns/desk.ts';
import { readRef, say } from '../turns/turn.ts';

/** The buttons of next questions: a click asks in the same thread as whoever clicks, once a person. */
export function registerSuggestions(app: App, desk: Desk): void {
  const { conversations } = desk.parts;

  app.action<BlockButtonAction>(new RegExp(`^${suggestionAction}\\d$`), async ({ ack, body, action }) => {
    await ack();
    const ref = readRef(action.value ?? '');
    const here = `${body.team?.id}:${body.channel?.id}:`;
    const turn = ref?.key.startsWith(here) ? (await conversations.load(ref.key))?.turns[ref.turn] : undefined;
    const next = turn?.report.suggestions?.[Number(action.action_id.slice(suggestionAction.length))];
    const threadTs = body.message?.['thread_ts'] as string | undefined;
    if (!ref || !next) {
      const why = 'That report is no longer known here. Ask again to get a fresh one.';
      return refuse(
        { channel: String(body.channel?.id ?? ''), threadTs, user: body.user.id, did: 'ask', why },
        desk.parts,
      );
    }
    const [team = '', channel = '', thread = ''] = ref.key.split(':');
    const question = { team, channel, threadTs: thread, text: next.question, user: body.user.id, fresh: false };
    // A second click is the same wish; to ask once more there is "again" and Re-check.
    const id = `suggested ${ref.key} ${ref.turn} ${action.action_id} ${body.user.id}`;
    if (!(await desk.take(id, question))) return;
    await say(`Asked: ${next.question}`, { place: { channel, threadTs: thread } }, desk.parts);
    desk.begin(id, question);
  });
}
