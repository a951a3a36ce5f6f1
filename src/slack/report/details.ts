import { details } from '../../conversation/answer.ts';
import { mergeGaps } from '../../report/merge-gaps.ts';
import type { Report } from '../../report/report.ts';
import { footnote, type Piece, paragraph, splitMessages, words } from '../posting/blocks.ts';
import { clamp, escapeText } from '../posting/escape.ts';
import { limits } from '../posting/limits.ts';
import type { Delivered } from './deliver.ts';
import { answerMessages, cutText, exhibits } from './report-blocks.ts';

/** Findings that are told in messages; all of them are in the file. */
const mostFindings = 6;
const mostGaps = 10;

/** Everything about the findings of a report, and what it could not see, for the Details button: words, table and chart of each. */
export function detailsMessages(report: Report): Delivered {
  if (report.findings.length === 0) return { messages: answerMessages(report.text) };
  const shown = report.findings.slice(0, mostFindings);
  const pieces = shown.flatMap((finding): Piece[] => {
    const table = exhibits(finding, true);
    const text = details(finding, report, !table.some(({ block }) => block.type === 'data_table'));
    return [...cutText(text).map((part) => ({ block: paragraph(words(part)) })), ...table];
  });
  const unseen = mergeGaps(report.coverage).map(({ summary, fix }) => `Could not see: ${summary}. To see it: ${fix}`);
  for (const line of unseen.slice(0, mostGaps)) pieces.push({ block: footnote(clamp(line, limits.element)) });
  const [first] = shown;
  const title = `Details: ${first?.title ?? ''} · ${report.target}${shown.length > 1 ? ` and ${report.findings.length - 1} more` : ''}`;
  const whole = [...report.findings.map((finding) => details(finding, report)), ...unseen].join('\n\n');
  return {
    messages: splitMessages(pieces, () => clamp(escapeText(title), limits.text)),
    attachment: {
      name: 'details.txt',
      text: whole,
      ifRefused: report.findings.length <= mostFindings && unseen.length <= mostGaps,
    },
  };
}
