import { matchesCode } from '../report/causes.ts';
import type { Finding, Kill } from '../report/finding.ts';
import type { Report } from '../report/report.ts';

/** Something that a finding justifies to do. */
export interface Offer {
  readonly target: string;
  readonly kill: Kill;
  readonly finding: Finding;
}

/** Findings that a session is the cause of; whatever else is wrong, ending a session does not mend it. */
const justifying = ['lock.*', 'tx.*', 'query.long_running'];
/** More buttons than this nobody reads in an incident. */
const mostOffers = 3;

/** What may be offered after a report, the most pressing first. Each session is offered once, however many findings name it. */
export function offersFrom(report: Report): Offer[] {
  const offers = new Map<string, Offer>();
  for (const finding of report.findings.filter(justifies)) {
    for (const { kill } of finding.recommendations) {
      if (!kill) continue;
      const key = `${finding.target} ${kill.kind} ${kill.thread}`;
      if (!offers.has(key)) offers.set(key, { target: finding.target, kill, finding });
    }
  }
  return [...offers.values()].slice(0, mostOffers);
}

/** Seen for certain, or inferred with nobody else who could be meant. */
function justifies({ code, severity, confidence, facts }: Finding): boolean {
  const isSure = confidence === 'certain' || (confidence === 'likely' && facts['couldAlsoBe'] === undefined);
  return isSure && severity !== 'info' && justifying.some((pattern) => matchesCode(pattern, code));
}
