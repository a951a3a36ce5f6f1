import type { Finding } from '../report/finding.ts';
import type { Report } from '../report/report.ts';

const ordinals: Readonly<Record<string, number>> = {
  first: 1,
  '1st': 1,
  top: 1,
  worst: 1,
  second: 2,
  '2nd': 2,
  third: 3,
  '3rd': 3,
  fourth: 4,
  '4th': 4,
  fifth: 5,
  '5th': 5,
};

/** The findings of a report that a follow-up means: by number, ordinal, subject, table or topic. Empty where it names none. */
export function resolveReferences(text: string, report: Report): readonly Finding[] {
  const lower = text.toLowerCase();
  const { findings } = report;
  const numbers = [...lower.matchAll(/(?:finding|number|no\.?|item|point|about|#|^)\s*#?(\d{1,3})\b/g)].map(
    ([, digits]) => Number(digits),
  );
  const words = [...lower.matchAll(/\b(first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th|top|worst)\b/g)].map(
    ([word]) => ordinals[word] as number,
  );
  const byNumber = [...numbers, ...words].flatMap((number) => findings[number - 1] ?? []);
  if (byNumber.length > 0) return [...new Set(byNumber)];
  if (/\blast (one|finding|problem)\b/.test(lower)) return findings.slice(-1);
  if (/\bother one\b/.test(lower) && findings.length === 2) return findings.slice(1);
  const bySubject = findings.filter(({ subject }) => lower.includes(subject.toLowerCase()));
  if (bySubject.length > 0) return bySubject;
  const id = /\b(\d{2,})\b/.exec(lower)?.[1];
  const byThread = id === undefined ? [] : findings.filter(({ subject }) => subject === `thread ${id}`);
  if (byThread.length > 0) return byThread;
  const topics: readonly (readonly [RegExp, RegExp])[] = [
    [/\block/, /^lock\./],
    [/\btransaction/, /^tx\./],
    [/\bconnection/, /^conn\./],
    [/\b(replica|replication|lag)/, /^repl\./],
    [/\b(index|schema|table)/, /^(schema\.|query\.missing_index)/],
    [/\b(query|queries|statement|pattern)/, /^query\./],
    [/\b(setting|variable|config)/, /^(config|security)\./],
    [/\bbackup/, /^backup\./],
    [/\b(disk|space|growth)/, /^capacity\./],
    [/\b(crash|restart|error)/, /^incident\./],
  ];
  const topic = topics.find(([word]) => word.test(lower))?.[1];
  return topic ? findings.filter(({ code }) => topic.test(code)) : [];
}
