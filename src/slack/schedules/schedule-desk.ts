import pLimit from 'p-limit';
import type { Right } from '../../actions/access-settings.ts';
import { agents } from '../../agents/registry.ts';
import { createRulePlanner } from '../../orchestrator/rule-planner.ts';
import { readSchedule } from '../../schedules/read-schedule.ts';
import { nextAfter } from '../../schedules/recurrence.ts';
import type { Schedule } from '../../schedules/schedule.ts';
import { createScheduleBook, type ScheduleBook } from '../../schedules/schedule-book.ts';
import { noteDone } from '../audited.ts';
import type { CommandAnswer, CommandAsker } from '../commands/subcommand.ts';
import type { SlackMessage } from '../posting/posting.ts';
import { settled } from '../turns/settled.ts';
import { zoneOf } from '../turns/zone.ts';
import { startScheduleClock } from './schedule-clock.ts';
import { scheduleHelp, scheduleLine, scheduleMessage } from './schedule-words.ts';
import { type DueCheck, makeCheck, type QuietDesk, targetsOf } from './scheduled-check.ts';

/** Checks at the same time: people's questions come first. */
const maxChecks = 4;
/** A channel with more would be read by nobody. */
const maxPerChannel = 20;
/** How long a stop waits for checks that were told to end. */
const lastWordMs = 2_000;

export type ScheduleDeed = 'pause' | 'resume' | 'delete' | 'run';

export interface ScheduleDesk {
  readonly book: ScheduleBook;
  /** Does what the words after "schedule" say. Rejects where the store cannot be used. */
  answer(text: string, asker: CommandAsker): Promise<CommandAnswer>;
  /** A button: the deed on a schedule that this person may change. Undefined where there is none of that number. */
  change(deed: ScheduleDeed, number: number, asker: CommandAsker): Promise<CommandAnswer | undefined>;
  /** Works on a due check that was taken into the inbox; returns at once. */
  begin(id: string, question: DueCheck): void;
  /** Begins to look for due times. */
  start(): void;
  /** Lets checks that are made finish for so long; what is cut is left for the next process. */
  close(finishMs: number): Promise<void>;
}

