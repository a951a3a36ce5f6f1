import pLimit from 'p-limit';
import type { Permissions } from '../../actions/access.ts';
import { workflowPerson } from '../../actions/access-settings.ts';
import { describeError } from '../../errors.ts';
import type { Report } from '../../report/report.ts';
import { noteAsked, refuse } from '../audited.ts';
import { isClosed, type Place, postedKeys, readMessages, slackErrorOf } from '../posting/posting.ts';
import { sharedRefusal } from '../shared-channels.ts';
import { type Desk, keyOf } from '../turns/desk.ts';
import type { NewQuestion, TakenQuestion } from '../turns/inbox.ts';
import { openThread } from '../turns/open-thread.ts';
import { NotTaken } from '../turns/post-until-taken.ts';
import { settled } from '../turns/settled.ts';
import { postTurn, publish, say, store, turnRef } from '../turns/turn.ts';
import { outputsOf, type StepOutputs } from './step.ts';

export type StepQuestion = Pick<TakenQuestion, 'begun' | 'takenAtMs'> &
  NewQuestion & { readonly step: NonNullable<NewQuestion['step']> };

export interface StepDesk {
  /** Works on a taken step; returns at once. */
  begin(id: string, question: StepQuestion): void;
  /** Lets steps finish for so long; what is cut is left for the next process. */
  close(finishMs: number): Promise<void>;
}

/** Steps at the same time: people's questions come first. */
const maxSteps = 4;
/** Slack gives a step of its own platform a minute; ours ends its run so that the outcome is told within that. */
const runMs = 50_000;
/** Begun this often and never finished: the step may be what ends the process. */
const mostBegun = 2;
const lastWordMs = 2_000;
/** The step was ended otherwise: told before, or given up by Slack. */
const overErrors = ['execution_not_in_running_state', 'function_execution_not_found'];

/** A step that cannot be done, with the sentence that the workflow's author reads. */
class StepError extends Error {}

