import { causes, matchesCode, shadows } from './causes.ts';
import type { Finding, FindingDraft, Severity } from './finding.ts';

/** A finding that knows where it comes from but not yet its place or its causes. */
export interface LocatedFinding extends FindingDraft {
  readonly agent: string;
  readonly target: string;
}

const severityRank: Readonly<Record<Severity, number>> = { critical: 0, warning: 1, info: 2 };
const confidenceRank = { certain: 0, likely: 1, possible: 2 } as const;

/** One finding per code, target and subject, whichever agents saw it: the worst severity, the surest confidence, all evidence. */
function mergeEqual(findings: readonly LocatedFinding[]): LocatedFinding[] {
  const merged = new Map<string, LocatedFinding>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.code, finding.target, finding.subject]);
    const before = merged.get(key);
    merged.set(key, before ? mergeTwo(before, finding) : finding);
  }
  return [...merged.values()];
}

function mergeTwo(first: LocatedFinding, second: LocatedFinding): LocatedFinding {
  const surer = confidenceRank[second.confidence] < confidenceRank[first.confidence] ? second : first;
  const worse = severityRank[second.severity] < severityRank[first.severity] ? second : first;
  const actions = [...first.recommendations];
  for (const action of second.recommendations) {
    if (!actions.some((known) => (known.sql ?? known.action) === (action.sql ?? action.action))) actions.push(action);
  }
  return {
    ...second,
    ...first,
    severity: worse.severity,
    confidence: surer.confidence,
    facts: { ...second.facts, ...first.facts },
    evidence: [...new Set([...first.evidence, ...second.evidence])],
    recommendations: actions,
    thresholds: [...new Set([...(first.thresholds ?? []), ...(second.thresholds ?? [])])],
  };
}

/** Ties symptoms to causes by the table in causes.ts, orders them for reading, numbers them `f1`, `f2` …. */
export function correlate(
  located: readonly LocatedFinding[],
  replicasOf: (target: string) => readonly string[] = () => [],
): { readonly findings: readonly Finding[]; readonly rootCauses: readonly string[] } {
  const merged = softenShadows(mergeEqual(located));
  const causesOf = merged.map((effect, at) =>
    merged.flatMap((cause, other) => (other !== at && explains(cause, effect, replicasOf) ? [other] : [])),
  );
  breakCycles(causesOf);
  const order = readingOrder(merged, causesOf);
  const idOf = new Map(order.map((at, place) => [at, `f${place + 1}`]));
  const findings = order.map((at): Finding => {
    const finding = merged[at] as LocatedFinding;
    const ids = (causesOf[at] as number[]).map((cause) => idOf.get(cause) as string);
    return { id: idOf.get(at) as string, ...finding, causedBy: ids };
  });
  const isCause = new Set(findings.flatMap(({ causedBy }) => causedBy));
  const rootCauses = findings
    .filter(({ id, causedBy, severity }) => causedBy.length === 0 && (severity !== 'info' || isCause.has(id)))
    .map(({ id }) => id);
  return { findings, rootCauses };
}

function softenShadows(findings: readonly LocatedFinding[]): LocatedFinding[] {
  return findings.map((finding) => {
    const shadowed = shadows.some(
      ({ shadow, of }) =>
        shadow === finding.code &&
        findings.some(
          (other) =>
            other !== finding &&
            matchesCode(of, other.code) &&
            other.subject === finding.subject &&
            other.target === finding.target &&
            severityRank[other.severity] <= severityRank[finding.severity],
        ),
    );
    return shadowed ? { ...finding, severity: 'info' } : finding;
  });
}

function explains(
  cause: LocatedFinding,
  effect: LocatedFinding,
  replicasOf: (target: string) => readonly string[],
): boolean {
  return causes.some((rule) => {
    if (!matchesCode(rule.cause, cause.code)) return false;
    if (!rule.effects.some((code) => matchesCode(code, effect.code))) return false;
    const near =
      cause.target === effect.target || (rule.acrossTargets && replicasOf(cause.target).includes(effect.target));
    return Boolean(near) && (rule.when?.(cause, effect) ?? true);
  });
}

/** Two rules may point at each other for odd pairs of findings; the later edge gives way, so that something remains a root. */
function breakCycles(causesOf: number[][]): void {
  const reaches = (from: number, goal: number, seen = new Set<number>()): boolean => {
    if (from === goal) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return (causesOf[from] as number[]).some((next) => reaches(next, goal, seen));
  };
  for (const [effect, list] of causesOf.entries()) {
    for (const cause of [...list]) {
      if (reaches(cause, effect)) list.splice(list.indexOf(cause), 1);
    }
  }
}

/** Worst first by severity, then impact; but a cause always stands before what it causes. */
function readingOrder(findings: readonly LocatedFinding[], causesOf: readonly (readonly number[])[]): number[] {
  const worstFirst = (a: number, b: number): number => {
    const [x, y] = [findings[a] as LocatedFinding, findings[b] as LocatedFinding];
    return (
      severityRank[x.severity] - severityRank[y.severity] ||
      (y.impact ?? 0) - (x.impact ?? 0) ||
      x.code.localeCompare(y.code) ||
      x.subject.localeCompare(y.subject)
    );
  };
  const order: number[] = [];
  const place = (at: number): void => {
    if (order.includes(at)) return;
    for (const cause of (causesOf[at] as number[]).toSorted(worstFirst)) place(cause);
    order.push(at);
  };
  for (const at of findings.map((_, index) => index).toSorted(worstFirst)) place(at);
  return order;
}
