import type { Right } from '../../actions/access-settings.ts';
import type { Turn } from '../../conversation/conversation.ts';
import { createPreferenceBook } from '../../conversation/preferences.ts';
import { outlineReport } from '../../report/outline.ts';
import type { Report } from '../../report/report.ts';
import { noteDone } from '../audited.ts';
import { isClosed, postedKeys, readMessages, slackErrorOf } from '../posting/posting.ts';
import type { DeliveryKey } from '../report/deliver.ts';
import { sharedRefusal } from '../shared-channels.ts';
import { type Desk, keyOf } from '../turns/desk.ts';
import type { NewQuestion, TakenQuestion } from '../turns/inbox.ts';
import { openThread } from '../turns/open-thread.ts';
import { NotTaken, postUntilTaken } from '../turns/post-until-taken.ts';
import { isDirect } from '../turns/privately.ts';
import { postTurn, readRef, store, turnRef } from '../turns/turn.ts';

/** Who shares which turn. */
export interface Sharing {
  readonly ref: string;
  readonly user: string;
  readonly team: string;
}

export type Shared =
  | { readonly why: string; readonly target?: string }
  | { readonly channel: string; readonly threadTs: string };

export interface ShareDesk {
  /** The turn, where it stands in this person's own direct messages; undefined for any other, a private channel's above all. */
  own(sharing: Sharing): Promise<Turn | undefined>;
  /** Why the person may not read this report any more, or not show it in this channel; undefined where they may. */
  refusal(turn: Turn, user: string, channel: string): Promise<string | undefined>;
  /** Posts a report in a channel, once, as a thread that people go on in; or why it is not. Rejects where Slack cannot be reached. */
  share(sharing: Sharing, channel: string, name: string): Promise<Shared>;
  /** Ends what a killed process began. */
  resume(id: string, question: TakenQuestion): Promise<void>;
}

const gone = 'That report is no longer known here. Ask again to get a fresh one.';
const notThere = 'dbcheck cannot post in that channel. Invite it there with /invite @dbcheck, then share again.';
/** Pages of a channel's members that are looked through, of so many each. */
const memberPages = 20;
const membersPerPage = 1_000;

