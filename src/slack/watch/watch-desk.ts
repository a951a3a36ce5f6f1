import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import { agents } from '../../agents/registry.ts';
import { createHabitBook } from '../../conversation/habits.ts';
import { rootOf } from '../../conversation/next-questions.ts';
import { callsFor } from '../../orchestrator/orchestrator.ts';
import { verdictWords } from '../../report/outline.ts';
import type { Report } from '../../report/report.ts';
import { judgeLook, type Reason, type WatchState, watchKind } from '../../watch/reasons.ts';
import type { WatchSettings } from '../../watch/watch-settings.ts';
import { isClosed } from '../posting/posting.ts';
import { type Desk, keyOf } from '../turns/desk.ts';
import { openThread } from '../turns/open-thread.ts';
import { publish, store as storeTurn, turnRef } from '../turns/turn.ts';

export interface WatchDesk {
  start(): void;
  close(): Promise<void>;
}

export interface WatchParts {
  readonly settings: () => WatchSettings;
  readonly targets: () => readonly { readonly name: string; readonly channel?: string | undefined }[];
  readonly team: string;
  readonly now?: () => number;
}

/** What a look asks: is it well, does replication run, who waits, what fills up. */
const lookAgents = ['incident_triage', 'running_query', 'replication_health', 'capacity'];
/** How often it is seen whether a look is due. */
const everyMs = 2_000;
/** A healthy target that looks ill is looked at again after this time, before anything is said. */
const suspectMs = 60_000;
const maxLooks = 2;

/**
 * Looks at the targets that a channel owns, without a model and without a second round, and says in that channel what there
 * is reason to say. Of several processes on one store one makes each look.
 */
export function createWatchDesk(desk: Desk, { settings, targets, team, now = Date.now }: WatchParts): WatchDesk {
  const { access, orchestrator, store, log } = desk.parts;
  const habits = createHabitBook(store);
  const limit = pLimit(maxLooks);
  const stop = new AbortController();
  const open = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;

  /** The state of a target whose look is due and ours to make. */
  async function claim(name: string): Promise<WatchState | undefined> {
    const nowMs = now();
    const nextAtMs = nowMs + settings().everyMinutes * 60_000;
    const look = randomUUID();
    const state = await store.update(watchKind, name, (before) => {
      if (before && before.nextAtMs > nowMs) return undefined;
      return { told: {}, ...before, nextAtMs, look };
    });
    return state?.look === look ? state : undefined;
  }

  async function look(name: string, channel: string): Promise<void> {
    const state = await claim(name);
    if (!state) return;
    const permissions = await access.channelPermissions(channel);
    if (!permissions.may('ask', name) || (await desk.shared.isKnownRefused(channel))) return;
    const report = await orchestrator.check(
      {
        text: `watch ${name}`,
        fresh: true,
        isLight: true,
        signal: stop.signal,
        asker: { team, channel, user: undefined },
        mayAsk: (target) => permissions.may('ask', target),
      },
      callsFor(agents.filter((agent) => lookAgents.includes(agent.name))),
      [name],
    );
    if (stop.signal.aborted) return;
    await desk.runs.saw(report);
    const root = rootOf(report);
    const times = root ? await habits.sightings(root.target, root.code, root.subject, now()) : [];
    const judged = judgeLook(state, report, root, times, now());
    if (judged.reasons.length > 0) await tell(report, judged.reasons, channel, state.look);
    const soon = judged.isSuspect ? { nextAtMs: now() + suspectMs } : {};
    // Kept when it was told: what a crash cuts is told by the next look.
    await store.update(watchKind, name, (one) =>
      one?.look === state.look ? { ...judged.state, nextAtMs: one.nextAtMs, ...soon } : undefined,
    );
  }

  /** What there is to say, verdict first, and the report with its next questions in the thread below. */
  async function tell(report: Report, reasons: readonly Reason[], channel: string, look: string): Promise<void> {
    const id = `watch ${look}`;
    const { icon } = verdictWords[report.verdict];
    const next = report.suggestions?.[0];
    const echo = [
      ...reasons.map(({ sentence }) => `${icon} ${sentence}`),
      ...(next ? [`Ask next: ${next.question}`] : []),
    ].join('\n');
    const threadTs = await openThread(id, { team, channel, text: report.question, fresh: true, echo }, desk);
    const key = keyOf(team, channel, threadTs);
    await storeTurn(report, { id, key, text: report.question, user: undefined }, desk.parts);
    await publish(report, turnRef(key, 0), { id, team, user: undefined, place: { channel, threadTs } }, desk.parts);
  }

  function begin(): void {
    if (!settings().enabled) return;
    for (const { name, channel } of targets()) {
      if (channel === undefined || open.has(name)) continue;
      const work = limit(() => look(name, channel))
        .catch((error: unknown) => {
          const words = isClosed(error) ? 'the channel of a target is closed' : 'a target could not be watched';
          log.warn({ err: error, target: name }, words);
        })
        .finally(() => open.delete(name));
      open.set(name, work);
    }
  }

  return {
    start() {
      timer ??= setInterval(begin, everyMs);
      timer.unref();
    },
    async close() {
      clearInterval(timer);
      stop.abort();
      await Promise.allSettled(open.values());
    },
  };
}
