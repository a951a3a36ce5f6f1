import { nameOfKill } from '../../actions/action.ts';
import type { Approval, Approvals } from '../../actions/approval.ts';
import type { AuditEntry } from '../../actions/audit.ts';
import { refuse } from '../audited.ts';
import { isClosed, post, type SlackMessage, slackErrorOf } from '../posting/posting.ts';
import { markSession } from '../posting/session.ts';
import { isFirst } from '../seen.ts';
import type { ActionDeskParts, Click } from './action-parts.ts';
import { closedMessage } from './action-views.ts';

interface Told {
  readonly id: string;
  readonly approval: Approval;
}

/** What the thread and the audit hear of an approval. */
export interface ActionThread {
  /** Posts in the thread; with `id`, the message is remembered as one whose buttons belong to the approval. */
  tell(approval: Approval, message: SlackMessage, id?: string): Promise<void>;
  /** Takes the buttons away and leaves words. Rejects where nobody can write there any more. */
  closeButtons(id: string, words: string): Promise<void>;
  /** Says no: to the person alone, in the audit, and, where it concerns an offer of this thread, once in the thread. */
  turnDown(click: Click, did: string, why: string, known?: Told): Promise<void>;
  /** The last word on an approval, as a new reply, so that people are notified. Does not reject. */
  end(approval: Approval, words: string): Promise<void>;
  mark(approval: Approval, status: 'suspended' | 'active'): void;
  entryOf(approval: Approval, who: string, did: string, result: AuditEntry['result']): AuditEntry;
}

export function createActionThread(approvals: Approvals, parts: ActionDeskParts): ActionThread {
  const { client, eagerClient, log, store } = parts;

  async function tell(approval: Approval, message: SlackMessage, id?: string): Promise<void> {
    const { ts } = await post(client, placeOf(approval), message, log);
    if (id !== undefined) await approvals.addMessage(id, ts);
  }

  async function closeButtons(id: string, words: string): Promise<void> {
    const approval = await approvals.get(id);
    const { text, blocks } = closedMessage(words);
    for (const ts of approval?.messages ?? []) {
      // Nothing waits for a button to go: it does nothing any more.
      await eagerClient.chat
        .update({ channel: approval?.channel ?? '', ts, text, blocks: [...blocks] })
        .catch((error: unknown) => {
          if (isClosed(error)) throw error;
          log.warn({ error: slackErrorOf(error) }, 'a button could not be taken away; it does nothing any more');
        });
    }
  }

  function mark(approval: Approval, status: 'suspended' | 'active'): void {
    markSession(placeOf(approval), status, { user: undefined, text: '' }, parts);
  }

  return {
    tell,
    closeButtons,
    mark,
    entryOf(approval, who, did, result) {
      const { target, channel, threadTs: thread } = approval;
      return { who, did, target, result, channel, thread, about: factsOf(approval) };
    },
    async turnDown({ person, place }, did, why, known) {
      const approval = known?.approval;
      const { channel, threadTs } = approval ? placeOf(approval) : place;
      const about = approval ? { about: factsOf(approval), target: approval.target } : {};
      await refuse({ channel, threadTs, user: person.id, did, why, ...about }, parts);
      // A button that is pressed ten times is told of once.
      if (!known || !approval || !(await isFirst(store, `refused ${known.id} ${person.id} ${why}`))) return;
      const words = `${nameOfKill(approval.kill)} on ${approval.target} was refused to ${person.name}: ${why}`;
      await tell(approval, closedMessage(words)).catch((error: unknown) =>
        log.warn({ error: slackErrorOf(error) }, 'a refusal could not be told in its thread'),
      );
    },
    async end(approval, words) {
      await tell(approval, closedMessage(words)).catch((error: unknown) =>
        log.error({ error: slackErrorOf(error) }, 'the end of an action could not be told in its thread'),
      );
      mark(approval, 'active');
    },
  };
}

function placeOf({ channel, threadTs }: Approval) {
  return { channel, threadTs };
}

function factsOf({ kill, finding, first, second }: Approval): NonNullable<AuditEntry['about']> {
  const { kind, thread, queryId, user, host } = kill;
  return {
    kind,
    thread,
    queryId,
    account: `${user}@${host}`,
    because: finding.code,
    ...(first ? { askedBy: first.id } : {}),
    ...(second ? { confirmedBy: second.id } : {}),
  };
}
