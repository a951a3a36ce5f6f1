import { z } from 'zod';
import type { Agent } from '../agents/agent.ts';
import { describeError } from '../errors.ts';
import { type ChatMessage, type ChatModel, ModelError, type ToolCall } from '../llm/chat-model.ts';
import type { AgentCall, Plan } from '../report/report.ts';
import type { Target } from '../targets/target.ts';
import type { Planned, Planner } from './planner.ts';
import {
  askBack,
  askBackSchema,
  maxPlanPromptCharacters,
  planInstructions,
  replySchema,
  replyWithoutServers,
  targetLines,
  toolsFor,
  turnLines,
} from './prompts.ts';
import type { Question } from './question.ts';

/**
 * Plans by tool calling. What the model calls is checked against the registry, the agents' schemas and the targets;
 * what does not fit is told to it once. Invalid twice, or any ModelError: the rules plan in the same turn.
 */
export function createModelPlanner(
  model: ChatModel,
  agents: readonly Agent[],
  targets: readonly Target[],
  rules: Planner,
): Planner {
  const tools = toolsFor(agents, targets);
  return {
    async plan(question) {
      const byRules = await rules.plan(question);
      const spent = { llmCalls: 0, inputTokens: 0, outputTokens: 0 };
      const messages = promptFor(question, targets);
      try {
        for (let round = 1; round <= 2; round++) {
          spent.llmCalls++;
          const reply = await model.complete({
            purpose: 'plan',
            messages,
            tools,
            maxOutputTokens: 800,
            ...(question.signal ? { signal: question.signal } : {}),
          });
          spent.inputTokens += reply.usage.inputTokens;
          spent.outputTokens += reply.usage.outputTokens;
          const read = readCalls(reply.toolCalls, agents, targets, byRules.plan);
          if (read.plan)
            return { ...byRules, ...spent, plan: { ...read.plan, ...(byRules.plan.fresh ? { fresh: true } : {}) } };
          messages.push({ role: 'assistant', text: reply.text.slice(0, 2_000), toolCalls: reply.toolCalls });
          for (const call of reply.toolCalls) {
            messages.push({
              role: 'tool',
              callId: call.id,
              text: read.complaints.get(call.id) ?? 'not run: another call was invalid',
            });
          }
          if (reply.toolCalls.length === 0) messages.push({ role: 'user', text: 'Answer by calling tools.' });
        }
        return withNote(byRules, spent, 'the plan of the model was invalid twice; the rules planned');
      } catch (error) {
        const why = error instanceof ModelError ? error.message : describeError(error).message;
        return withNote(byRules, spent, `${why}; the rules planned`);
      }
    },
  };
}

type Spent = Pick<Planned, 'llmCalls' | 'inputTokens' | 'outputTokens'>;

function withNote(planned: Planned, spent: Spent, note: string): Planned {
  return { ...planned, ...spent, notes: [...planned.notes, note] };
}

function promptFor(question: Question, targets: readonly Target[]): ChatMessage[] {
  const allowed = targets.filter(({ name }) => question.mayAsk?.(name) ?? true);
  const turns = (question.conversation?.turns ?? []).slice(-4).map((turn) => turnLines(turn.question, turn.report));
  const system = `${planInstructions}\n\nTargets:\n${targetLines(allowed)}`.slice(0, maxPlanPromptCharacters / 2);
  const room = maxPlanPromptCharacters - system.length - 2_500;
  const history = turns.join('\n\n').slice(-Math.max(0, room));
  return [
    { role: 'system', text: system },
    ...(history === '' ? [] : [{ role: 'user' as const, text: `This conversation so far:\n${history}` }]),
    { role: 'user', text: `<question>${question.text.slice(0, 2_000).replaceAll('</question>', '')}</question>` },
  ];
}

interface ReadCalls {
  readonly plan?: Plan;
  /** What is wrong with a call, by its id. */
  readonly complaints: ReadonlyMap<string, string>;
}

function readCalls(
  calls: readonly ToolCall[],
  agents: readonly Agent[],
  targets: readonly Target[],
  byRules: Plan,
): ReadCalls {
  const complaints = new Map<string, string>();
  const chosen: AgentCall[] = [];
  const names = new Set<string>();
  for (const call of calls.slice(0, 12)) {
    const input = parseJson(call.arguments);
    if (call.name === askBack) {
      const asked = askBackSchema.safeParse(input);
      if (asked.success) return { plan: inWords('clarify', asked.data.question), complaints };
      complaints.set(call.id, 'the question is missing');
      continue;
    }
    if (call.name === replyWithoutServers) {
      const reply = replySchema.safeParse(input);
      // The wording of an answer comes from code: the rules' where they agree, else a neutral sentence.
      if (reply.success)
        return { plan: byRules.kind === reply.data.kind ? byRules : inWords(reply.data.kind, undefined), complaints };
      complaints.set(call.id, 'kind must be one of context, help, smalltalk, out_of_scope');
      continue;
    }
    const agent = agents.find(({ tool }) => tool === call.name);
    if (!agent) {
      complaints.set(
        call.id,
        `there is no tool ${call.name.slice(0, 60)}; the tools: ${agents.map(({ tool }) => tool).join(', ')}`,
      );
      continue;
    }
    const wrong = readAgentCall(agent, input, targets, chosen, names);
    if (wrong !== undefined) complaints.set(call.id, wrong);
  }
  if (complaints.size > 0 || chosen.length === 0) return { complaints };
  return { plan: { kind: 'run', agents: chosen, source: 'model', targets: [...names] }, complaints };
}

const targetList = z.union([z.string().transform((name) => [name]), z.array(z.string())]).optional();

function readAgentCall(
  agent: Agent,
  input: unknown,
  targets: readonly Target[],
  chosen: AgentCall[],
  names: Set<string>,
): string | undefined {
  if (input === undefined || input === null || typeof input !== 'object') return 'the arguments are not a JSON object';
  const { target, ...rest } = input as Record<string, unknown>;
  const wanted = targetList.safeParse(target ?? undefined);
  const unknown = wanted.data?.find((name) => !targets.some((known) => known.name === name));
  if (!wanted.success || unknown !== undefined)
    return `there is no target ${unknown ?? ''}; the targets: ${targets.map(({ name }) => name).join(', ')}`;
  const set = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
  const strange = Object.keys(set).find((name) => !(name in agent.parameters.shape));
  if (strange !== undefined) return `${agent.tool} has no parameter ${strange.slice(0, 60)}`;
  const parsed = agent.parameters.safeParse(set);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
  for (const name of wanted.data ?? []) names.add(name);
  if (!chosen.some((call) => call.agent === agent.name)) {
    chosen.push({ agent: agent.name, params: set as AgentCall['params'] });
  }
  return undefined;
}

const neutralAnswers = {
  clarify: 'Which server, and what is wrong with it?',
  context: 'That is answered by the report above; ask for a number in it ("tell me more about 1").',
  help: 'Ask about the health, speed, locks, replication, connections, schema, configuration, capacity or backups of a target.',
  smalltalk: 'Ready when you are: name a target and what is wrong.',
  out_of_scope: 'Only the configured MariaDB servers can be asked about, and nothing is changed on them from here.',
} as const;

function inWords(kind: keyof typeof neutralAnswers, answer: string | undefined): Plan {
  return { kind, agents: [], source: 'model', targets: [], answer: answer ?? neutralAnswers[kind] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text === '' ? '{}' : text);
  } catch {
    return undefined;
  }
}
