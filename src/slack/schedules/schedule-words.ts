import type { KnownBlock } from '@slack/types';
import { outlineReport, verdictWords } from '../../report/outline.ts';
import type { Report } from '../../report/report.ts';
import { durationInWords } from '../../report/units.ts';
import type { Changes } from '../../schedules/changes.ts';
import { momentInWords, nextAfter } from '../../schedules/recurrence.ts';
import { type Schedule, scheduleInWords } from '../../schedules/schedule.ts';
import { button, buttons, footnote, paragraph, words } from '../posting/blocks.ts';
import { escapeText } from '../posting/escape.ts';
import type { SlackMessage } from '../posting/posting.ts';

export const scheduleIds = {
  pause: 'dbcheck:schedule_pause',
  resume: 'dbcheck:schedule_resume',
  remove: 'dbcheck:schedule_delete',
} as const;

export const scheduleHelp = [
  'Checks that are made by themselves, for this channel:',
  '• /dbcheck schedule orders-prod every day at 08:00 Europe/Berlin full',
  '• /dbcheck schedule tag prod every 15 minutes running queries, notify on warning and above',
  '• /dbcheck schedule billing-prod every monday and thursday at 7:30 and 18:00 backup and capacity, notify on change',
  'When: every day, every weekday, every monday and thursday, every month on the 1st or on the last day, with times; every 5 to 30 minutes, every hour, every 2 to 12 hours.',
  'Notify: always (the default), on change, on warning and above. A check that could not be made is always told.',
  '• /dbcheck schedule list  ·  pause 3  ·  resume 3  ·  delete 3  ·  run 3',
].join('\n');

const shownTimes = 3;

/** The next times that a schedule is due, as people there read them. */
function nextTimes({ when }: Pick<Schedule, 'when'>, nowMs: number, count = shownTimes): string {
  const times: string[] = [];
  for (let at = nextAfter(when, nowMs); at !== undefined && times.length < count; at = nextAfter(when, at))
    times.push(momentInWords(at, when.zone));
  return times.join(' · ');
}

/** What stands in the channel for a schedule, with its buttons. */
export function scheduleMessage(schedule: Schedule, by: string, nowMs: number): SlackMessage {
  const { number, paused } = schedule;
  const what = `Schedule ${number}: ${scheduleInWords(schedule)}`;
  const state = paused === undefined ? `Next: ${nextTimes(schedule, nowMs)}` : `Paused: ${paused}.`;
  const text = `${what}\n${state}`;
  const blocks: KnownBlock[] = [paragraph(words(text)), footnote(by), scheduleButtons(schedule)];
  return { text: escapeText(text), blocks };
}

export function scheduleButtons({ number, paused }: Schedule): KnownBlock {
  const value = String(number);
  const turn =
    paused === undefined
      ? button(scheduleIds.pause, `Pause schedule ${number}`, value)
      : button(scheduleIds.resume, `Resume schedule ${number}`, value);
  const text = (words: string) => ({ type: 'plain_text' as const, text: words });
  const remove = {
    ...button(scheduleIds.remove, `Delete schedule ${number}`, value, 'danger'),
    confirm: {
      title: text(`Delete schedule ${number}?`),
      text: text('Its checks are not made any more. What was found so far stays in the threads.'),
      confirm: text('Delete it'),
      deny: text('Cancel'),
      style: 'danger' as const,
    },
  };
  return buttons(turn, remove);
}

/** One line of the list: number, what, next time, last verdict. */
export function scheduleLine(schedule: Schedule, nowMs: number): string {
  const { number, paused, last } = schedule;
  const next = paused === undefined ? `next ${nextTimes(schedule, nowMs, 1)}` : `paused: ${paused}`;
  const { icon, word } = verdictWords[last?.verdict ?? 'unknown'];
  const before = last
    ? `last ${icon} ${word}, ${durationInWords(Math.max(0, (nowMs - last.atMs) / 1_000))} ago`
    : 'not made yet';
  return `${number}  ${scheduleInWords(schedule)}\n     ${next}; ${before}`;
}

/** What a due time came to, as the first message of its thread: verdict first, for the phone. */
export function checkHeadline(
  report: Report,
  schedule: Schedule,
  changes: Changes,
  { dueMs, late }: { readonly dueMs: number; readonly late: string | undefined },
): string {
  const { zone } = schedule.when;
  return [
    outlineReport(report).headline,
    `Scheduled check ${schedule.number} of ${momentInWords(dueMs, zone)}`,
    ...(late === undefined ? [] : [late]),
    ...(changes.verdictBefore !== undefined && changes.verdictBefore !== report.verdict
      ? [`The last check: ${verdictWords[changes.verdictBefore].word}`]
      : []),
    ...(changes.came.length > 0 ? [`New: ${some(changes.came)}`] : []),
    ...(changes.went.length > 0 ? [`Gone: ${some(changes.went)}`] : []),
  ].join('\n');
}

const shownChanges = 5;

function some(items: readonly string[]): string {
  const more = items.length - shownChanges;
  return `${items.slice(0, shownChanges).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
