import type { App, BlockExternalSelectAction } from '@slack/bolt';
import { refuse } from '../audited.ts';
import { actionIds } from '../report/report-blocks.ts';
import { pickerRef } from '../report/target-picker.ts';
import type { Desk } from '../turns/desk.ts';
import { readRef } from '../turns/turn.ts';

const maxOptions = 100;
/** Slack waits three seconds for options; a rule about a user group may have to be asked of Slack itself. */
const patienceMs = 2_000;

/** The menu of targets under "Which target?": the same question goes on with the one that is picked. */
export function registerTargetPicker(app: App, desk: Desk): void {
  const { access, targets, conversations } = desk.parts;

  app.options<'block_suggestion'>(
    { type: 'block_suggestion', action_id: actionIds.target },
    async ({ body, options, ack }) => {
      const wanted = options.value.toLowerCase();
      const permissions = await soon(access.permissions(body.user.id, String(body.channel?.id)));
      const fits = targets.filter(
        ({ name, tags }) =>
          permissions?.may('ask', name) && [name, ...tags].some((word) => word.toLowerCase().includes(wanted)),
      );
      await ack({
        options: fits
          .slice(0, maxOptions)
          .map(({ name }) => ({ text: { type: 'plain_text' as const, text: name }, value: name })),
      });
    },
  );

  app.action<BlockExternalSelectAction>(actionIds.target, async ({ ack, body, action }) => {
    await ack();
    const ref = readRef(pickerRef(action.block_id));
    const here = `${body.team?.id}:${body.channel?.id}:`;
    const turn = ref?.key.startsWith(here) ? (await conversations.load(ref.key))?.turns[ref.turn] : undefined;
    const target = targets.find(({ name }) => name === action.selected_option?.value);
    const thread = body.message?.['thread_ts'] as string | undefined;
    if (!ref || !turn || !target || thread === undefined) {
      const why = 'That question is no longer known here. Ask again.';
      const place = { channel: String(body.channel?.id ?? ''), threadTs: thread };
      return refuse({ ...place, user: body.user.id, did: 'target', why }, desk.parts);
    }
    const id = `picked ${ref.key} ${ref.turn}`;
    const [team = '', channel = '', threadTs = ''] = ref.key.split(':');
    const { name: defaultTarget } = target;
    const question = { team, channel, threadTs, text: turn.question, user: body.user.id, fresh: false, defaultTarget };
    if (await desk.take(id, question)) desk.begin(id, question);
  });
}

/** What comes within our patience; undefined otherwise. */
async function soon<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, patienceMs, undefined);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
