import type { Agent } from '../agents/agent.ts';
import type { Redaction } from '../config.ts';
import { resolveReferences } from '../conversation/references.ts';
import { describeError } from '../errors.ts';
import type { ChatMessage, ChatModel, ChatReply, ToolDefinition } from '../llm/chat-model.ts';
import { maxAnswerTokens } from '../llm/tokens.ts';
import type { ModelUse } from '../report/model-use.ts';
import { type ModelUsage, noModelUsage, type Plan } from '../report/report.ts';
import { createRedactor, type Redactor } from '../sql/redact-text.ts';
import type { Target } from '../targets/target.ts';
import { correction, planPrompt, readableCalls } from './plan-prompt.ts';
import type { FirstRound, Planned, Planner, Replanned } from './planner.ts';
import { toolsFor } from './prompts.ts';
import { queryTool } from './query-tool.ts';
import type { Question } from './question.ts';
import { type CallContext, readCalls } from './read-calls.ts';
import { meansReport } from './rules/about-report.ts';
import { pointsBack } from './rules/phrases.ts';
import { normalise } from './rules/question-text.ts';
import {
  enough,
  mayInspectOf,
  readSecondRound,
  resultMessages,
  secondRoundCharacters,
  secondRoundInstructions,
} from './second-round.ts';
import { spendingOf, withCall, withLost, withUsage } from './spending.ts';

/**
 * Plans by tool calling. What the model calls is checked against the registry, the agents' schemas and the targets;
 * what does not fit is told to it once. Invalid twice, or any ModelError: the rules plan in the same turn.
 * After the first round it may ask for more, once.
 */
export function createModelPlanner(
  model: ChatModel,
  agents: readonly Agent[],
  targets: readonly Target[],
  rules: Planner,
  redaction?: Redaction,
): Planner {
  const tools = toolsFor(agents);
  const agentTools = tools.filter(({ name }) => agents.some(({ tool }) => tool === name));

  function ask(
    purpose: 'plan' | 'replan',
    question: Question,
    messages: readonly ChatMessage[],
    offered: readonly ToolDefinition[],
    onLost: (use: ModelUse) => void,
  ): Promise<ChatReply> {
    return model.complete({
      purpose,
      messages,
      tools: offered,
      maxOutputTokens: maxAnswerTokens,
      turn: spendingOf(question, onLost),
      ...(question.signal ? { signal: question.signal } : {}),
    });
  }

  /** The model must name a target as it is called, and a target may be called by its host. */
  function redactorFor(targetNames: readonly string[]): Redactor {
    return createRedactor({ hosts: redaction !== undefined && redaction.hosts !== 'nowhere', except: targetNames });
  }

  return {
    async plan(question) {
      const byRules = await rules.plan(question);
      // What points at a finding is answered from it, without a word to the model.
      if (answersFromFindings(byRules.plan, question)) return byRules;
      // A statement that a person wrote needs no one to understand it.
      if (byRules.statements) return byRules;
      // What colleagues say to each other is none of a model's business, nor worth its price.
      if (question.isOverheard && byRules.plan.kind === 'smalltalk') return byRules;
      const isBesideOthers = (question.quoted?.length ?? 0) > 0;
      if (isBesideOthers && (await isClearAlone(question, rules))) return byRules;
      const allowed = targets
        .filter(({ name }) => question.mayAsk?.(name) ?? true)
        .filter(
          ({ name }) => !isBesideOthers || byRules.plan.targets.length === 0 || byRules.plan.targets.includes(name),
        );
      const names = allowed.map(({ name }) => name);
      const redactor = redactorFor(names);
      const mayInspect = mayInspectOf(question, names);
      const context: CallContext = {
        agents,
        targets: names,
        byRules: byRules.plan,
        report: question.conversation?.turns.findLast(({ report }) => report.plan.kind === 'run')?.report,
        question: question.text,
        restore: (text) => redactor.restore(text),
        ...(mayInspect ? { mayInspect } : {}),
      };
      const offered = mayInspect ? [...tools, queryTool] : tools;
      let spent = noModelUsage;
      const lost = (use: ModelUse) => {
        spent = withLost(spent, [use]);
      };
      const messages = planPrompt(question, allowed, offered, redactor);
      try {
        for (let round = 1; round <= 2; round++) {
          const reply = await ask('plan', question, messages, offered, lost);
          spent = withCall(spent, 'plan', model.name, reply.usage);
          const { plan, statements, complaints } = readCalls(readableCalls(reply), context);
          // Words of others may talk a model out of looking, but not us.
          if (plan && isBesideOthers && byRules.plan.kind === 'run' && plan.kind !== 'run')
            return withUsage(byRules, spent);
          if (plan) {
            const fresh = byRules.plan.fresh ? { fresh: true as const } : {};
            const timed = withClock({ ...plan, ...fresh }, byRules, agents);
            return { ...byRules, ...spent, ...timed, ...(statements ? { statements } : {}) };
          }
          messages.push(...correction(reply, complaints));
        }
        return withNote(byRules, spent, 'the plan of the model was invalid twice; the rules planned');
      } catch (error) {
        return withNote(byRules, spent, `${describeError(error).message}; the rules planned`);
      }
    },

    async replan(round) {
      if (!isWorthARound(round, agents)) return noSecondRound;
      const { question } = round;
      const redactor = redactorFor(round.targets);
      const known = targets.filter(({ name }) => round.targets.includes(name));
      const looks = mayInspectOf(question, round.targets) ? [...agentTools, queryTool] : agentTools;
      const first = planPrompt(question, known, looks, redactor, secondRoundCharacters);
      const messages: ChatMessage[] = [
        ...first,
        ...resultMessages(round, redactor),
        { role: 'user', text: secondRoundInstructions },
      ];
      const lost: ModelUse[] = [];
      try {
        const reply = await ask('replan', question, messages, [...looks, enough], (use) => lost.push(use));
        const { calls, statements, refused } = readSecondRound(reply.toolCalls, round, agents, (text) =>
          redactor.restore(text),
        );
        const notes =
          refused > 0 ? [`${refused} calls of the model's second round were not valid and were left out`] : [];
        const bill = withCall(withLost(noModelUsage, lost), 'replan', model.name, reply.usage);
        return { calls, statements, notes, ...bill };
      } catch (error) {
        return {
          ...withLost(noSecondRound, lost),
          notes: [`no second round of the model: ${describeError(error).message}`],
        };
      }
    },
  };
}

