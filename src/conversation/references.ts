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
  const pointed = pointedAt(lower, report);
  if (pointed.length > 0) return pointed;
  const kind = topics.find(([word]) => word.test(lower))?.[1];
  return kind ? findings.filter(({ code }) => kind.test(code)) : [];
}

/** What a word after "that" or "the" can mean, and which findings are about one. */
const things: readonly (readonly [RegExp, (finding: Finding, report: Report) => boolean])[] = [
  [/\b(that|the|this) table\b/, isAboutTable],
  [/\b(that|the|this) (replica|slave|standby)\b/, isAboutReplica],
  [/\b(that|the|this) (blocker|blocking (session|thread|transaction))\b/, ({ code }) => /^(lock|tx)\./.test(code)],
  [/\b(that|this) (thread|session|connection|process)\b/, ({ subject }) => /^thread \d+$/.test(subject)],
  [/\b(that|this) (query|statement|pattern|select|update)\b/, ({ code }) => code.startsWith('query.')],
  [/\b(that|this) (index|key)\b/, ({ code }) => /^schema\.|missing_index$/.test(code)],
  [/\b(that|this) (account|user|login)\b/, ({ code }) => /^(security|conn)\./.test(code)],
  [/\b(that|this) (setting|variable|option|parameter)\b/, ({ code }) => code.startsWith('config.')],
  [/\b(that|this) transaction\b/, ({ code }) => code.startsWith('tx.')],
];

/** "that table", "the replica": the first finding about such a thing, in reading order. */
function pointedAt(lower: string, report: Report): readonly Finding[] {
  const is = things.find(([word]) => word.test(lower))?.[1];
  return is ? report.findings.filter((finding) => is(finding, report)).slice(0, 1) : [];
}

/** What of a question a reference stands for: "slow queries on that table", "what is that thread doing now". */
export function referredTo(
  text: string,
  report: Report,
): { readonly table?: string; readonly thread?: number; readonly replica?: string } {
  const lower = text.toLowerCase();
  const [finding] = pointedAt(lower, report);
  if (!finding) return {};
  if (/\btable\b/.test(lower)) return { table: tableOf(finding) };
  const thread = /^thread (\d+)$/.exec(finding.subject)?.[1];
  if (thread !== undefined && /\b(thread|session|connection|process|blocker|blocking)\b/.test(lower))
    return { thread: Number(thread) };
  return /\b(replica|slave|standby)\b/.test(lower) ? { replica: finding.target } : {};
}

function tableOf({ subject, facts }: Finding): string {
  const table = facts['table'];
  return typeof table === 'string' ? table : subject.split('.').slice(0, 2).join('.');
}

function isAboutReplica({ code, target }: Finding, { plan }: Report): boolean {
  return code.startsWith('repl.') || (plan.targets.length === 1 && !plan.targets.includes(target));
}

function isAboutTable({ subject, facts, code }: Finding): boolean {
  return typeof facts['table'] === 'string' || (!code.startsWith('config.') && /^[\w$]+\.[\w$]+/.test(subject));
}
