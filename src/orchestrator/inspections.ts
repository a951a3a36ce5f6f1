import { type Inspected, inspect, runReadOnlyQuery } from '../inspection/inspect.ts';
import type { Evidence } from '../report/evidence.ts';
import type { Inspection, Report } from '../report/report.ts';
import type { TargetRegistry } from '../targets/registry.ts';
import { spanNames, traced } from '../trace.ts';
import type { Question } from './question.ts';
import { maxStatements } from './rules/statements.ts';

export interface Inspections {
  readonly inspections: readonly Inspection[];
  readonly evidence: readonly Omit<Evidence, 'id'>[];
}

/** Runs statements one after the other on each target: a server gets one connection of ours. Stops quietly where the question was stopped. */
export async function runStatements(
  statements: readonly string[],
  targetNames: readonly string[],
  targets: TargetRegistry,
  question: Question,
): Promise<Inspections> {
  const work = targetNames.map(async (name) => {
    const found = [];
    for (const sql of statements.slice(0, maxStatements)) {
      if (question.signal?.aborted) break;
      const one = await tracedInspect(targets, name, sql, question).catch((error: unknown) => {
        if (question.signal?.aborted) return undefined;
        throw error;
      });
      if (one) found.push(one);
    }
    return found;
  });
  const all = (await Promise.all(work)).flat();
  const evidence = all.flatMap((one) => one.evidence ?? []);
  const inspections = all.map(({ inspection, evidence: own }) =>
    own ? { ...inspection, evidence: String(evidence.indexOf(own)) } : inspection,
  );
  return { inspections, evidence };
}

function tracedInspect(targets: TargetRegistry, target: string, sql: string, { signal }: Question): Promise<Inspected> {
  const about = { operation: 'execute_tool', tool: runReadOnlyQuery, toolType: 'datastore', target };
  return traced(spanNames.probe(runReadOnlyQuery), about, async (note) => {
    const inspected = await inspect(targets.session(target), targets.get(target), sql, signal);
    note({ status: inspected.inspection.status, rows: inspected.inspection.rowCount });
    return inspected;
  });
}

/** The report with what statements brought; their evidence is numbered behind that of the agents. */
export function withInspections(
  draft: Omit<Report, 'text'>,
  { inspections, evidence }: Inspections,
): Omit<Report, 'text'> {
  if (inspections.length === 0) return draft;
  const idOf = (index: number): string => `e${draft.evidence.length + index + 1}`;
  return {
    ...draft,
    inspections: inspections.map((one) =>
      one.evidence === undefined ? one : { ...one, evidence: idOf(Number(one.evidence)) },
    ),
    evidence: [...draft.evidence, ...evidence.map((one, index) => ({ ...one, id: idOf(index) }))],
  };
}
