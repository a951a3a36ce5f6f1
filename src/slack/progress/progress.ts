import type { AnyChunk } from '@slack/types';
import { WebAPIRateLimitedError, type WebClient } from '@slack/web-api';
import type { Log } from '../../log.ts';
import { clamp, withoutControl } from '../posting/escape.ts';
import { frameDistanceMs, limits, streamLifetimeMs } from '../posting/limits.ts';
import { type Place, type SlackMessage, slackErrorOf } from '../posting/posting.ts';
import { type Checklist, type ProgressTask, stopButton } from './checklist.ts';
import { createFrames } from './frames.ts';

/** The live checklist of one turn in its thread. */
export interface Progress {
  /** Shows how far it is; frames that come too fast are dropped. */
  show(): void;
  /** Shows the last state and resolves when it has arrived. It is tried again until it has, or the place is closed. */
  end(): Promise<void>;
}

export interface ProgressParts {
  /** A client that rejects when Slack asks for a pause, so that reports never queue behind a checklist. */
  readonly client: WebClient;
  readonly log: Log;
  /** For whom it streams: Slack wants to know in channels. Without, chat.update is used from the start. */
  readonly user: string | undefined;
  readonly team: string;
  /** Milliseconds; tests give their own. */
  readonly now?: (() => number) | undefined;
  /** Told the message that the checklist is, once. */
  readonly onStarted?: (ts: string) => void;
}

/** Tries of the last frame; a pause that Slack asks for lies between them. */
const lastTries = 4;
const retryPauseMs = 500;

/**
 * A plan-mode stream as long as Slack lets it live; chat.update of the same message after that, after any error of
 * the stream, and where streams are not to be had.
 */
export function startProgress(place: Place, checklist: Checklist, parts: ProgressParts): Progress {
  const { client, log, now = () => performance.now() } = parts;
  const { channel } = place;
  const shown = new Map<string, string>();
  let way: 'none' | 'stream' | 'update' = 'none';
  let takesPlans = true;
  let ts = '';
  let startedAt = 0;

  async function begin(): Promise<void> {
    if (place.threadTs !== undefined && parts.user !== undefined) {
      try {
        const chunks: AnyChunk[] = [...changes(), { type: 'blocks', blocks: [stopButton(checklist.ref)] }];
        const started = await client.chat.startStream({
          channel,
          thread_ts: place.threadTs,
          recipient_user_id: parts.user,
          recipient_team_id: parts.team,
          task_display_mode: 'plan',
          chunks,
        });
        [way, ts, startedAt] = ['stream', String(started.ts), now()];
        parts.onStarted?.(ts);
        return;
      } catch (error) {
        noteRefusal(error);
        log.debug({ error: slackErrorOf(error) }, 'no stream to be had; the checklist goes by chat.update');
      }
    }
    const thread = place.threadTs === undefined ? {} : { thread_ts: place.threadTs };
    const posted = await drawn(({ text, blocks }) =>
      client.chat.postMessage({ channel, ...thread, text, blocks: [...blocks], unfurl_links: false }),
    );
    [way, ts] = ['update', String(posted.ts)];
    parts.onStarted?.(ts);
  }

  /** The title and the tasks that are not as they were shown last. */
  function changes(): AnyChunk[] {
    const title = clamp(withoutControl(checklist.title), limits.taskText);
    return [{ type: 'plan_update', title }, ...checklist.tasks().filter(isNews).map(chunkOf)];
  }

  function isNews(task: ProgressTask): boolean {
    const now = JSON.stringify(task);
    if (shown.get(task.id) === now) return false;
    shown.set(task.id, now);
    return true;
  }

  async function leaveStream(): Promise<void> {
    try {
      await client.chat.stopStream({ channel, ts, chunks: changes() });
    } catch (error) {
      // Slack refuses an update of a message that still streams.
      if (pauseOf(error) > 0) throw error;
      log.debug({ error: slackErrorOf(error) }, 'a stream had ended before');
    }
    way = 'update';
  }

  /** Draws a plan, and without one where Slack refuses the block. */
  async function drawn<T>(send: (message: SlackMessage) => Promise<T>): Promise<T> {
    if (!takesPlans) return send(checklist.draw());
    try {
      return await send(checklist.drawPlan());
    } catch (error) {
      if (!noteRefusal(error)) throw error;
      return send(checklist.draw());
    }
  }

  function noteRefusal(error: unknown): boolean {
    if (!['invalid_blocks', 'invalid_chunks'].includes(slackErrorOf(error) ?? '')) return false;
    takesPlans = false;
    return true;
  }

  async function send(): Promise<void> {
    if (way === 'none') return begin();
    if (way === 'stream' && !checklist.isOver && now() - startedAt < streamLifetimeMs) {
      try {
        await client.chat.appendStream({ channel, ts, chunks: changes() });
        return;
      } catch (error) {
        if (pauseOf(error) > 0) {
          // Nothing of this frame was shown; the next one tells it again.
          shown.clear();
          throw error;
        }
        log.debug({ error: slackErrorOf(error) }, 'a stream ended early; the checklist goes on by chat.update');
      }
    }
    if (way === 'stream') await leaveStream();
    await drawn(({ text, blocks }) => client.chat.update({ channel, ts, text, blocks: [...blocks] }));
  }

  const frames = createFrames<true>(send, {
    distanceMs: frameDistanceMs,
    lastTries,
    onError(error) {
      log.debug({ error: slackErrorOf(error), err: error }, 'a frame of the checklist was dropped');
      return pauseOf(error) || retryPauseMs;
    },
  });
  return { show: () => frames.show(true), end: () => frames.end(true) };
}

function chunkOf({ id, title, status, output }: ProgressTask): AnyChunk {
  return { type: 'task_update', id, title, status, ...(output ? { output } : {}) };
}

/** How long Slack wants to be left alone, in ms; 0 where it said nothing of the kind. */
function pauseOf(error: unknown): number {
  return error instanceof WebAPIRateLimitedError ? error.retryAfter * 1_000 : 0;
}