export function createShareDesk(desk: Pick<Desk, 'parts' | 'shared' | 'take' | 'drop'>): ShareDesk {
  const { access, client, conversations, inbox, log } = desk.parts;
  const book = createPreferenceBook(desk.parts.store);

  async function own({ ref, user, team }: Sharing): Promise<Turn | undefined> {
    const found = readRef(ref);
    const [home, channel = ''] = found?.key.split(':') ?? [];
    if (!found || home !== team || !isDirect(channel)) return undefined;
    const turn = (await conversations.load(found.key))?.turns[found.turn];
    return turn?.askedBy === user && turn.report.plan.kind === 'run' ? turn : undefined;
  }

  async function refusal({ report }: Turn, user: string, channel: string): Promise<string | undefined> {
    const permissions = await access.permissions(user, channel, { fresh: true });
    const targets = targetsOf(report);
    const rights: readonly Right[] = [
      'ask',
      ...(targets.length > 1 ? ['fleet' as const] : []),
      ...(report.inspections?.length ? ['inspect' as const] : []),
    ];
    return targets.flatMap((target) => rights.map((right) => permissions.refusal(right, target))).find(Boolean);
  }

  async function refusalThere(turn: Turn, user: string, channel: string): Promise<string | undefined> {
    const why = await refusal(turn, user, channel);
    return why === undefined ? undefined : `In the channel that you picked: ${why}`;
  }

  /** Why nothing goes to this channel, whoever asks and whatever it is. */
  async function shut(channel: string, user: string): Promise<string | undefined> {
    if (!/^[CG]/.test(channel)) return 'A report is shared to a channel; direct messages are for one person.';
    try {
      const { channel: info } = await client.conversations.info({ channel });
      if (info?.is_archived) return 'That channel is archived.';
      if (info?.is_member === false) return notThere;
      if (info?.is_private && !(await isMember(channel, user))) return 'You are not in that channel.';
    } catch (error) {
      log.debug({ error: slackErrorOf(error) }, 'a channel could not be looked at');
      return notThere;
    }
    return (await desk.shared.isRefused(channel)) ? sharedRefusal : undefined;
  }

  async function isMember(channel: string, user: string): Promise<boolean> {
    let cursor = '';
    for (let page = 0; page < memberPages; page++) {
      const found = await client.conversations.members({ channel, limit: membersPerPage, cursor });
      if (found.members?.includes(user)) return true;
      cursor = found.response_metadata?.next_cursor ?? '';
      if (cursor === '') return false;
    }
    return false;
  }

  /** Every step leaves a trace, and a second process that finds it goes on from there. */
  async function carryOut(id: string, question: NewQuestion, turn: Turn, takenAtMs?: number): Promise<Shared> {
    const { team, channel, user = '' } = question;
    const threadTs = question.threadTs ?? (await openThread(id, question, desk, takenAtMs));
    const key = keyOf(team, channel, threadTs);
    const shared = await asShared(turn, { team, channel });
    const before = await conversations.load(key);
    if (!before?.turns.some((one) => one.id === id))
      await store(shared.report, { id, key, text: shared.question, user }, desk.parts);
    const place = { channel, threadTs };
    const posted = takenAtMs === undefined ? {} : { posted: postedKeys(await readMessages(client, place, takenAtMs)) };
    const post = (as: DeliveryKey) => postTurn(shared, turnRef(key, 0), place, { ...posted, ...as }, desk.parts);
    await postUntilTaken(post, place, id, desk.parts);
    await inbox.note(id, { state: 'answered' });
    const target = targetsOf(turn.report).join(', ');
    await noteDone({ who: user, did: 'share', target, channel, thread: threadTs }, desk.parts);
    return place;
  }

  /** What others read: as much as their channel wants, and no word of a message that was not the person's own. */
  async function asShared(turn: Turn, place: { readonly team: string; readonly channel: string }): Promise<Turn> {
    const question = turn.id?.startsWith('shortcut ') ? 'is it healthy?' : turn.question;
    const { verbosity } = await book.of({ ...place, user: undefined });
    const { verbosity: _, ...report } = turn.report;
    return { ...turn, question, report: { ...report, question, ...(verbosity ? { verbosity } : {}) } };
  }

  return {
    own,
    refusal,
    async share(sharing, channel, name) {
      const { ref, user, team } = sharing;
      const turn = await own(sharing);
      if (!turn) return { why: gone };
      const why = (await shut(channel, user)) ?? (await refusalThere(turn, user, channel));
      if (why !== undefined) return { why, target: targetsOf(turn.report).join(', ') };
      const id = `share ${ref} ${channel}`;
      const { headline } = outlineReport(turn.report);
      const echo = `${headline}\n${name} shares a check of ${turn.report.takenAt.slice(0, 16).replace('T', ' ')} UTC`;
      const question: NewQuestion = { team, channel, text: '', user, fresh: false, echo, shares: ref };
      if (!(await desk.take(id, question))) return { why: 'That report was shared there already.' };
      try {
        return await carryOut(id, question, turn);
      } catch (error) {
        // The next process goes on with what this one has no time for.
        if (error instanceof NotTaken) throw error;
        await inbox.release(id);
        if (!isClosed(error)) throw error;
        return { why: notThere };
      }
    },
    async resume(id, question) {
      const { shares: ref = '', team, user = '', channel } = question;
      const turn = await own({ ref, user, team });
      const why = turn ? ((await shut(channel, user)) ?? (await refusal(turn, user, channel))) : gone;
      if (turn && why === undefined) await carryOut(id, question, turn, question.takenAtMs);
      else await desk.drop(id);
    },
  };
}

/** Every target that a report tells of. */
function targetsOf({ plan, results, findings }: Report): readonly string[] {
  return [
    ...new Set([...plan.targets, ...results.map(({ target }) => target), ...findings.map(({ target }) => target)]),
  ];
}
