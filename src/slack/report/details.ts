import { details } from '../../conversation/answer.ts';
import type { Report } from '../../report/report.ts';
import { type Piece, paragraph, splitMessages, words } from '../posting/blocks.ts';
import { clamp, escapeText } from '../posting/escape.ts';
import { limits } from '../posting/limits.ts';
import type { Delivered } from './deliver.ts';
import { answerMessages, cutText, exhibits } from './report-blocks.ts';

/** Findings that are told in messages; all of them are in the file. */
const mostFindings = 6;

/** Everything about the findings of a report, for the Details button: words, table and chart of each. */
export function detailsMessages(report: Report): Delivered {
  if (report.findings.length === 0) return { messages: answerMessages(report.text) };
  const shown = report.findings.slice(0, mostFindings);
  const pieces = shown.flatMap((finding): Piece[] => {
    const table = exhibits(finding, true);
    const text = details(finding, report, !table.some(({ block }) => block.type === 'data_table'));
    return [...cutText(text).map((part) => ({ block: paragraph(words(part)) })), ...table];
  });
  const [first] = shown;
  const title = `Details: ${first?.title ?? ''} · ${report.target}${shown.length > 1 ? ` and ${report.findings.length - 1} more` : ''}`;
  const whole = report.findings.map((finding) => details(finding, report)).join('\n\n');
  return {
    messages: splitMessages(pieces, () => clamp(escapeText(title), limits.text)),
    attachment: { name: 'details.txt', text: whole, ifRefused: report.findings.length <= mostFindings },
  };
}
