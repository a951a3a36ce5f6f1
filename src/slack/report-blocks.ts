import type { KnownBlock } from '@slack/types';
import { details } from '../conversation/answer.ts';
import { type NumberedAction, type NumberedFinding, type Outline, oneLine, outlineReport } from '../report/outline.ts';
import type { Report } from '../report/report.ts';
import { button, buttons, footnote, heading, paragraph, preformatted, splitMessages, words } from './blocks.ts';
import { atLeast, clamp, escapeText } from './escape.ts';
import { limits } from './limits.ts';

/** A message as it is posted; `text` is what notifications and screen readers say. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly KnownBlock[];
}

export interface ReportMessages {
  readonly messages: readonly SlackMessage[];
  /** The whole report in plain text, where not all of it is in the messages. */
  readonly attachment: string | undefined;
}

/** Findings of each kind that a message shows; the rest is in the attachment. */
const shown = { roots: 6, consequences: 6, others: 6, gaps: 6 } as const;

export const actionIds = { details: 'dbcheck:details', recheck: 'dbcheck:recheck', stop: 'dbcheck:stop' } as const;

/** A report as Slack messages: what two phone screens hold, and an attachment where there is more. `ref` names the turn for the buttons. */
export function reportMessages(report: Report, ref: string): ReportMessages {
  const text = notification(report);
  if (report.plan.kind !== 'run') return { messages: answerMessages(report.text), attachment: undefined };
  const outline = outlineReport(report);
  const several = new Set(report.results.map(({ target }) => target)).size > 1;
  const blocks: KnownBlock[] = [
    heading(outline.headline),
    ...(outline.firstAction ? [paragraph(words(outline.firstAction))] : []),
    ...(outline.narrative ? [paragraph(words(outline.narrative))] : []),
    ...section('Root cause', outline.rootCauses, shown.roots, several),
    ...section('Because of it', outline.consequences, shown.consequences, several),
    ...section(
      outline.rootCauses.length > 0 ? 'Also seen, not the cause' : 'Also seen',
      outline.others,
      shown.others,
      several,
    ),
    ...actionBlocks(outline.actions),
    ...(outline.rootCauses.length === 0 && outline.restsOn.length > 0
      ? [paragraph(words(`${outline.restsOn.join('; ')}.`))]
      : []),
    ...gapBlocks(outline),
    ...outline.notes.map((note) => footnote(note)),
    footnote(outline.asked),
    buttons(button(actionIds.details, 'Details', ref), button(actionIds.recheck, 'Re-check', ref)),
  ];
  const messages = splitMessages(blocks).map((part, index) => ({
    text: index === 0 ? text : `${text} (continued)`,
    blocks: part,
  }));
  const hidden =
    outline.rootCauses.length > shown.roots ||
    outline.consequences.length > shown.consequences ||
    outline.others.length > shown.others ||
    outline.gaps.length > shown.gaps;
  return { messages, attachment: hidden ? report.text : undefined };
}

/** Verdict, target, the one fact, and the first action: one breath, nothing live in it. */
export function notification(report: Report): string {
  if (report.plan.kind !== 'run') return plainAnswer(report.text);
  const { headline, firstAction } = outlineReport(report);
  return clamp(escapeText([headline, firstAction].filter(Boolean).join(' — ')), limits.text);
}

function plainAnswer(text: string): string {
  return clamp(atLeast(escapeText(text), 'No answer'), limits.text);
}

/** Words without a report: help, a question back, an answer from the conversation. */
export function answerMessages(text: string): SlackMessage[] {
  const blocks = piecesOf(text).map((piece) => paragraph(words(piece)));
  return splitMessages(blocks).map((part) => ({ text: plainAnswer(text), blocks: part }));
}

/** Everything about every finding, for the Details button. */
export function detailsText(report: Report): string {
  return report.findings.map((finding) => details(finding, report)).join('\n\n') || report.text;
}

function section(title: string, findings: readonly NumberedFinding[], most: number, several: boolean): KnownBlock[] {
  if (findings.length === 0) return [];
  const more = findings.length - most;
  return [
    heading(title),
    ...findings.slice(0, most).flatMap((one) => findingBlocks(one, several)),
    ...(more > 0 ? [footnote(`and ${more} more, in the attached report`)] : []),
  ];
}

function findingBlocks({ number, finding }: NumberedFinding, several: boolean): KnownBlock[] {
  const where = several ? `${finding.target}: ` : '';
  const sure = finding.confidence === 'certain' ? '' : `, ${finding.confidence}`;
  return [
    paragraph(
      words(`${number}  ${where}${clamp(finding.title, 200)}`, { bold: true }),
      words(` · ${clamp(finding.subject, 150)} [${finding.severity}${sure}]\n${clamp(finding.summary, 700)}`),
    ),
    ...(finding.picture?.length ? [preformatted(clamp(finding.picture.join('\n'), 1_200))] : []),
  ];
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

function gapBlocks({ gaps }: Outline): KnownBlock[] {
  const lines = gaps
    .slice(0, shown.gaps)
    .map(({ summary, fix }) => footnote(`Could not see: ${clamp(summary, 300)}. To see it: ${clamp(fix, 500)}`));
  return gaps.length > shown.gaps
    ? [...lines, footnote(`and ${gaps.length - shown.gaps} more, in the attached report`)]
    : lines;
}

/** Long text in pieces that one element can hold, cut between lines where there are any. */
function piecesOf(text: string): string[] {
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
