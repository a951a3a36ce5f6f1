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

/** Words for a kind of trouble, and the codes of the findings that are of this kind. */
const topics: readonly (readonly [RegExp, RegExp])[] = [
  [/\b(lock|block|wait)/, /^(lock\.|tx\.idle|ddl\.)/],
  [/\b(transaction|commit|purge|history)/, /^tx\./],
  [/\b(connection|pool|login|session)/, /^conn\./],
  [/\b(replica|replication|slave|lag|gtid)/, /^repl\./],
  [/\b(index|key|schema)/, /^(schema\.|query\.missing_index)/],
  [/\b(query|queries|statement|pattern)/, /^query\./],
  [/\b(setting|variable|config|memory)/, /^(config\.|capacity\.memory)/],
  [/\b(account|password|security)/, /^security\./],
  [/\bbackup|restore/, /^backup\./],
  [/\b(disk|space|growth|volume)/, /^capacity\./],
  [/\b(crash|restart|error|corrupt)/, /^incident\./],
];

/** The numbers by which a follow-up calls findings: "2", "finding 2 and 3", "the second one". Times and amounts are none. */
export function numbersIn(text: string): readonly number[] {
  const lower = text.toLowerCase();
  const digits = [
    ...lower.matchAll(
      /(?:^|\b(?:findings?|numbers?|no\.?|items?|points?|about|explain|on|of|for|is|are|fix|show|to|and|with|why is)|#)\s*#?(\d{1,3})\b(?!\s*(?:s\b|sec|min|h\b|hour|day|week|%|\.\d|:\d))/g,
    ),
  ].map(([, number]) => Number(number));
  const words = [
    ...lower.matchAll(/\b(first|second|third|fourth|fifth|1st|2nd|3rd|4th|5th|top|worst)\b(?! (?:place|of all))/g),
  ]
    // "which one should I fix first" asks for an order, "the first one" for a finding.
    .filter(
      ({ index, 0: word }) =>
        word !== 'first' || !/\b(fix|do|start|look at|tackle|kill|what) $/.test(lower.slice(0, index)),
    )
    .map(([word]) => ordinals[word] as number);
  return [...new Set([...digits, ...words])];
}

/** The findings of a report that a follow-up means: by number, ordinal, subject, table, server or topic. Empty where it names none. */
export function resolveReferences(text: string, report: Report): readonly Finding[] {
  const lower = text.toLowerCase();
  const { findings } = report;
  const byNumber = numbersIn(lower).flatMap((number) => findings[number - 1] ?? []);
  if (byNumber.length > 0) return byNumber;
  if (/\blast (one|finding|problem)\b/.test(lower)) return findings.slice(-1);
  if (/\bother one\b/.test(lower) && findings.length === 2) return findings.slice(1);
  // A finding about a whole server has the server as its subject; naming the server does not choose it.
  const bySubject = findings.filter(
    ({ subject, target, facts }) =>
      (subject !== target && lower.includes(subject.toLowerCase())) ||
      (typeof facts['table'] === 'string' && lower.includes(facts['table'].toLowerCase())),
  );
  if (bySubject.length > 0) return bySubject;
  const id = /\b(\d{2,})\b/.exec(lower)?.[1];
  const byThread = id === undefined ? [] : findings.filter(({ subject }) => subject === `thread ${id}`);
  if (byThread.length > 0) return byThread;
  if (/\b(that|the|this) table\b/.test(lower)) return findings.filter(isAboutTable).slice(0, 1);
  const kind = topics.find(([word]) => word.test(lower))?.[1];
  return kind ? findings.filter(({ code }) => kind.test(code)) : [];
}

function isAboutTable({ subject, facts }: Finding): boolean {
  return typeof facts['table'] === 'string' || /^[\w$]+\.[\w$]+/.test(subject);
}
