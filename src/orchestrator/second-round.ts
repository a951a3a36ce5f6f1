import type { Agent } from '../agents/agent.ts';
import type { ChatMessage, ToolCall, ToolDefinition } from '../llm/chat-model.ts';
import type { AgentOutcome } from '../report/assemble.ts';
import type { Redactor } from '../sql/redact-text.ts';
import type { FirstRound } from './planner.ts';
import type { Question, RunCall } from './question.ts';
import { readCalls } from './read-calls.ts';
import { isSame } from './same-call.ts';

/** What the results of the first round may take of the prompt, in characters, and the findings told of one call. */
const maxResultCharacters = 4_000;
/** What of a prompt the second round needs beside the first one's, in characters. */
export const secondRoundCharacters = 5_500;
const maxFindings = 10;
/** Calls of the second round; more are a loop. */
const maxCalls = 4;

export const enough: ToolDefinition = {
  name: 'enough',
  description: 'The results answer the question; nothing more is run.',
  parameters: { type: 'object', properties: {}, additionalProperties: false },
};

export const secondRoundInstructions = `The agents that you called have answered below. Call at most ${maxCalls} more where the
results leave the question open: another agent, or the same with other parameters. Otherwise call "enough".
There is no third round.`;

/**
 * The first round as a conversation of tools: states, codes and measured numbers. No name, title or headline goes out:
 * they hold words of strangers, and a model that obeys what it reads must not choose by them where to look next.
 */
export function resultMessages({ calls, outcomes }: FirstRound, redactor: Redactor): ChatMessage[] {
  const room = Math.floor(maxResultCharacters / Math.max(1, calls.length));
  const toolCalls = calls.map(({ agent, target, params }, index): ToolCall => {
    return {
      id: `call-${index + 1}`,
      name: agent.tool,
      arguments: redactor.redact(JSON.stringify({ ...params, target: [target] })).text,
    };
  });
  return [
    {
      role: 'assistant',
      text: '',
      toolCalls: toolCalls.map((call) => ({ ...call, arguments: short(call.arguments) })),
    },
    ...calls.map((call, index): ChatMessage => {
      const outcome = outcomes.find(({ result }) => result.agent === call.agent.name && result.target === call.target);
      return { role: 'tool', callId: `call-${index + 1}`, text: outcome ? told(outcome, room) : 'no result' };
    }),
  ];
}

/** Servers parse what they are given back, so what is too long is left out whole. */
function short(json: string): string {
  return json.length > 200 ? '{}' : json;
}

function told({ result, findings, coverage }: AgentOutcome, room: number): string {
  const list: object[] = [];
  const whole = () =>
    JSON.stringify({
      status: result.status,
      couldNotSee: coverage.map(({ code }) => code).slice(0, 5),
      findings: list,
    });
  for (const { code, severity, confidence, subject, facts } of findings.slice(0, maxFindings)) {
    const numbers = Object.entries(facts).filter(
      ([, value]) => typeof value === 'number' || typeof value === 'boolean',
    );
    list.push({
      code,
      severity,
      confidence,
      ...(/^thread \d+$/.test(subject) ? { subject } : {}),
      facts: Object.fromEntries(numbers.slice(0, 12)),
    });
    if (whole().length > room) {
      list.pop();
      break;
    }
  }
  return whole();
}

export interface SecondRound {
  readonly calls: readonly RunCall[];
  readonly statements: readonly string[];
  /** How many calls named what does not exist; they are left out. */
  readonly refused: number;
}

/** What of the model's calls is valid, may be looked at, and has not been run in just this way. */
export function readSecondRound(
  asked: readonly ToolCall[],
  { planned, calls: made, targets, question }: FirstRound,
  agents: readonly Agent[],
  restore: (text: string) => string,
): SecondRound {
  const calls: RunCall[] = [];
  const statements: string[] = [];
  const mayInspect = mayInspectOf(question, targets);
  let refused = Math.max(0, asked.length - maxCalls);
  for (const call of asked.filter(({ name }) => name !== enough.name).slice(0, maxCalls)) {
    const { plan, statements: written } = readCalls([call], {
      agents,
      targets,
      byRules: planned.plan,
      report: undefined,
      question: '',
      restore,
      ...(mayInspect ? { mayInspect } : {}),
    });
    if (written) {
      statements.push(...written);
      continue;
    }
    const [wanted] = plan?.agents ?? [];
    const agent = wanted && agents.find(({ name }) => name === wanted.agent);
    if (!plan || !wanted || !agent) {
      refused++;
      continue;
    }
    for (const target of plan.targets) {
      const one: RunCall = { agent, target, params: wanted.params };
      if (![...made, ...calls].some((other) => isSame(other, one))) calls.push(one);
    }
  }
  return { calls, statements, refused };
}

/** On which targets the person may have statements run; undefined where it is none, or where words of others are at hand. */
export function mayInspectOf(
  { mayInspect = () => true, quoted = [] }: Question,
  targets: readonly string[],
): ((target: string) => boolean) | undefined {
  return quoted.length === 0 && targets.some(mayInspect) ? mayInspect : undefined;
}
