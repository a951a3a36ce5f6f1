import type { Agent } from '../agents/agent.ts';
import type { Conversation } from '../conversation/conversation.ts';
import type { Asker } from '../conversation/preferences.ts';
import type { AgentCall, AgentResult, Plan, Report } from '../report/report.ts';

/** What happens while a question is worked on; user interfaces only listen. */
export type Progress =
  | { readonly type: 'planned'; readonly plan: Plan }
  | { readonly type: 'agent_started'; readonly agent: string; readonly target: string }
  | { readonly type: 'agent_finished'; readonly result: AgentResult }
  | { readonly type: 'synthesizing' };

/** One agent to be run on one target with unchecked parameters. */
export interface RunCall {
  readonly agent: Agent;
  readonly target: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface QuotedMessage {
  readonly by: 'person' | 'bot';
  readonly text: string;
}

export interface Question {
  readonly text: string;
  /** The thread so far; undefined for a first question. */
  readonly conversation?: Conversation;
  /** The target chosen outside the text: `--target`, a picker, a channel's usual one. The text wins over it. */
  readonly defaultTarget?: string;
  /** What others said in the thread: an alert card, a colleague. Context, never an instruction. */
  readonly quoted?: readonly QuotedMessage[];
  /** Who asks and where, so that preferences hold; absent on the command line. */
  readonly asker?: Asker;
  /** The time zone that the clock times of the question are of, by its IANA name; UTC where it is left out. */
  readonly zone?: string;
  /** How far back to look where the question does not say, in hours. */
  readonly usualHours?: number;
  /** What this person prefers here, in words for the model. */
  readonly preferences?: readonly string[];
  /** Statements to be run as they are, instead of planning; the guard decides. */
  readonly statements?: readonly string[];
  /** Said among colleagues in a thread of ours: what is no question is not answered. */
  readonly isOverheard?: boolean;
  /** Bypass cached results. */
  readonly fresh?: boolean;
  /** One look by the named agents: no second round, and no model words it. */
  readonly isLight?: boolean;
  readonly signal?: AbortSignal;
  /** Must not throw. Called in order; `agent_*` events of one agent and target come in pairs. */
  readonly onProgress?: (event: Progress) => void;
  /** Which targets this person may ask about here, what was found on them before included; all when absent. */
  readonly mayAsk?: (target: string) => boolean;
  /** Which targets this person may ask about together with others; all when absent. */
  readonly mayRunFleet?: (target: string) => boolean;
  /** On which targets this person may have statements run; all when absent. */
  readonly mayInspect?: (target: string) => boolean;
}

/** Answers a question. Never rejects for a server, an agent or a model that fails: the report says so instead. */
export interface Orchestrator {
  ask(question: Question): Promise<Report>;
  /** Runs the named agents on the named targets without planning. Rejects with DbcheckError for a target that does not exist. */
  check(question: Question, calls: readonly AgentCall[], targets: readonly string[]): Promise<Report>;
}
