import type { HomeView, KnownBlock } from '@slack/types';
import { type Preferences, preferencesInWords } from '../../conversation/preferences.ts';
import { verdictWords } from '../../report/outline.ts';
import { durationInWords } from '../../report/units.ts';
import type { Schedule } from '../../schedules/schedule.ts';
import { footnote, heading, paragraph, words } from '../posting/blocks.ts';
import { clamp, withoutControl } from '../posting/escape.ts';
import { scheduleButtons, scheduleLine } from '../schedules/schedule-words.ts';
import type { LoggedRun, TargetState } from '../turns/run-log.ts';

export interface HomeInput {
  readonly targets: readonly { readonly name: string; readonly tags: readonly string[] }[];
  readonly lastOn: (target: string) => TargetState | undefined;
  /** What this person scheduled, in whatever channel. */
  readonly schedules: readonly Schedule[];
  /** The person's own runs with the address of their threads. */
  readonly runs: readonly (LoggedRun & { readonly atMs: number; readonly permalink: string | undefined })[];
  /** What the person asked to be remembered, channel by channel. */
  readonly preferences: readonly Preferences[];
  /** What the person may do, and what administrators have besides. */
  readonly rights: readonly KnownBlock[];
  readonly nowMs: number;
}

const shownTargets = 30;

/** The App Home of one person: the targets with their last verdict and its age, their own questions, and what can be asked. */
export function homeView({ targets, lastOn, schedules, runs, preferences, rights, nowMs }: HomeInput): HomeView {
  const age = (atMs: number) => `${durationInWords(Math.max(0, (nowMs - atMs) / 1_000))} ago`;
  const lines = targets.slice(0, shownTargets).map(({ name, tags }) => {
    const last = lastOn(name);
    const { icon, word } = verdictWords[last?.verdict ?? 'unknown'];
    const state = last ? `${icon} ${word}, ${age(last.atMs)}` : '⚪ not looked at yet';
    return `${name}${tags.length > 0 ? ` (${tags.join(', ')})` : ''}: ${state}`;
  });
  const more = targets.length - shownTargets;
  const blocks: KnownBlock[] = [
    { type: 'header', text: { type: 'plain_text', text: 'dbcheck', emoji: false } },
    heading('Targets'),
    paragraph(words(lines.join('\n') || 'None that you may ask about.')),
    ...(more > 0 ? [footnote(`and ${more} more`)] : []),
    heading('Your schedules'),
    ...scheduleBlocks(schedules, targets[0]?.name ?? 'the server', nowMs),
    heading('Your questions'),
    ...(runs.length > 0 ? runs.map((run) => runBlock(run, age)) : [paragraph(words('None yet.'))]),
    heading('Your preferences'),
    paragraph(
      words(
        preferences.map((one) => `In one channel: ${preferencesInWords(one)}.`).join('\n') ||
          'None. "use … by default" in a channel sets one there.',
      ),
    ),
    ...(preferences.length > 0
      ? [footnote('There: "what do you remember about me"; anywhere: "forget my preferences"')]
      : []),
    ...rights,
    footnote(
      `why is ${targets[0]?.name ?? 'the server'} slow? · who blocks whom? · is replication healthy? · what was slow in the last hour? · help`,
    ),
  ];
  return { type: 'home', blocks };
}

const shownSchedules = 15;

function scheduleBlocks(schedules: readonly Schedule[], example: string, nowMs: number): KnownBlock[] {
  if (schedules.length === 0)
    return [paragraph(words(`None. In a channel: /dbcheck schedule ${example} every day at 08:00`))];
  const more = schedules.length - shownSchedules;
  return [
    ...schedules
      .slice(0, shownSchedules)
      .flatMap((one) => [paragraph(words(scheduleLine(one, nowMs))), scheduleButtons(one)]),
    ...(more > 0 ? [footnote(`and ${more} more`)] : []),
  ];
}

function runBlock(run: HomeInput['runs'][number], age: (atMs: number) => string): KnownBlock {
  const { icon, word } = verdictWords[run.verdict];
  const question = clamp(withoutControl(run.question), 120) || 'again';
  return {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          words(`${icon} ${word} · ${run.target} · ${age(run.atMs)}: `),
          run.permalink ? { type: 'link', url: run.permalink, text: question } : words(question),
        ],
      },
    ],
  };
}
