import type { WebClient } from '@slack/web-api';
import type { ConversationStore } from '../conversation/conversation.ts';
import { describeError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Orchestrator } from '../orchestrator/question.ts';
import type { Report } from '../report/report.ts';
import { paragraph, words } from './blocks.ts';
import { escapeText } from './escape.ts';
import { createFrames, type Frames } from './frames.ts';
import { frameDistanceMs } from './limits.ts';
import { attach, isClosed, type Place, post } from './posting.ts';
import { Checklist } from './progress.ts';
import { reportMessages, type SlackMessage } from './report-blocks.ts';

/** One question from Slack with everything that answering it needs. */
export interface TurnInput {
  readonly place: Place;
  /** Key of the conversation: team, channel and thread. */
  readonly key: string;
  readonly text: string;
  readonly user: string | undefined;
  readonly fresh: boolean;
}

export interface TurnParts {
  readonly client: WebClient;
  readonly orchestrator: Orchestrator;
  readonly conversations: ConversationStore;
  readonly log: Log;
}

/** Names a turn in the values of buttons: only ids, nothing of its content. */
export function turnRef(key: string, turn: number): string {
  return `${key}#${turn}`;
}

export function readRef(ref: string): { readonly key: string; readonly turn: number } | undefined {
  const [, key, turn] = /^([\w.:-]{5,120})#(\d{1,4})$/.exec(ref) ?? [];
  return key === undefined ? undefined : { key, turn: Number(turn) };
}

/**
 * Answers one question in its thread: a checklist while agents work, then the report as a new reply.
 * The second of the three places that catch: whatever fails becomes one sentence in the thread.
 */
export async function runTurn(input: TurnInput, parts: TurnParts, signal: AbortSignal): Promise<void> {
  const { client, orchestrator, conversations, log } = parts;
  let frames: Frames<SlackMessage> | undefined;
  try {
    const conversation = await conversations.load(input.key);
    const ref = turnRef(input.key, conversation?.turns.length ?? 0);
    const checklist = new Checklist(ref);
    const report = await orchestrator.ask({
      text: input.text,
      fresh: input.fresh,
      signal,
      ...(conversation ? { conversation } : {}),
      onProgress(event) {
        checklist.take(event);
        if (event.type === 'planned' && event.plan.kind === 'run') frames = startFrames(input.place, parts);
        frames?.show(checklist.draw());
      },
    });
    // Stored before it is posted: a follow-up may come the moment the report is seen.
    await conversations.append(input.key, {
      question: input.text,
      askedAt: report.takenAt,
      ...(input.user === undefined ? {} : { askedBy: input.user }),
      report,
    });
    checklist.finish(doneLine(report));
    // The report must not wait for a checklist that Slack holds back, and the other way round.
    await Promise.all([frames?.end(checklist.draw()), postReport(report, ref, input.place, parts)]);
  } catch (error) {
    if (isClosed(error)) {
      log.warn({ channel: input.place.channel }, 'the channel of a question is closed; nobody can be answered there');
      return;
    }
    log.error({ err: error }, 'a turn failed');
    const { code, message } = describeError(error);
    const sentence = `That question could not be answered: ${message} (${code}). Ask again, or use the command line.`;
    await post(client, input.place, { text: escapeText(sentence), blocks: [paragraph(words(sentence))] }, log).catch(
      (lost: unknown) => {
        log.error({ err: lost }, 'not even the apology could be posted');
      },
    );
  }
}

function doneLine({ results, durationMs, verdict }: Report): string {
  const done = results.filter(({ status }) => status === 'completed').length;
  return `Done: ${done} of ${results.length} checks in ${(durationMs / 1_000).toFixed(1)} s, ${verdict}`;
}

async function postReport(report: Report, ref: string, place: Place, { client, log }: TurnParts): Promise<void> {
  const { messages, attachment } = reportMessages(report, ref);
  for (const message of messages) await post(client, place, message, log);
  if (attachment !== undefined) await attach(client, place, 'report.txt', attachment, log);
}

/** The checklist's message: posted with the first frame, changed by the others. */
function startFrames(place: Place, { client, log }: TurnParts): Frames<SlackMessage> {
  let ts: string | undefined;
  return createFrames<SlackMessage>(
    async (message) => {
      if (ts === undefined) ts = await post(client, place, message, log);
      else await client.chat.update({ channel: place.channel, ts, text: message.text, blocks: [...message.blocks] });
    },
    {
      distanceMs: frameDistanceMs,
      lastTries: 3,
      onError: (error) => log.warn({ err: error }, 'a frame of the checklist was lost'),
    },
  );
}