/** Answers questions of workflows, in a channel where one is given, and tells each workflow once what came of it. */
export function createStepDesk(desk: Pick<Desk, 'parts' | 'shared'>): StepDesk {
  const { parts } = desk;
  const { access, client, conversations, inbox, log } = parts;
  const limit = pLimit(maxSteps);
  const stop = new AbortController();
  const open = new Set<Promise<void>>();

  async function work(id: string, question: StepQuestion): Promise<void> {
    const { executionId } = question.step;
    try {
      const outputs = await answer(id, question);
      if (outputs === 'cut') return;
      await end(() => client.functions.completeSuccess({ function_execution_id: executionId, outputs }));
    } catch (error) {
      if (error instanceof NotTaken) return;
      if (!(error instanceof StepError)) log.error({ err: error }, 'a workflow step failed');
      const { message } = error instanceof StepError ? error : describeError(error);
      await end(() => client.functions.completeError({ function_execution_id: executionId, error: message }));
    }
    await inbox.note(id, { state: 'answered' });
  }

  /** A workflow hears once; what Slack does not take any more is over. */
  async function end(tell: () => Promise<unknown>): Promise<void> {
    await tell().catch((error: unknown) => {
      const isOver = overErrors.includes(slackErrorOf(error) ?? '');
      log[isOver ? 'debug' : 'error']({ error: slackErrorOf(error) }, 'a workflow was not told how its step ended');
    });
  }

  async function answer(id: string, question: StepQuestion): Promise<StepOutputs | 'cut'> {
    const { begun, channel } = question;
    if (begun >= mostBegun) throw new StepError('dbcheck was stopped twice while it worked on this step.');
    await inbox.note(id, { state: 'running', begun: begun + 1 });
    const before = await postedBefore(id, question);
    if (before) return before;
    if (channel !== '' && (await desk.shared.isRefused(channel))) return refused(question, sharedRefusal);
    const permissions = await access.permissions(workflowPerson, channel, { fresh: true });
    const { defaultTarget: target } = question;
    const why = target === undefined ? undefined : permissions.refusal('ask', target);
    if (why !== undefined) return refused(question, why, target);
    const place = channel === '' ? undefined : await opened(id, question);
    try {
      return await looked(id, question, permissions, place);
    } catch (error) {
      // Whoever reads the question in the channel should not wait for an answer.
      if (place && error instanceof StepError) await say(`Not answered: ${error.message}`, { place }, parts);
      throw error;
    }
  }

  async function looked(
    id: string,
    question: StepQuestion,
    permissions: Permissions,
    place: (Place & { readonly threadTs: string }) | undefined,
  ): Promise<StepOutputs | 'cut'> {
    const report = await ask(question, permissions);
    if (report === 'cut' || stop.signal.aborted) return 'cut';
    const { plan } = report;
    if (plan.refused) {
      const { right, targets } = plan.refused;
      const whys = targets.map((target) => permissions.refusal(right, target) ?? report.text);
      return refused(question, whys.join('\n'), targets.join(', '));
    }
    if (plan.kind !== 'run') throw new StepError(plan.answer ?? report.text);
    if (!place) {
      await noteAsked(report, { user: workflowPerson, place: { channel: '', threadTs: undefined } }, parts);
      return outputsOf(report, '');
    }
    return posted(id, question, report, place);
  }

  async function ask(
    { text, defaultTarget, team, channel }: StepQuestion,
    permissions: Permissions,
  ): Promise<Report | 'cut'> {
    const late = AbortSignal.timeout(runMs);
    const signal = AbortSignal.any([stop.signal, late]);
    const answered = parts.orchestrator.ask({
      text,
      fresh: true,
      signal,
      ...(channel === '' ? {} : { asker: { team, channel, user: undefined } }),
      mayAsk: (target) => permissions.may('ask', target),
      mayRunFleet: (target) => permissions.may('fleet', target),
      mayInspect: (target) => permissions.may('inspect', target),
      ...(defaultTarget === undefined ? {} : { defaultTarget }),
    });
    const tooLate = Promise.withResolvers<'cut'>();
    // An aborted run still tells what it knows; a stopped process leaves it to the next one.
    const give = () => {
      if (stop.signal.aborted) tooLate.resolve('cut');
      else setTimeout(() => tooLate.reject(new StepError('The check did not end in time.')), lastWordMs).unref();
    };
    signal.addEventListener('abort', give, { once: true });
    try {
      return await Promise.race([answered, tooLate.promise]);
    } finally {
      signal.removeEventListener('abort', give);
    }
  }

  /** The root message, before anything is asked: where nothing can be said, nothing is looked at. */
  async function opened(id: string, question: StepQuestion): Promise<Place & { readonly threadTs: string }> {
    const { channel, threadTs, begun, takenAtMs, text } = question;
    try {
      const found =
        threadTs ??
        (await openThread(
          id,
          { ...question, echo: `A workflow asks: ${text}` },
          desk,
          begun > 0 ? takenAtMs : undefined,
        ));
      return { channel, threadTs: found };
    } catch (error) {
      if (!isClosed(error)) throw error;
      throw new StepError('dbcheck cannot post in that channel. Invite it there with /invite @dbcheck.');
    }
  }

  async function posted(
    id: string,
    { team, channel, text }: StepQuestion,
    report: Report,
    place: Place & { readonly threadTs: string },
  ): Promise<StepOutputs> {
    const key = keyOf(team, channel, place.threadTs);
    await store(report, { id, key, text, user: undefined }, parts);
    await publish(report, turnRef(key, 0), { id, team, user: workflowPerson, place }, parts);
    return outputsOf(report, await permalinkOf(place));
  }

  async function permalinkOf({ channel, threadTs }: { readonly channel: string; readonly threadTs: string }) {
    const found = await client.chat.getPermalink({ channel, message_ts: threadTs }).catch(() => undefined);
    return found?.permalink ?? '';
  }

  /** A process that was killed may have stored the report, and posted a part of it. */
  async function postedBefore(id: string, question: StepQuestion): Promise<StepOutputs | undefined> {
    const { team, channel, threadTs, takenAtMs } = question;
    if (threadTs === undefined) return undefined;
    const key = keyOf(team, channel, threadTs);
    const turn = (await conversations.load(key))?.turns.find((one) => one.id === id);
    if (!turn) return undefined;
    const place = { channel, threadTs };
    const said = postedKeys(await readMessages(client, place, takenAtMs));
    await postTurn(turn, turnRef(key, 0), place, { key: id, posted: said }, parts);
    return outputsOf(turn.report, await permalinkOf(place));
  }

  /** Written down as every refusal; nobody in person is there to be told. */
  async function refused({ channel, threadTs }: StepQuestion, said: string, target?: string): Promise<never> {
    const why = said.replaceAll('You may not', 'A workflow may not');
    const about = target === undefined ? {} : { target };
    const tell = async () => undefined;
    await refuse({ user: workflowPerson, channel, threadTs, did: 'ask', why, ...about, tell }, parts);
    throw new StepError(why);
  }

  return {
    begin(id, question) {
      const run = limit(() => work(id, question));
      open.add(run);
      const leave = () => open.delete(run);
      run.then(leave, leave);
    },
    async close(finishMs) {
      await settled(open, finishMs);
      stop.abort();
      await settled(open, lastWordMs);
    },
  };
}
