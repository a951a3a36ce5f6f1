import type { Approval, ApprovalState, Approvals } from '../../actions/approval.ts';
import type { Target } from '../../targets/target.ts';
import type { ActionDeskParts, Click } from './action-parts.ts';
import type { ActionThread } from './action-thread.ts';
import { clockTime, objectOf } from './action-views.ts';

/** An approval that is real, in time, and whose target is configured. */
export interface Known {
  readonly id: string;
  readonly approval: Approval;
  readonly target: Pick<Target, 'name' | 'tags'>;
}

export interface ActionChecks {
  /** The approval that a click is about, where its person may act on it now; otherwise it is turned down. */
  accept(click: Click, did: string, state: 'offered' | 'waiting'): Promise<Known | undefined>;
}

const noStore = 'The store cannot be used just now, and nothing is done that cannot be written down.';

export function createActionChecks(approvals: Approvals, thread: ActionThread, parts: ActionDeskParts): ActionChecks {
  const { store, access, actionSwitch, now = Date.now } = parts;

  function targetOf({ target }: Approval) {
    return parts.targets.find(({ name, hasActionAccount }) => name === target && hasActionAccount);
  }

  async function staleness(id: string, approval: Approval, wanted: ApprovalState): Promise<string | undefined> {
    const { state, expiresAtMs, first } = approval;
    if (['offered', 'waiting'].includes(state) && now() > expiresAtMs) {
      const why = `It has expired: it was valid until ${clockTime(expiresAtMs)}. Re-check for a fresh one.`;
      await thread.closeButtons(id, `Not done: ${objectOf(approval)}. ${why}`).catch(() => {});
      if (state === 'waiting') thread.mark(approval, 'active');
      return why;
    }
    if (state === wanted) return undefined;
    if (state === 'waiting')
      return `${first?.name ?? 'Somebody'} has asked for it already; a second person confirms below.`;
    if (state === 'offered') return 'Nobody has asked for it yet.';
    if (state === 'executing' || state === 'done') return 'It was done already: a button works once.';
    return 'That is over, and it was not done. Re-check for a fresh one.';
  }

  /** What stands in the way now, whatever was true when the button was posted. */
  async function obstacle(approval: Approval, { person, isStranger }: Click): Promise<string | undefined> {
    if (isStranger) return 'People of other organisations may not act on servers.';
    const refusal = await access.refusal(person.id, approval.channel, 'act', approval.target, { fresh: true });
    if (refusal !== undefined) return refusal;
    if (!targetOf(approval)) return `${approval.target} has no action account any more.`;
    if ((await actionSwitch.state())?.isStopped) return 'An administrator has stopped all actions.';
    return undefined;
  }

  return {
    async accept(click, did, state) {
      if (store.trouble !== undefined) {
        await thread.turnDown(click, did, noStore);
        return undefined;
      }
      const approval = await approvals.get(click.key);
      const isHere = click.place.channel === approval?.channel && click.place.threadTs === approval.threadTs;
      if (!approval || approval.team !== click.team || !isHere) {
        await thread.turnDown(click, did, 'Nothing is known of that button here, and nothing was done.');
        return undefined;
      }
      const id = click.key;
      const why = (await staleness(id, approval, state)) ?? (await obstacle(approval, click));
      const target = targetOf(approval);
      if (why === undefined && target) return { id, approval, target };
      await thread.turnDown(click, did, why ?? `${approval.target} is not configured any more.`, { id, approval });
      return undefined;
    },
  };
}
