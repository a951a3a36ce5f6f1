import { needsSecondPerson } from '../../actions/action.ts';
import { lookAfter } from '../../actions/aftermath.ts';
import type { Approval, Approvals } from '../../actions/approval.ts';
import { offersFrom } from '../../actions/offers.ts';
import { describeError } from '../../errors.ts';
import type { Report } from '../../report/report.ts';
import { isClosed } from '../posting/posting.ts';
import type { ActionDeskParts, Click } from './action-parts.ts';
import type { ActionThread } from './action-thread.ts';
import { objectOf, offerMessage } from './action-views.ts';

export interface ActionPlace {
  readonly team: string;
  readonly channel: string;
  readonly threadTs: string;
}

/** The two ends of an approval: how it begins below a report, and how it is carried out. */
export interface ActionEnds {
  offer(report: Report, place: ActionPlace): Promise<void>;
  /** The one place where something is done. Whoever comes here has been checked; the state decides that it happens once. */
  execute(click: Click, did: string, id: string, from: 'offered' | 'waiting', by: Partial<Approval>): Promise<void>;
  recover(): Promise<void>;
}

export function createActionEnds(approvals: Approvals, thread: ActionThread, parts: ActionDeskParts): ActionEnds {
  const { store, access, actionSwitch, audit, executor, log, now = Date.now } = parts;

  async function offer(report: Report, place: ActionPlace): Promise<void> {
    if (report.plan.kind !== 'run' || store.trouble !== undefined) return;
    const wanted = offersFrom(report).flatMap((one) => {
      const target = parts.targets.find(({ name }) => name === one.target);
      return target?.hasActionAccount ? [{ ...one, target }] : [];
    });
    if (wanted.length === 0 || (await actionSwitch.state())?.isStopped) return;
    const permissions = await access.channelPermissions(place.channel);
    for (const { target, kill, finding } of wanted) {
      // In a direct message nobody else could confirm.
      const isAlone = needsSecondPerson(target) && place.channel.startsWith('D');
      if (isAlone || !permissions.may('act', target.name)) continue;
      const { code, subject, title, facts, confidence } = finding;
      const draft = {
        ...place,
        target: target.name,
        kill,
        finding: { code, subject, title, waiters: Number(facts['waiters'] ?? 0), isSure: confidence === 'certain' },
        expiresAtMs: now() + parts.actionSettings().offerMinutes * 60_000,
      };
      const id = await approvals.offer(draft);
      const approval: Approval = { ...draft, state: 'offered', messages: [] };
      await audit.note(thread.entryOf(approval, 'dbcheck', 'offer', 'done'));
      await thread.tell(approval, offerMessage(id, approval, target), id);
    }
  }

  async function carryOut(click: Click, did: string, id: string, approval: Approval): Promise<void> {
    const { id: who, name } = click.person;
    const deed = `kill_${approval.kill.kind}`;
    const over = async (state: 'refused' | 'failed', why: string): Promise<void> => {
      await approvals.advance(id, 'executing', { state });
      await audit.note({ ...thread.entryOf(approval, who, deed, state), why });
      await thread.end(approval, `Not done: ${objectOf(approval)}. ${why}.`);
    };
    try {
      await audit.note(thread.entryOf(approval, who, did, 'done'));
      // Where the thread cannot be told, nothing is done: the bot may have been removed since.
      await thread.closeButtons(id, `Approved by ${name}: kill ${objectOf(approval)}. What came of it stands below.`);
      const outcome = await executor.kill(approval.target, approval.kill);
      if (outcome === 'changed')
        return await over('refused', `Thread ${approval.kill.thread} went on in that very moment; re-check first`);
    } catch (error) {
      log.error({ err: error }, 'an approved action failed');
      return over('failed', isClosed(error) ? 'dbcheck can no longer write in its channel' : failureInWords(error));
    }
    try {
      await approvals.advance(id, 'executing', { state: 'done' });
      await audit.note(thread.entryOf(approval, who, deed, 'done'));
    } catch (error) {
      log.error({ err: error, thread: approval.kill.thread }, 'a kill was done and could not be written down');
    }
    await tellHow(approval);
  }

  async function tellHow(approval: Approval): Promise<void> {
    const { first, second, team, channel, threadTs } = approval;
    const people = [`${first?.name ?? 'somebody'} asked`, ...(second ? [`${second.name} confirmed`] : [])];
    const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    const after = await lookAfter(approval, { executor, orchestrator: parts.orchestrator, wait }).catch(
      (error: unknown) => {
        log.warn({ err: error }, 'whether an action helped could not be seen');
        return { words: 'Whether it helped could not be seen.', report: undefined };
      },
    );
    await thread.end(approval, `Done: ${objectOf(approval)} was killed; ${people.join(', ')}. ${after.words}`);
    if (after.report) await offer(after.report, { team, channel, threadTs });
  }

  return {
    offer,
    async execute(click, did, id, from, by) {
      const approval = await approvals.advance(id, from, { ...by, state: 'executing', owner: parts.presence.id });
      if (approval) return carryOut(click, did, id, approval);
      const before = await approvals.get(id);
      const why = 'Somebody was faster, or its time was over.';
      await thread.turnDown(click, did, why, before && { id, approval: before });
    },
    async recover() {
      for (const { id } of await approvals.interrupted((owner) => parts.presence.isAlive(owner))) {
        const failed = await approvals.advance(id, 'executing', { state: 'failed' });
        if (!failed) continue;
        const why = 'dbcheck was stopped while it did this; whether it was done is not known. Re-check';
        await audit.note({ ...thread.entryOf(failed, 'dbcheck', `kill_${failed.kill.kind}`, 'failed'), why });
        await thread.closeButtons(id, `Interrupted: ${objectOf(failed)}.`).catch(() => {});
        await thread.end(failed, `Interrupted: ${objectOf(failed)}. ${why}.`);
      }
    },
  };
}

/** A connection that is lost in the middle may have been lost after the kill. */
function failureInWords(error: unknown): string {
  const { code, message } = describeError(error);
  const isOpen = code === 'timed_out' || code === 'target_unreachable';
  return isOpen ? `Whether it was done is not known: ${message}` : message;
}
