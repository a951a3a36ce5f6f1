import type { App, BlockButtonAction } from '@slack/bolt';
import { noteDone, refuse } from '../audited.ts';
import { deliver } from '../report/deliver.ts';
import { detailsMessages } from '../report/details.ts';
import { actionIds } from '../report/report-blocks.ts';
import { isFirst } from '../seen.ts';
import { type Desk, keyOf } from '../turns/desk.ts';
import { readRef } from '../turns/turn.ts';

interface Stopped {
  readonly channel?: string;
  readonly thread_ts?: string;
  readonly user?: string;
}

/** The buttons Details, Re-check and Stop. Anybody in the channel may press them; none of them changes a server. */
export function registerActions(app: App, desk: Desk): void {
  const { access, client, conversations, log, store } = desk.parts;

  async function told(body: BlockButtonAction, text: string): Promise<void> {
    const thread = body.message?.['thread_ts'] as string | undefined;
    await client.chat
      .postEphemeral({
        channel: String(body.channel?.id),
        user: body.user.id,
        text,
        ...(thread === undefined ? {} : { thread_ts: thread }),
      })
      .catch((error: unknown) => log.warn({ err: error }, 'a private answer was lost'));
  }

  function refused(body: BlockButtonAction, why: string, target?: string): Promise<void> {
    const threadTs = body.message?.['thread_ts'] as string | undefined;
    const did = String(body.actions[0]?.action_id).replace(/^dbcheck:/, '');
    const place = { channel: String(body.channel?.id ?? ''), threadTs };
    return refuse({ ...place, user: body.user.id, did, why, ...(target === undefined ? {} : { target }) }, desk.parts);
  }

  /** The turn that a button belongs to; a forged or forgotten one is refused. A click counts once. */
  async function turnOf(body: BlockButtonAction) {
    const [action] = body.actions;
    if (!action || !(await isFirst(store, clickId(body)))) return undefined;
    const ref = readRef(action.value ?? '');
    const here = `${body.team?.id}:${body.channel?.id}:`;
    const conversation = ref?.key.startsWith(here) ? await conversations.load(ref.key) : undefined;
    const turn = ref && conversation?.turns[ref.turn];
    if (ref && turn) return { ...ref, turn };
    await refused(body, 'That report is no longer known here. Ask again to get a fresh one.');
    return undefined;
  }

  function clickId({ user, actions, message }: BlockButtonAction): string {
    return `click ${user.id} ${actions[0]?.action_ts} ${message?.ts}`;
  }

  function placeOf(key: string) {
    const [, channel = '', threadTs = ''] = key.split(':');
    return { channel, threadTs };
  }

  app.action<BlockButtonAction>(actionIds.details, async ({ ack, body }) => {
    await ack();
    const found = await turnOf(body);
    if (!found) return;
    const { targets } = found.turn.report.plan;
    const permissions = await access.permissions(body.user.id, String(body.channel?.id));
    const why = targets.flatMap((target) => permissions.refusal('ask', target) ?? []);
    if (why.length > 0) return refused(body, why.join('\n'), targets.join(', '));
    const { channel, threadTs: thread } = placeOf(found.key);
    const entry = { who: body.user.id, did: 'details', target: targets.join(', '), channel, thread };
    await noteDone(entry, desk.parts);
    await deliver(client, { channel, threadTs: thread }, detailsMessages(found.turn.report), log);
  });

  app.action<BlockButtonAction>(actionIds.recheck, async ({ ack, body }) => {
    await ack();
    const found = await turnOf(body);
    if (!found) return;
    const [team = '', channel = '', threadTs = ''] = found.key.split(':');
    const question = { team, channel, threadTs, text: found.turn.question, user: body.user.id, fresh: true };
    const id = clickId(body);
    if (await desk.take(id, question)) desk.begin(id, question);
  });

  app.action<BlockButtonAction>(actionIds.stop, async ({ ack, body }) => {
    await ack();
    const ref = readRef(body.actions[0]?.value ?? '');
    const here = `${body.team?.id}:${body.channel?.id}:`;
    const sentence = 'Nothing is running in this thread any more.';
    if (!ref?.key.startsWith(here)) return refused(body, sentence);
    if (!(await desk.stopTurn(ref.key, ref.turn))) return told(body, sentence);
    const { channel, threadTs: thread } = placeOf(ref.key);
    await noteDone({ who: body.user.id, did: 'stop', channel, thread }, desk.parts);
  });

  app.event('agent_session_stopped' as 'app_mention', async ({ event, body }) => {
    const { team_id: team } = body as { readonly team_id?: string };
    const { channel = '', thread_ts: thread = '', user: who = 'dbcheck' } = event as Stopped;
    if (await desk.stopTurn(keyOf(String(team), channel, thread)))
      await noteDone({ who, did: 'stop', channel, thread }, desk.parts);
  });
}