export function createScheduleDesk(desk: QuietDesk, now: () => number = Date.now): ScheduleDesk {
  const { access, store, eagerClient, log, targets } = desk.parts;
  const book = createScheduleBook(store);
  const limit = pLimit(maxChecks);
  const stop = new AbortController();
  const open = new Set<Promise<void>>();
  const planner = createRulePlanner(agents, []);
  let clock: { stop(): Promise<void> } | undefined;

  /** Agents by their names, or by what rules understand. */
  async function agentsFor(asked: string): Promise<readonly string[] | undefined> {
    let left = ` ${asked.toLowerCase().replaceAll('_', ' ')} `;
    const named = agents.filter(({ name }) => {
      const spoken = ` ${name.replaceAll('_', ' ')} `;
      const isNamed = left.includes(spoken);
      left = left.replace(spoken, ' ');
      return isNamed;
    });
    if (left.trim() === '') return named.map(({ name }) => name);
    const { plan } = await planner.plan({ text: `check ${asked}` });
    return plan.kind === 'run' ? plan.agents.map(({ agent }) => agent) : undefined;
  }

  async function refusal(
    { user, channel }: CommandAsker,
    names: readonly string[],
  ): Promise<Extract<CommandAnswer, { refused: string }> | undefined> {
    const permissions = await access.permissions(user, channel, { fresh: true });
    const rights: readonly Right[] = names.length > 1 ? ['schedule', 'ask', 'fleet'] : ['schedule', 'ask'];
    for (const target of names) {
      const why = rights.map((right) => permissions.refusal(right, target)).find((one) => one !== undefined);
      if (why !== undefined) return { refused: why, target };
    }
    return undefined;
  }

  async function create(text: string, asker: CommandAsker): Promise<CommandAnswer> {
    const { team, channel, user } = asker;
    const permissions = await access.permissions(user, channel);
    const known = targets.filter(({ name }) => permissions.may('ask', name));
    const read = await readSchedule(text, { targets: known, zone: await zoneOf(eagerClient, user), agentsFor });
    if ('problem' in read) {
      const hidden = targets.find(({ name }) => !known.includes(name as never) && text.includes(name));
      const refused = hidden && (await refusal(asker, [hidden.name]));
      return refused ?? { told: `${read.problem}\n${scheduleHelp}` };
    }
    const names = targetsOf(read.wish, targets);
    const refused = await refusal(asker, names);
    if (refused) return refused;
    const nextAtMs = nextAfter(read.wish.when, now());
    if (nextAtMs === undefined) return { told: 'That time never comes; nothing was scheduled.' };
    if ((await book.ofChannel(team, channel)).length >= maxPerChannel)
      return { told: `This channel has ${maxPerChannel} schedules already; delete one first: /dbcheck schedule list` };
    const schedule = await book.add({ ...read.wish, ...asker, nextAtMs });
    await note('create_schedule', schedule, user);
    return { message: shown(schedule, 'made') };
  }

  function shown(schedule: Schedule, did: string): SlackMessage {
    const { trouble } = desk.parts.store;
    const kept = trouble === undefined ? '' : `; kept in memory only, because ${trouble}`;
    return scheduleMessage(schedule, `${did}; its checks have the rights of the person who made it${kept}`, now());
  }

  function note(did: string, { number, channel, ...schedule }: Schedule, who: string): Promise<void> {
    const target = targetsOf(schedule, targets).join(', ');
    return noteDone({ who, did, channel, target, about: { number } }, desk.parts);
  }

  async function change(deed: ScheduleDeed, number: number, asker: CommandAsker): Promise<CommandAnswer | undefined> {
    const { team, channel, user } = asker;
    const schedule = await book.find(team, number);
    if (schedule?.channel !== channel) return undefined;
    const refused = await refusal(asker, targetsOf(schedule, targets));
    if (refused) return refused;
    const nextAtMs = nextAfter(schedule.when, now()) ?? schedule.nextAtMs;
    if (deed === 'delete') {
      await book.remove(team, number);
      await note('delete_schedule', schedule, user);
      return { told: `Schedule ${number} is deleted.` };
    }
    if (deed === 'run') {
      const id = `schedule ${team} ${number} by ${user} ${now()}`;
      const due = { number, atMs: now(), missed: 0 };
      const question = { team, channel, text: `scheduled check ${number}`, user: schedule.user, fresh: true, due };
      if (schedule.paused !== undefined) return { told: `Schedule ${number} is paused; resume it first.` };
      if (await desk.take(id, question))
        begin(id, { ...question, due, takenAtMs: now(), state: 'waiting', begun: 0, owner: '' });
      await note('run_schedule', schedule, user);
      return { told: `The check of schedule ${number} is being made now; it is told by its own rule.` };
    }
    const paused = deed === 'pause' ? 'by a person' : undefined;
    const next = await book.change(team, number, ({ paused: _, ...one }) => ({
      ...one,
      nextAtMs,
      ...(paused === undefined ? {} : { paused }),
    }));
    if (!next) return undefined;
    await note(`${deed}_schedule`, next, user);
    return { message: shown(next, deed === 'pause' ? 'paused' : 'goes on') };
  }

  function begin(id: string, question: DueCheck): void {
    const work = limit(() => makeCheck(id, question, { book, access, desk, now }, stop.signal));
    open.add(work);
    const leave = () => open.delete(work);
    work.then(leave, leave);
  }

  return {
    book,
    async answer(text, asker) {
      const words = text.trim();
      if (words === '' || /^help\b/i.test(words)) return { told: scheduleHelp };
      if (/^(?:list|show|ls)$/i.test(words)) {
        const found = await book.ofChannel(asker.team, asker.channel);
        if (found.length === 0) return { told: `Nothing is scheduled for this channel.\n${scheduleHelp}` };
        return { told: found.map((schedule) => scheduleLine(schedule, now())).join('\n') };
      }
      const [, verb, digits] = /^(pause|resume|delete|remove|run)\s+#?(\d{1,6})(?:\s+now)?$/i.exec(words) ?? [];
      const [, alone] =
        /^(pause|resume|delete|remove|run)\b(?!.*\b(?:every|each|daily|nightly|hourly|monthly)\b)/i.exec(words) ?? [];
      if (verb === undefined && alone !== undefined) {
        const example = `/dbcheck schedule ${alone.toLowerCase()} 3`;
        return { told: `Which one? For instance: ${example}. /dbcheck schedule list shows the numbers.` };
      }
      if (verb === undefined) return create(words, asker);
      const deed = verb.toLowerCase() === 'remove' ? 'delete' : (verb.toLowerCase() as ScheduleDeed);
      return (
        (await change(deed, Number(digits), asker)) ?? {
          told: `This channel has no schedule ${digits}. /dbcheck schedule list shows those that it has.`,
        }
      );
    },
    change,
    begin,
    start() {
      clock ??= startScheduleClock({ book, take: desk.take, begin, now, log });
    },
    async close(finishMs) {
      await clock?.stop();
      await settled(open, finishMs);
      stop.abort();
      await settled(open, lastWordMs);
    },
  };
}
