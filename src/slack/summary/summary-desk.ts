import { type AuditEntry, readAudit } from '../../actions/audit.ts';
import type { RoutedTarget } from '../../alerts/where.ts';
import { nextAfter } from '../../schedules/recurrence.ts';
import { recurrenceOf, type SummarySettings } from '../../schedules/summary-settings.ts';
import { isClosed, post, postedKeys, readMessages } from '../posting/posting.ts';
import type { Desk } from '../turns/desk.ts';
import type { TakenQuestion } from '../turns/inbox.ts';
import { countWeek, isQuiet, type Scope, type Week } from './week.ts';
import { weekMessage } from './week-in-words.ts';

export interface SummaryDesk {
  /** The days from then until then, and the seven days before, about these targets. Rejects where the store cannot be used. */
  count(scope: Scope, fromMs: number, untilMs: number): Promise<{ readonly week: Week; readonly before: Week }>;
  /** The channels that own targets, with those that their rules let them ask about. */
  owners(): Promise<readonly Scope[]>;
  /** Posts a taken summary, or ends what a killed process began. */
  resume(id: string, question: TakenQuestion): Promise<void>;
  start(): void;
  close(): Promise<void>;
}

export interface SummaryParts {
  readonly settings: () => SummarySettings;
  readonly targets: () => readonly RoutedTarget[];
  readonly team: string;
  readonly now?: () => number;
}

export const weekMs = 7 * 86_400_000;
const everyMs = 20_000;
/** A summary later than this is nobody's news any more; the inbox knows for longer that it was posted. */
const lateMs = 86_400_000;
const mostRuns = 200_000;

/** Once a week over all processes: the time is looked for by each, and the inbox lets one have it. */
export function createSummaryDesk(
  desk: Pick<Desk, 'parts' | 'runs' | 'shared' | 'take' | 'drop'>,
  { settings, targets, team, now = Date.now }: SummaryParts,
): SummaryDesk {
  const { access, client, store, log } = desk.parts;
  let timer: NodeJS.Timeout | undefined;
  let work: Promise<void> | undefined;
  let doneMs: number | undefined;

  async function count(scope: Scope, fromMs: number, untilMs: number) {
    const beforeMs = fromMs - weekMs;
    const runs = await desk.runs.all({ fromMs: beforeMs, untilMs, limit: mostRuns });
    const entries: { readonly atMs: number; readonly value: AuditEntry }[] = [];
    for await (const entry of readAudit(store, { fromMs: beforeMs, untilMs })) entries.push(entry);
    const within = (isNow: boolean) => {
      const fits = ({ atMs }: { readonly atMs: number }) => atMs >= fromMs === isNow;
      const values = <T>(all: readonly { readonly atMs: number; readonly value: T }[]) =>
        all.filter(fits).map(({ value }) => value);
      return countWeek(values(runs), values(entries), scope);
    };
    return { week: within(true), before: within(false) };
  }

  async function owners(): Promise<readonly Scope[]> {
    const channels = new Set(targets().flatMap(({ channel }) => channel ?? []));
    const scopes = await Promise.all(
      [...channels].map(async (channel) => {
        const permissions = await access.channelPermissions(channel);
        const owned = targets().filter((target) => target.channel === channel && permissions.may('ask', target.name));
        return { channel, targets: owned.map(({ name }) => name) };
      }),
    );
    return scopes.filter((scope) => scope.targets.length > 0);
  }

  async function look(): Promise<void> {
    const dueMs = lastDue(settings(), now());
    if (!settings().enabled || dueMs === undefined || dueMs === doneMs || now() - dueMs > lateMs) return;
    for (const { channel } of await owners()) {
      const id = `summary ${team} ${channel} ${dueMs}`;
      const question = { team, channel, text: '', fresh: false, summaryMs: dueMs };
      if (!(await desk.take(id, question))) continue;
      await resume(id, { ...question, takenAtMs: Date.now(), state: 'waiting', begun: 0, owner: '' });
    }
    doneMs = dueMs;
  }

  async function resume(id: string, question: TakenQuestion): Promise<void> {
    const { channel, summaryMs = 0, takenAtMs, owner } = question;
    const scope = (await owners()).find((one) => one.channel === channel);
    const { zone } = settings();
    try {
      const place = { channel, threadTs: undefined };
      const isNew = owner === '';
      const key = `${id}/0`;
      const stands = !isNew && postedKeys(await readMessages(client, place, takenAtMs)).has(key);
      if (scope && !stands && !(await desk.shared.isRefused(channel))) {
        const { week, before } = await count(scope, summaryMs - weekMs, summaryMs);
        const span = { fromMs: summaryMs - weekMs, untilMs: summaryMs, zone };
        // A week in which nothing happened is no news.
        if (!isQuiet(week)) await post(client, place, { ...weekMessage(week, before, scope.targets, span), key }, log);
      }
    } catch (error) {
      if (!isClosed(error)) throw error;
      log.warn({ channel }, 'the weekly summary cannot be posted in the channel that owns a target');
    }
    await desk.drop(id);
  }

  return {
    count,
    owners,
    resume,
    start() {
      const begin = (): void => {
        work ??= look()
          .catch((error: unknown) => log.warn({ err: error }, 'the weekly summary could not be made'))
          .finally(() => {
            work = undefined;
          });
      };
      timer = setInterval(begin, everyMs).unref();
      begin();
    },
    async close() {
      clearInterval(timer);
      await work;
    },
  };
}

/** The last time that was due, up to and with a moment. */
export function lastDue(settings: SummarySettings, nowMs: number): number | undefined {
  const when = recurrenceOf(settings);
  let last: number | undefined;
  for (
    let at = nextAfter(when, nowMs - weekMs - 86_400_000);
    at !== undefined && at <= nowMs;
    at = nextAfter(when, at)
  ) {
    last = at;
  }
  return last;
}
