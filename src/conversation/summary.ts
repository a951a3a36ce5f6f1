import type { Finding } from '../report/finding.ts';
import type { Report } from '../report/report.ts';
import type { Turn } from './conversation.ts';

export interface SummaryOptions {
  /** Masks what people wrote and cuts it to so many characters. */
  readonly quote: (text: string, maxCharacters: number) => string;
  readonly maxCharacters: number;
  /** What this person prefers, in words; a line each. */
  readonly preferences?: readonly string[];
}

const maxFindings = 12;
const questionCharacters = 160;

/**
 * A thread in a fixed room, whatever its length. What a follow-up cannot do without comes first and always fits:
 * target, window, preferences, the findings of the last run; then the questions, the newest first, while there is room.
 * Holds codes, subjects and parameters, no statement and no row.
 */
export function summariseThread(
  turns: readonly Turn[],
  { quote, maxCharacters, preferences = [] }: SummaryOptions,
): string {
  const last = turns.findLast(({ report }) => report.plan.kind === 'run');
  const lines = [...preferences, ...(last ? stateLines(last.report, quote) : [])];
  let room = maxCharacters - lines.join('\n').length;
  const asked: string[] = [];
  for (const turn of turns.toReversed()) {
    const line = turnLine(turn, quote);
    room -= line.length + 1;
    // Kept for the line that counts what is left out.
    if (room < 60) break;
    asked.unshift(line);
  }
  const left = turns.length - asked.length;
  return [...(left > 0 ? [`${left} earlier questions are left out`] : []), ...asked, ...lines]
    .join('\n')
    .slice(0, maxCharacters);
}

/** What the conversation is about just now. */
function stateLines(report: Report, quote: SummaryOptions['quote']): string[] {
  const { plan, target, verdict, takenAt, findings } = report;
  const calls = plan.agents.map(({ agent, params }) => `${agent} ${JSON.stringify(params)}`);
  return [
    `last run: ${calls.join(', ').slice(0, 500)} on ${plan.targets.join(', ').slice(0, 200) || target.slice(0, 200)} at ${takenAt.slice(0, 16)}Z; verdict ${verdict}`,
    ...findings.slice(0, maxFindings).map((finding, index) => findingLine(finding, index + 1, quote)),
    ...(findings.length > maxFindings ? [`and ${findings.length - maxFindings} more findings`] : []),
  ];
}

/** What names are made of. Whoever may make an account or a table could write whole sentences into one, for a model to obey. */
const plainSubject = /^(?:thread \d+|[\w$.@%:/-]{1,80})$/;

function findingLine(
  { id, code, severity, subject, target }: Finding,
  number: number,
  quote: SummaryOptions['quote'],
): string {
  const name = plainSubject.test(subject) ? quote(subject, 80) : 'a name in other words';
  return `${number}. ${id} ${severity} ${code} [${name}] on ${target}`;
}

function turnLine({ question, report }: Turn, quote: SummaryOptions['quote']): string {
  const did =
    report.plan.kind === 'run' ? `ran ${report.plan.agents.map(({ agent }) => agent).join(', ')}` : report.plan.kind;
  const where = report.plan.targets.length > 0 ? ` on ${report.plan.targets.slice(0, 4).join(', ')}` : '';
  return `<question>${quote(question, questionCharacters)}</question> ${did}${where}; ${report.findings.length} findings`;
}
