import type { Button, KnownBlock } from '@slack/types';
import type { Finding } from '../../report/finding.ts';
import { longCells } from '../../report/inspection-lines.ts';
import {
  isLoneInspection,
  type NumberedAction,
  type NumberedFinding,
  type Outline,
  oneLine,
  outcomeOf,
  outlineReport,
} from '../../report/outline.ts';
import type { Inspection, Report, Verbosity } from '../../report/report.ts';
import {
  button,
  buttons,
  footnote,
  heading,
  type Piece,
  paragraph,
  preformatted,
  splitMessages,
  words,
} from '../posting/blocks.ts';
import { atLeast, clamp, escapeText } from '../posting/escape.ts';
import { limits } from '../posting/limits.ts';
import type { SlackMessage } from '../posting/posting.ts';
import { shareButton } from '../sharing/share-view.ts';
import type { Delivered } from './deliver.ts';
import { feedbackBlock } from './feedback.ts';
import { chartBlocks } from './finding-chart.ts';
import { tableBlock } from './finding-table.ts';
import { suggestionBlocks } from './suggestions.ts';

interface Measure {
  readonly roots: number;
  readonly consequences: number;
  readonly others: number;
  readonly gaps: number;
  readonly actions: number;
  /** Findings whose table and chart are shown with them. */
  readonly exhibits: number;
}

/** What each verbosity shows of each kind; the rest is behind Details and in the attached report. */
const measures: Readonly<Record<Verbosity, Measure>> = {
  brief: { roots: 2, consequences: 0, others: 0, gaps: 1, actions: 2, exhibits: 0 },
  normal: { roots: 6, consequences: 6, others: 6, gaps: 6, actions: 8, exhibits: 1 },
  full: { roots: 15, consequences: 15, others: 15, gaps: 15, actions: 8, exhibits: 6 },
};

export const actionIds = {
  details: 'dbcheck:details',
  recheck: 'dbcheck:recheck',
  stop: 'dbcheck:stop',
  target: 'dbcheck:target',
} as const;

/** A report as Slack messages: what two phone screens hold, and an attachment where there is more. `ref` names the turn for the buttons. */
export function reportMessages(
  report: Report,
  ref: string,
  verbosity: Verbosity = report.verbosity ?? 'normal',
): Delivered {
  if (report.plan.kind !== 'run') return { messages: answerMessages(report.text) };
  const measure = measures[verbosity];
  const outline = outlineReport(report);
  const several = new Set(report.results.map(({ target }) => target)).size > 1;
  const rest = verbosity === 'brief' ? 'press Details' : 'in the attached report';
  const show = { several, exhibits: measure.exhibits, rest };
  const pieces: Piece[] = [
    ...plain(heading(outline.headline)),
    ...(outline.conclusion ? plain(paragraph(words(outline.conclusion))) : []),
    ...(outline.firstAction ? plain(paragraph(words(outline.firstAction))) : []),
    ...(outline.narrative ? plain(paragraph(words(outline.narrative))) : []),
    ...(report.inspections ?? []).flatMap((one) => inspectionPieces(one, !isLoneInspection(report))),
    ...section('Root cause', outline.rootCauses, measure.roots, show),
    ...section('Because of it', outline.consequences, measure.consequences, show),
    ...section(
      outline.rootCauses.length > 0 ? 'Also seen, not the cause' : 'Also seen',
      outline.others,
      measure.others,
      show,
    ),
    ...plain(...actionBlocks(outline.actions.slice(0, measure.actions))),
    ...(outline.rootCauses.length === 0 && outline.restsOn.length > 0
      ? plain(paragraph(words(`${outline.restsOn.join('; ')}.`)))
      : []),
    ...plain(...gapBlocks(outline, measure.gaps, rest)),
    ...plain(...outline.notes.map((note) => footnote(note)), footnote(outline.asked), footnote(outline.used)),
    ...plain(
      buttons(
        button(actionIds.details, 'Details', ref),
        button(actionIds.recheck, 'Re-check', ref),
        ...shareButtons(ref),
      ),
    ),
    ...plain(...suggestionBlocks(report, ref)),
    { block: feedbackBlock(ref), plain: [] },
  ];
  const text = notification(report);
  const messages = splitMessages(pieces, (index) => (index === 0 ? text : `${text} (continued)`));
  const isWhole =
    outline.rootCauses.length <= measure.roots &&
    outline.consequences.length <= measure.consequences &&
    outline.others.length <= measure.others &&
    outline.gaps.length <= measure.gaps;
  const attachment = { name: 'report.txt', text: report.text, ifRefused: isWhole || verbosity === 'brief' };
  return { messages, attachment };
}

/** What stands in direct messages can be shown to others by its person. */
function shareButtons(ref: string): Button[] {
  return /^[^:]*:D/.test(ref) ? [shareButton(ref)] : [];
}

