import { momentInWords } from '../../schedules/recurrence.ts';
import { footnote, heading, paragraph, words } from '../posting/blocks.ts';
import { clamp, escapeText } from '../posting/escape.ts';
import { limits } from '../posting/limits.ts';
import type { SlackMessage } from '../posting/posting.ts';
import { isQuiet, type Week } from './week.ts';

export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly zone: string;
}

const shownNames = 5;
const shownTargets = 10;

/** A week as lines for people; the week before tells whether that is much. */
export function weekLines(week: Week, before: Week): readonly string[] {
  if (isQuiet(week)) return ['Nobody asked anything, and nothing was looked at by itself.'];
  const { questions, people, unasked, answerMs, tokens, costUsd, useful, notUseful, refused, failed } = week;
  const asked = `Questions: ${questions}${questions > 0 ? ` by ${people} ${people === 1 ? 'person' : 'people'}` : ''}; the week before: ${before.questions}`;
  const itself = unasked > 0 ? [`By itself: ${unasked} (schedules, alerts, workflows, the watch)`] : [];
  const time = answerMs
    ? [`Time to answer: median ${seconds(answerMs.median)}, 95 % within ${seconds(answerMs.p95)}`]
    : [];
  const why = week.reasons.map(([reason, count]) => `${reason} (${count})`).join(', ');
  const model =
    tokens > 0
      ? `Model: ${tokens.toLocaleString('en-US')} tokens, ${costUsd > 0 ? `$${costUsd.toFixed(costUsd < 0.1 ? 4 : 2)}` : 'no price known'}`
      : 'Model: none was used';
  return [
    asked,
    ...itself,
    ...(week.agents.length > 0
      ? [`Agents: ${some(week.agents.map(([name, count]) => [name.replaceAll('_', ' '), count]))}`]
      : []),
    ...time,
    model,
    `Feedback: ${useful} useful, ${notUseful} not useful${why === '' ? '' : `: ${why}`}`,
    ...(week.findings.length > 0 ? [`Found most: ${some(week.findings)}`] : []),
    ...(refused + failed > 0 ? [`Refused: ${refused}; failed: ${failed}`] : []),
  ];
}

/** A week as a message for the channel that owns the targets. */
export function weekMessage(
  week: Week,
  before: Week,
  targets: readonly string[],
  { fromMs, untilMs, zone }: Span,
): SlackMessage {
  const more = targets.length - shownTargets;
  const named = `${targets.slice(0, shownTargets).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const title = `A week with dbcheck: ${named}`;
  const lines = weekLines(week, before).map((line) => `• ${line}`);
  const span = `${momentInWords(fromMs, zone).replace(` ${zone}`, '')} to ${momentInWords(untilMs, zone)}. "/dbcheck summary" shows the week so far.`;
  return {
    text: clamp(escapeText([title, ...lines].join('\n')), limits.text),
    blocks: [heading(title), paragraph(words(lines.join('\n'))), footnote(span)],
  };
}

function some(counts: Week['agents']): string {
  const more = counts.length - shownNames;
  const shown = counts.slice(0, shownNames).map(([name, count]) => `${name} ${count}`);
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
