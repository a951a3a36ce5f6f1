import type { Evidence } from './evidence.ts';
import type { Finding, FindingTable } from './finding.ts';
import type { ModelUse } from './model-use.ts';

export type Verdict = 'healthy' | 'degraded' | 'critical' | 'unknown';

/** What could not be seen, and the exact grant or setting that would open it. */
export interface CoverageGap {
  readonly code: string;
  readonly agent: string;
  readonly target: string;
  readonly summary: string;
  readonly fix: string;
}

export type AgentStatus = 'completed' | 'not_applicable' | 'failed' | 'timed_out' | 'skipped';

/** How one agent fared on one target. */
export interface AgentResult {
  readonly agent: string;
  readonly target: string;
  readonly status: AgentStatus;
  readonly durationMs: number;
  /** What the call set of the agent's parameters; absent where it set none. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** Why it is not `completed`, in one sentence; absent otherwise. */
  readonly reason?: string;
  /** The agent that could answer instead, where there is one. */
  readonly instead?: string;
  /** One line of measured facts that a healthy verdict rests on: "41 of 400 connections, no lock waits". */
  readonly headline?: string;
  /** Seconds since the result was measured, when it came from the cache. */
  readonly ageSeconds?: number;
}

export type PlanKind = 'run' | 'context' | 'clarify' | 'help' | 'smalltalk' | 'out_of_scope';

export interface AgentCall {
  readonly agent: string;
  /** Only what the question set; defaults are filled by the agent's schema. */
  readonly params: Readonly<Record<string, string | number | boolean>>;
}

/** The ways of on-call work; `domains` is every other question. */
export type WorkflowName =
  | 'why_slow'
  | 'full_health'
  | 'is_it_the_database'
  | 'lag_and_slow'
  | 'suspicious_pattern'
  | 'domains';

/** A question that wants yes or no, answered from findings by code. */
export interface Conclusion {
  readonly answer: 'yes' | 'no' | 'unclear';
  /** One or two sentences with the measured facts that it rests on. */
  readonly text: string;
  /** Ids of the findings that it rests on; empty where nothing was found. */
  readonly findings: readonly string[];
}

/** What will be done for a question. `targets` names the servers of a run; `answer` is the text of every other kind. */
export interface Plan {
  readonly kind: PlanKind;
  readonly agents: readonly AgentCall[];
  readonly source: 'rules' | 'model';
  readonly targets: readonly string[];
  /** The person asked to look again: results from the cache will not do. */
  readonly fresh?: true;
  readonly answer?: string;
  /** The way of looking that goes on from the first results; absent where nothing is run. */
  readonly workflow?: WorkflowName;
  /** Read-only statements that a person or a model wants run, without their literals; such a run may have no agents. */
  readonly queries?: readonly string[];
  /** What a clarifying question asks for, where it can be picked from a list. */
  readonly missing?: 'target';
  /** Nothing is told because the person may not ask about these targets here, or not about several at once. */
  readonly refused?: { readonly right: 'ask' | 'fleet' | 'inspect'; readonly targets: readonly string[] };
}

/** What the question cost: statements and connections on the servers, tokens and money at the model. */
export interface Usage extends ModelUsage {
  readonly statements: number;
  readonly connections: number;
}

/** What a turn took from models: the sums, and what each was asked for. */
export interface ModelUsage {
  readonly llmCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** By the price table; 0 where no price is known. */
  readonly costUsd: number;
  /** By purpose and model. */
  readonly models: readonly ModelUse[];
  /** The whole thread up to and with this turn, where models were asked in it before. */
  readonly thread?: { readonly tokens: number; readonly costUsd: number };
}

export const noModelUsage: ModelUsage = { llmCalls: 0, inputTokens: 0, outputTokens: 0, costUsd: 0, models: [] };

export const noUsage: Usage = { statements: 0, connections: 0, ...noModelUsage };

/** A next question that makes sense for what was found. */
export interface Suggestion {
  readonly question: string;
  /** How often people of the channel asked this next after a finding like it; absent where a rule suggests it. */
  readonly learnedFrom?: number;
}

/** How much of a report people want to read at once. */
export type Verbosity = 'brief' | 'normal' | 'full';

/** What an ad-hoc statement brought from one target. */
export interface Inspection {
  readonly target: string;
  /** Without its literals. */
  readonly statement: string;
  /** `refused`: the guard did not let it reach the server; `failed`: the server did not answer it. */
  readonly status: 'answered' | 'refused' | 'failed';
  /** Why it was not answered, and what would be allowed. */
  readonly reason?: string;
  readonly rowCount: number;
  /** True where the cap on rows or bytes cut the result. */
  readonly truncated: boolean;
  readonly durationMs: number;
  /** The rows, masked as all evidence. */
  readonly table?: FindingTable;
  /** The id of its evidence. */
  readonly evidence?: string;
}

/** The answer to one question; `--json` prints it as it is. Findings are in reading order. */
export interface Report {
  readonly question: string;
  /** The target's name; several are joined by a comma. */
  readonly target: string;
  readonly takenAt: string;
  readonly durationMs: number;
  /** Seconds between the two samples that rates are made of; 0 when nothing was sampled. */
  readonly windowSeconds: number;
  readonly plan: Plan;
  readonly verdict: Verdict;
  readonly results: readonly AgentResult[];
  readonly findings: readonly Finding[];
  /** Ids of findings that nothing else explains and that explain others or hurt by themselves; worst first. */
  readonly rootCauses: readonly string[];
  readonly coverage: readonly CoverageGap[];
  /** Results of ad-hoc statements; absent where none was asked for. */
  readonly inspections?: readonly Inspection[];
  readonly evidence: readonly Evidence[];
  readonly usage: Usage;
  /** The answer to a question that wants yes or no; absent for every other. */
  readonly conclusion?: Conclusion;
  /** The model's summary, already verified; absent where the template speaks. */
  readonly narrative?: string;
  /** Notes a reader must know: a model that failed, a budget that was reached, a cached result's age. */
  readonly notes: readonly string[];
  /** Places where a literal, a comment or a secret was masked, in findings and evidence. */
  readonly masked?: number;
  readonly text: string;
  /** What could be asked next, the most telling first; three at most. */
  readonly suggestions?: readonly Suggestion[];
  /** What whoever asked prefers to read; normal where it is absent. */
  readonly verbosity?: Verbosity;
}