function plain(...blocks: readonly KnownBlock[]): Piece[] {
  return blocks.map((block) => ({ block }));
}

/** Verdict, target, the one fact, and the first action: one breath, nothing live in it. */
function notification(report: Report): string {
  if (report.plan.kind !== 'run') return plainAnswer(report.text);
  const { headline, firstAction } = outlineReport(report);
  return clamp(escapeText([headline, firstAction].filter(Boolean).join(' — ')), limits.text);
}

function plainAnswer(text: string): string {
  return clamp(atLeast(escapeText(text), 'No answer'), limits.text);
}

/** Words without a report: help, a question back, an answer from the conversation. */
export function answerMessages(text: string): SlackMessage[] {
  const pieces = plain(...cutText(text).map((part) => paragraph(words(part))));
  return splitMessages(pieces, () => plainAnswer(text));
}

interface Show {
  /** Where the rest can be read. */
  readonly rest: string;
  readonly several: boolean;
  readonly exhibits: number;
}

function section(title: string, findings: readonly NumberedFinding[], most: number, show: Show): Piece[] {
  if (findings.length === 0 || most === 0) return [];
  const more = findings.length - most;
  return [
    ...plain(heading(title)),
    ...findings.slice(0, most).flatMap((one, index) => findingPieces(one, show, index < show.exhibits)),
    ...(more > 0 ? plain(footnote(`and ${more} more, ${show.rest}`)) : []),
  ];
}

function findingPieces({ number, finding }: NumberedFinding, { several }: Show, withExhibits: boolean): Piece[] {
  const where = several ? `${finding.target}: ` : '';
  const sure = finding.confidence === 'certain' ? '' : `, ${finding.confidence}`;
  const hasPicture = finding.picture !== undefined && finding.picture.length > 0;
  return [
    ...plain(
      paragraph(
        words(`${number}  ${where}${clamp(finding.title, 200)}`, { bold: true }),
        words(` · ${clamp(finding.subject, 150)} [${finding.severity}${sure}]\n${clamp(finding.summary, 700)}`),
      ),
    ),
    ...(hasPicture ? plain(preformatted(clamp(finding.picture.join('\n'), 1_200))) : []),
    ...(withExhibits && finding.severity !== 'info' ? exhibits(finding, !hasPicture) : []),
  ];
}

/** A statement, what became of it, and its rows as a table that people can sort. */
function inspectionPieces(inspection: Inspection, withOutcome: boolean): Piece[] {
  const { table } = inspection;
  const text = table && longCells(table);
  const grid = table && !text ? tableBlock(table) : undefined;
  return [
    ...(withOutcome ? plain(paragraph(words(`${inspection.target} · ${clamp(outcomeOf(inspection), 900)}`))) : []),
    ...plain(preformatted(clamp(inspection.statement, 1_000))),
    ...(text ? plain(preformatted(clamp(text.join('\n'), limits.element))) : []),
    ...(grid ? [grid] : []),
  ];
}

/** The table and the chart of a finding. A picture and a table of the same would say it twice. */
export function exhibits({ table, chart }: Finding, withTable: boolean): Piece[] {
  const grid = withTable && table ? tableBlock(table) : undefined;
  const drawn = chart ? chartBlocks(chart) : undefined;
  return [...(grid ? [grid] : []), ...(drawn && chart ? [{ ...drawn.chart, chart }, { block: drawn.twin }] : [])];
}

function actionBlocks(actions: readonly NumberedAction[]): KnownBlock[] {
  if (actions.length === 0) return [];
  return [
    heading('Actions'),
    ...actions.flatMap(({ letter, recommendation, number }) => {
      const { action, sql, risk, rollback } = recommendation;
      const way = rollback ? `; rollback: ${clamp(rollback, 200)}` : '';
      return [
        paragraph(
          words(`${letter}  ${clamp(action, 400)} (for ${number})`),
          words(`\n${risk.replaceAll('_', ' ')}${way}`, { italic: true }),
        ),
        ...(sql ? [preformatted(clamp(oneLine(sql).length < 120 ? oneLine(sql) : sql, 1_000))] : []),
      ];
    }),
  ];
}

function gapBlocks({ gaps }: Outline, most: number, rest: string): KnownBlock[] {
  const lines = gaps
    .slice(0, most)
    .map(({ summary, fix }) => footnote(`Could not see: ${clamp(summary, 300)}. To see it: ${clamp(fix, 500)}`));
  return gaps.length > most ? [...lines, footnote(`and ${gaps.length - most} more, ${rest}`)] : lines;
}

/** Long text in pieces that one element can hold, cut between lines where there are any. */
export function cutText(text: string): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest.length > limits.element) {
    const at = rest.lastIndexOf('\n', limits.element);
    const cut = at > limits.element / 2 ? at : limits.element;
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(cut).replace(/^\n/, '');
  }
  return [...pieces, rest];
}
