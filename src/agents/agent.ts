import type { z } from 'zod';
import type { Collector } from '../probes/collector.ts';
import type { FindingDraft } from '../report/finding.ts';
import type { ServerFacts } from '../targets/server-facts.ts';
import type { Target } from '../targets/target.ts';
import type { Thresholds } from './thresholds.ts';

/** What judging knows besides the evidence. It holds no connection and no clock. */
export interface JudgeContext<Params> {
  readonly params: Params;
  readonly target: Target;
  readonly facts: ServerFacts;
  readonly thresholds: Thresholds;
  /** When the run started, ms since 1970. */
  readonly nowMs: number;
}

export interface Diagnosis {
  readonly findings: readonly FindingDraft[];
  /** One line of measured facts for the checklist and the healthy verdict: "41 of 400 connections, no lock waits". */
  readonly headline: string;
}

/**
 * A specialist. `collect` does all I/O, through probes only; `diagnose` is pure: the same evidence gives the same findings.
 * Both may throw: the runner turns that into a failed result of this agent, and the others go on.
 */
export interface AgentDefinition<Params, Seen> {
  /** Stable id, equal to the file name with underscores: `slow_query`. */
  readonly name: string;
  /** The name under which a language model calls it. */
  readonly tool: string;
  /** Two or three words for people: "Slow queries". */
  readonly title: string;
  /** What it answers, in one sentence. */
  readonly description: string;
  /** Questions it is for, as people ask them. They also feed the routing. */
  readonly useCases: readonly string[];
  /** What it checks, a line each; printed by `dbcheck agents` and in the README. */
  readonly checks: readonly string[];
  /** Words and phrases (regular expression sources, matched case-insensitively) that point to this agent. */
  readonly routing: readonly string[];
  readonly parameters: z.ZodType<Params>;
  /** The agent that can answer a part of it when this one cannot. */
  readonly instead?: string;
  /** True where a question about a primary must be asked of its replicas too. */
  readonly includesReplicas?: true;
  /** Why there is nothing to look at on this server ("no replica, no replication threads"), or undefined. */
  readonly notApplicable?: (seen: Seen) => string | undefined;
  collect(collector: Collector, params: Params, target: Target): Promise<Seen>;
  diagnose(seen: Seen, context: JudgeContext<Params>): Diagnosis;
}

/** An agent that still knows the type of its parameters, so that code which calls it is checked by the compiler. */
export type TypedAgent<Schema extends z.ZodObject> = Agent & { readonly parameters: Schema };

/** An agent whose parameter and evidence types are closed over, so that unlike agents fit one list. */
export interface Agent {
  readonly name: string;
  readonly tool: string;
  readonly title: string;
  readonly description: string;
  readonly useCases: readonly string[];
  readonly checks: readonly string[];
  readonly routing: readonly string[];
  readonly parameters: z.ZodObject;
  readonly instead: string | undefined;
  readonly includesReplicas: boolean;
  /** Collects; the returned function judges what was collected. `params` are unchecked input and validated here. */
  investigate(
    collector: Collector,
    params: unknown,
    context: Omit<JudgeContext<unknown>, 'params' | 'facts'>,
  ): Promise<{ readonly notApplicable: string | undefined; readonly diagnose: () => Diagnosis }>;
}

export function defineAgent<Schema extends z.ZodObject, Seen>(
  definition: Omit<AgentDefinition<z.output<Schema>, Seen>, 'parameters'> & { readonly parameters: Schema },
): TypedAgent<Schema> {
  return {
    name: definition.name,
    tool: definition.tool,
    title: definition.title,
    description: definition.description,
    useCases: definition.useCases,
    checks: definition.checks,
    routing: definition.routing,
    parameters: definition.parameters,
    instead: definition.instead,
    includesReplicas: definition.includesReplicas ?? false,
    async investigate(collector, params, context) {
      const parsed = definition.parameters.parse(params);
      const seen = await definition.collect(collector, parsed, context.target);
      return {
        notApplicable: definition.notApplicable?.(seen),
        diagnose: () => definition.diagnose(seen, { ...context, params: parsed, facts: collector.facts }),
      };
    },
  };
}