/** Whether the rules answer from findings that the question names beyond doubt. */
function answersFromFindings(plan: Plan, { text, conversation }: Question): boolean {
  const last = conversation?.turns.findLast(({ report }) => report.plan.kind === 'run');
  const words = normalise(text);
  const isAboutReport = pointsBack(words) || meansReport(words);
  return (
    plan.kind === 'context' && isAboutReport && last !== undefined && resolveReferences(text, last.report).length > 0
  );
}

/** A question that rules understand without the thread needs no model beside what others wrote there: it could do what they say. */
async function isClearAlone({ quoted: _, ...alone }: Question, rules: Planner): Promise<boolean> {
  return (await rules.plan(alone)).plan.kind === 'run';
}

/** "Since 15:00" was read off a clock by the rules, who tell so: of a model's sum of hours only that one may stand. */
function withClock(plan: Plan, byRules: Planned, agents: readonly Agent[]): Pick<Planned, 'plan' | 'notes'> {
  const hours = byRules.plan.agents.find(({ params }) => typeof params['hours'] === 'number')?.params['hours'];
  if (byRules.notes.length === 0 || hours === undefined) return { plan, notes: byRules.notes };
  const timed = plan.agents.map((call) => {
    const takes = agents.find(({ name }) => name === call.agent)?.parameters.shape['hours']?.safeParse(hours).success;
    return takes ? { ...call, params: { ...call.params, hours } } : call;
  });
  const isTold = timed.some(({ params }) => params['hours'] === hours);
  return { plan: { ...plan, agents: timed }, notes: isTold ? byRules.notes : [] };
}

const noSecondRound: Replanned = { calls: [], notes: [], ...noModelUsage };

/** One call each for the plan, for this and for the summary: a plan that had to be corrected has used this one up. */
function isWorthARound({ planned, question, calls }: FirstRound, agents: readonly Agent[]): boolean {
  if (planned.plan.source !== 'model' || planned.llmCalls !== 1 || question.signal?.aborted) return false;
  return agents.some(({ name }) => !calls.some(({ agent }) => agent.name === name));
}

function withNote(planned: Planned, spent: ModelUsage, note: string): Planned {
  return { ...withUsage(planned, spent), notes: [...planned.notes, note] };
}
