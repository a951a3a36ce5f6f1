import { z } from 'zod';
import type { Agent } from '../agents/agent.ts';
import { answerAbout } from '../conversation/answer.ts';
import type { ToolCall } from '../llm/chat-model.ts';
import type { AgentCall, Plan, Report } from '../report/report.ts';
import { isPlainQuestion } from './ask-back.ts';
import { askBack, askBackSchema, replySchema, replyWithoutServers } from './prompts.ts';
import { queryTool, readStatement } from './query-tool.ts';
import { maxStatements, queriesOf } from './rules/statements.ts';

/** What a model's calls are read against. */
export interface CallContext {
  readonly agents: readonly Agent[];
  /** Names of the targets that may be asked here; the model learns of no other. */
  readonly targets: readonly string[];
  readonly byRules: Plan;
  /** The report that an answer could come from; undefined where there is none. */
  readonly report: Report | undefined;
  /** The question as it was asked. */
  readonly question: string;
  /** Puts back what was masked in the question. */
  readonly restore: (text: string) => string;
  /** On which targets statements may be run; the tool for them does not exist where this is absent. */
  readonly mayInspect?: (target: string) => boolean;
}

interface ReadCalls {
  /** Absent where any call is wrong. */
  readonly plan?: Plan;
  /** The statements of the plan, as the model wrote them. */
  readonly statements?: readonly string[];
  /** What is wrong with a call, by its id; the model is told. */
  readonly complaints: ReadonlyMap<string, string>;
}

/** Turns the calls of a model into a plan, or into complaints; every word of them is unchecked input. */
export function readCalls(calls: readonly ToolCall[], context: CallContext): ReadCalls {
  const complaints = new Map<string, string>();
  const chosen: AgentCall[] = [];
  const names = new Set<string>();
  const statements: string[] = [];
  let inWords: Plan | undefined;
  for (const call of calls) {
    const input = parseJson(call.arguments);
    const read =
      call.name === askBack || call.name === replyWithoutServers
        ? readWords(call.name, input, context)
        : call.name === queryTool.name && context.mayInspect
          ? readQuery(input, context, statements, names)
          : readAgentCall(call.name, input, context, chosen, names);
    if (typeof read === 'string') complaints.set(call.id, read);
    else inWords ??= read;
  }
  if (complaints.size > 0) return { complaints };
  if (chosen.length + statements.length === 0) return inWords ? { plan: inWords, complaints } : { complaints };
  const named = names.size > 0 ? [...names] : context.byRules.targets;
  const plan: Plan = { kind: 'run', agents: chosen, source: 'model', targets: named };
  if (statements.length === 0) return { plan, complaints };
  return { plan: { ...plan, queries: queriesOf(statements) }, statements, complaints };
}

/** The plan, or the complaint. The wording of an answer comes from code: the rules' where they agree, else a neutral sentence. */
function readWords(tool: string, input: unknown, { byRules, report, question, targets }: CallContext): Plan | string {
  if (tool === askBack) {
    const asked = askBackSchema.safeParse(input);
    if (!asked.success) return 'the question is missing';
    return byWords(
      'clarify',
      isPlainQuestion(asked.data.question, { targets, question }) ? asked.data.question : neutralAnswers.clarify,
    );
  }
  const reply = replySchema.safeParse(input);
  if (!reply.success) return 'kind must be one of context, help, smalltalk, out_of_scope';
  const { kind, findings = [], about } = reply.data;
  if (kind !== 'context') return byRules.kind === kind ? byRules : byWords(kind, neutralAnswers[kind]);
  if (!report) return 'there is no report in this conversation yet';
  const known = report.findings.map(({ id }) => id);
  const unknown = findings.find((id) => !known.includes(id));
  if (unknown !== undefined)
    return `there is no finding ${unknown.slice(0, 20)}; the findings: ${known.slice(0, 20).join(', ') || 'none'}`;
  if (findings.length === 0 && about === undefined && byRules.kind === kind) return byRules;
  const chosen = report.findings.filter(({ id }) => findings.includes(id));
  return { ...byWords(kind, answerAbout(question, report, chosen, about)), targets: report.plan.targets };
}

const targetList = z.union([z.string().transform((name) => [name]), z.array(z.string())]).optional();

/** Which of the targets a call names exist, or what is wrong with them. */
function readNames(target: unknown, targets: readonly string[]): readonly string[] | string {
  const wanted = targetList.safeParse(target ?? undefined);
  const unknown = wanted.data?.find((name) => !targets.includes(name));
  if (!wanted.success || unknown !== undefined)
    return `there is no target ${unknown?.slice(0, 70) ?? 'of this kind'}; use a name of the list or leave target out`;
  return wanted.data ?? [];
}

function readQuery(
  input: unknown,
  { targets, restore, byRules, mayInspect }: CallContext,
  statements: string[],
  names: Set<string>,
): string | undefined {
  const wanted = readNames((input as { readonly target?: unknown } | undefined)?.target, targets);
  if (typeof wanted === 'string') return wanted;
  const closed = (wanted.length > 0 ? wanted : byRules.targets).find((name) => mayInspect?.(name) === false);
  if (closed !== undefined) return `no statements may be run on ${closed}`;
  const read = readStatement(input, restore);
  if (typeof read === 'string') return read;
  if (statements.length >= maxStatements) return `at most ${maxStatements} statements`;
  statements.push(read.sql);
  for (const name of wanted) names.add(name);
  return undefined;
}

function readAgentCall(
  tool: string,
  input: unknown,
  { agents, targets, restore }: CallContext,
  chosen: AgentCall[],
  names: Set<string>,
): string | undefined {
  const agent = agents.find((candidate) => candidate.tool === tool);
  if (!agent) return `there is no tool ${tool.slice(0, 60)}; the tools: ${agents.map((one) => one.tool).join(', ')}`;
  if (input === undefined || input === null || typeof input !== 'object' || Array.isArray(input))
    return 'the arguments are not a JSON object';
  const { target, ...rest } = input as Record<string, unknown>;
  const wanted = readNames(target, targets);
  if (typeof wanted === 'string') return wanted;
  const set = Object.fromEntries(
    Object.entries(rest)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, typeof value === 'string' ? restore(value) : value]),
  );
  const strange = Object.keys(set).find((name) => !Object.hasOwn(agent.parameters.shape, name));
  if (strange !== undefined) return `${agent.tool} has no parameter ${strange.slice(0, 60)}`;
  const parsed = agent.parameters.safeParse(set);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  for (const name of wanted) names.add(name);
  if (!chosen.some((call) => call.agent === agent.name)) {
    chosen.push({ agent: agent.name, params: set as AgentCall['params'] });
  }
  return undefined;
}

const neutralAnswers = {
  clarify: 'Which server, and what is wrong with it?',
  help: 'Ask about the health, speed, locks, replication, connections, schema, configuration, capacity or backups of a target.',
  smalltalk: 'Ready when you are: name a target and what is wrong.',
  out_of_scope: 'Only the configured MariaDB servers can be asked about, and nothing is changed on them from here.',
} as const;

function byWords(kind: keyof typeof neutralAnswers | 'context', answer: string): Plan {
  return { kind, agents: [], source: 'model', targets: [], answer };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch {
    return undefined;
  }
}
