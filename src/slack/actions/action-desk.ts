import { needsSecondPerson } from '../../actions/action.ts';
import { type Approval, type ApprovalState, createApprovals } from '../../actions/approval.ts';
import { refusalToKill, type Sighting } from '../../actions/executor.ts';
import { describeError } from '../../errors.ts';
import type { Report } from '../../report/report.ts';
import { slackErrorOf } from '../posting/posting.ts';
import { createActionChecks, type Known } from './action-checks.ts';
import { type ActionPlace, createActionEnds } from './action-ends.ts';
import type { ActionDeskParts, Click } from './action-parts.ts';
import { createActionThread } from './action-thread.ts';
import { confirmView, lookingView, objectOf, refusedView, secondPersonMessage } from './action-views.ts';

/** Offers, approvals and their end. No call rejects: whatever goes wrong is told and written down. */
export interface ActionDesk {
  /** Posts, below a report, what its findings justify and this channel may do. */
  offer(report: Report, place: ActionPlace): Promise<void>;
  /** The button of an offer: shows what would happen. */
  open(click: Click, triggerId: string): Promise<void>;
  /** The modal was submitted: does it, or asks for a second person. */
  submit(click: Click): Promise<void>;
  /** The second person confirms. */
  approve(click: Click): Promise<void>;
  decline(click: Click): Promise<void>;
  /** Tells of what a process was doing when it ended. */
  recover(): Promise<void>;
}

export function createActionDesk(parts: ActionDeskParts): ActionDesk {
  const { eagerClient, audit, executor, log, now = Date.now } = parts;
  const approvals = createApprovals(parts.store, now);
  const thread = createActionThread(approvals, parts);
  const checks = createActionChecks(approvals, thread, parts);
  const ends = createActionEnds(approvals, thread, parts);

  /** The session as it is now, or why it must not be ended. */
  async function lookAt({ target, kill }: Approval): Promise<Sighting | string> {
    try {
      const sighting = await executor.look(target, kill.thread);
      return refusalToKill(kill, sighting) ?? (sighting as Sighting);
    } catch (error) {
      log.warn({ err: error }, 'a session could not be looked at before it is ended');
      return `It cannot be checked, so it is not done: ${describeError(error).message}.`;
    }
  }

  /** The session, where it is still what was offered; the approval ends where it is not. */
  async function stillThere(click: Click, did: string, { id, approval }: Known, from: ApprovalState) {
    const seen = await lookAt(approval);
    if (typeof seen !== 'string') return seen;
    await approvals.advance(id, from, { state: 'refused' });
    await thread.turnDown(click, did, seen, { id, approval });
    await thread
      .closeButtons(id, `Not done: ${objectOf(approval)}. ${seen}`)
      .catch((error: unknown) => log.warn({ error: slackErrorOf(error) }, 'a button could not be taken away'));
    return seen;
  }

  async function open(click: Click, triggerId: string): Promise<void> {
    const known = await checks.accept(click, 'open', 'offered');
    if (!known) return;
    const { id, approval, target } = known;
    // The trigger lives for three seconds; the server may take longer.
    const opened = await eagerClient.views.open({ trigger_id: triggerId, view: lookingView(id, approval) });
    const seen = await stillThere(click, 'open', known, 'offered');
    const view = typeof seen === 'string' ? refusedView(id, approval, seen) : confirmView(id, approval, seen, target);
    await eagerClient.views
      .update({ view_id: String(opened.view?.id), view })
      .catch((error: unknown) => log.debug({ error: slackErrorOf(error) }, 'a modal was closed before it was filled'));
  }

  async function submit(click: Click): Promise<void> {
    const known = await checks.accept(click, 'request', 'offered');
    if (!known) return;
    const { id, approval, target } = known;
    const seen = await stillThere(click, 'request', known, 'offered');
    if (typeof seen === 'string') return;
    if (!needsSecondPerson(target)) return ends.execute(click, 'request', id, 'offered', { first: click.person });
    const expiresAtMs = now() + parts.actionSettings().secondPersonMinutes * 60_000;
    const waiting = await approvals.advance(id, 'offered', { state: 'waiting', first: click.person, expiresAtMs });
    if (!waiting) return thread.turnDown(click, 'request', 'Somebody was faster.', { id, approval });
    await audit.note(thread.entryOf(waiting, click.person.id, 'request', 'waiting'));
    thread.mark(waiting, 'suspended');
    await thread.closeButtons(
      id,
      `${click.person.name} wants to kill ${objectOf(waiting)}; a second person confirms below.`,
    );
    await thread.tell(waiting, secondPersonMessage(id, waiting, seen), id);
  }

  async function approve(click: Click): Promise<void> {
    const known = await checks.accept(click, 'approve', 'waiting');
    if (!known) return;
    if (known.approval.first?.id === click.person.id)
      return thread.turnDown(click, 'approve', 'You asked for it yourself; somebody else must confirm.', known);
    const seen = await stillThere(click, 'approve', known, 'waiting');
    if (typeof seen === 'string') return;
    await ends.execute(click, 'approve', known.id, 'waiting', { second: click.person });
  }

  async function decline(click: Click): Promise<void> {
    const known = await checks.accept(click, 'decline', 'waiting');
    if (!known) return;
    const { id } = known;
    const declined = await approvals.advance(id, 'waiting', { state: 'refused', second: click.person });
    if (!declined) return thread.turnDown(click, 'decline', 'It is decided already.', known);
    await audit.note(thread.entryOf(declined, click.person.id, 'decline', 'done'));
    await thread.closeButtons(id, `Declined by ${click.person.name}.`);
    await thread.end(declined, `Declined by ${click.person.name}: ${objectOf(declined)} is left alone.`);
  }

  /** Every way ends here: what is thrown is told to the person, and written down. */
  function guarded(did: string, work: (click: Click, triggerId: string) => Promise<void>) {
    return async (click: Click, triggerId = '') => {
      try {
        await work(click, triggerId);
      } catch (error) {
        log.error({ err: error, error: slackErrorOf(error), did }, 'a click on an action failed');
        await thread.turnDown(click, did, `Nothing was done: ${describeError(error).message}. Try once more.`);
      }
    };
  }

  return {
    offer: (report, place) =>
      ends.offer(report, place).catch((error: unknown) => log.error({ err: error }, 'actions could not be offered')),
    open: guarded('open', open),
    submit: guarded('request', submit),
    approve: guarded('approve', approve),
    decline: guarded('decline', decline),
    recover: () =>
      ends.recover().catch((error: unknown) => log.error({ err: error }, 'interrupted actions could not be looked at')),
  };
}
