import type { Agent } from '../agents/agent.ts';
import type { Redaction } from '../config.ts';
import { describeError } from '../errors.ts';
import type { Histories } from '../history/history.ts';
import type { Log } from '../log.ts';
import { metrics } from '../metrics.ts';
import { type AgentOutcome, assembleReport } from '../report/assemble.ts';
import { reportInWords } from '../report/in-words.ts';
import { maskReport } from '../report/mask-report.ts';
import type { ModelUse } from '../report/model-use.ts';
import { type AgentCall, type ModelUsage, noModelUsage, noUsage, type Plan, type Report } from '../report/report.ts';
import { renderText } from '../report/text.ts';
import type { SessionCost } from '../targets/connection.ts';
import type { TargetRegistry } from '../targets/registry.ts';
import { spanNames, traced } from '../trace.ts';
import { costSince, costs } from './costs.ts';
import { runStatements, withInspections } from './inspections.ts';
import type { Narrator } from './narrator.ts';
import { permitted, withoutForbiddenTurns } from './permission.ts';
import type { Planned, Planner, Replanned } from './planner.ts';
import { freePlanning } from './planner.ts';
import type { Orchestrator, Question, RunCall } from './question.ts';
import { createResultCache } from './result-cache.ts';
import { queriesOf } from './rules/statements.ts';
import { createRunner, type Runner, type RunnerFactory, type RunSettings } from './run.ts';
import { isSame } from './same-call.ts';
import { withLost, withThread, withUsage } from './spending.ts';
import { expandCalls, settleTargets, withNeighbours } from './where.ts';
import { chooseWorkflow, workflowNamed } from './workflows/choose.ts';
import type { Workflow } from './workflows/step.ts';
import { type Taken, takeSteps } from './workflows/take-steps.ts';

export interface OrchestratorParts {
  readonly agents: readonly Agent[];
  readonly targets: TargetRegistry;
  readonly planner: Planner;
  /** What is kept of the targets' past; absent where nothing is. */
  readonly histories?: Histories | undefined;
  /** Words the report when a model is configured; the template speaks otherwise, and when it fails. */
  readonly narrator?: Narrator;
  readonly settings: RunSettings & { readonly cacheSeconds: number };
  readonly redaction?: Redaction;
  /** Where agents run; in this process when absent. */
  readonly runner?: RunnerFactory | undefined;
  readonly log: Log;
}

/** The way of a question: plan, run, follow up, correlate, synthesize. Every step has a fallback; `ask` never rejects. */
export function createOrchestrator(parts: OrchestratorParts): Orchestrator {
  const { agents, targets, histories, planner, narrator, settings, redaction, log } = parts;
  const cache = createResultCache(settings.cacheSeconds);

  async function ask(asked: Question): Promise<Report> {
    const startedAtMs = Date.now();
    const { question, hidden } = withoutForbiddenTurns(asked);
    const planned = await planFor(question);
    const settled = settleTargets(planned.plan, question, targets);
    const plan = onItsWay(permitted(withUsualWindow(settled, question, agents), question, hidden), question);
    question.onProgress?.({ type: 'planned', plan });
    if (plan.kind !== 'run') return answerInWords(question.text, plan, planned, startedAtMs);
    return execute(question, plan, { ...planned, plan }, startedAtMs);
  }

  function planFor(question: Question): Promise<Planned> {
    return traced(spanNames.plan, { operation: 'plan', agent: 'dbcheck' }, async (note) => {
      const planned = question.statements ? planForStatements(question) : await planner.plan(question);
      note({ planKind: planned.plan.kind, planSource: planned.plan.source });
      return planned;
    });
  }

  /** A turn in the trace, the metrics and the log: one span and one line, however it ends. */
  function toldOnce(work: () => Promise<Report>): Promise<Report> {
    return traced(spanNames.turn, { operation: 'invoke_workflow', workflow: 'dbcheck' }, async (note) => {
      const report = await work();
      const { plan, target, verdict, findings, usage } = report;
      note({ planKind: plan.kind, planSource: plan.source, target, verdict, findings: findings.length });
      note({ inputTokens: usage.inputTokens, outputTokens: usage.outputTokens });
      log.info(summaryOf(report), 'a question was answered');
      metrics.turns.inc({ kind: plan.kind, verdict });
      return report;
    });
  }

  async function execute(question: Question, plan: Plan, planned: Planned, startedAtMs: number): Promise<Report> {
    const before = costs(targets, plan);
    const workflow = workflowNamed(plan.workflow ?? 'domains');
    const all = expandCalls(plan, agents, targets, question.mayAsk);
    const heldBack = all.filter(({ agent }) => workflow.heldBack.includes(agent.name));
    const calls = all.filter((call) => !heldBack.includes(call));
    const runner = (parts.runner ?? createRunner)({
      targets,
      histories,
      settings,
      cache,
      log,
      fresh: question.fresh ?? plan.fresh ?? false,
      signal: question.signal,
      mayAsk: question.mayAsk,
      onProgress: (event) => question.onProgress?.(event),
    });
    const outcomes = await runner.run(calls);
    const first = { calls, outcomes: [...outcomes] };
    const second =
      question.signal?.aborted || question.isLight
        ? undefined
        : await lookDeeper(question, planned, { workflow, heldBack, runner }, first);
    outcomes.push(...(second?.outcomes ?? []));
    const inspected = await runStatements(
      [...(planned.statements ?? []), ...(second?.statements ?? [])],
      plan.targets,
      targets,
      question,
    );
    runner.finish();
    question.onProgress?.({ type: 'synthesizing' });
    const assembled = assembleReport({
      question: question.text,
      plan,
      takenAtMs: startedAtMs,
      durationMs: Date.now() - startedAtMs,
      outcomes,
      usage: { ...modelUsageOf(planned, second), ...withElsewhere(costSince(before, targets, plan), runner) },
      notes: [...planned.notes, ...(second?.notes ?? []), ...stopNotes(question, outcomes), ...runner.notes()],
      replicasOf: (name) => targets.get(name).replicas,
    });
    const draft = withInspections(assembled, inspected);
    const clean = maskReport(draft, { hosts: redaction?.hosts === 'everywhere' });
    const conclusion = workflow.conclude?.(clean);
    const report = await synthesize(conclusion ? { ...clean, conclusion } : clean, question);
    metrics.turnSeconds.observe(report.durationMs / 1_000);
    return report;
  }

  /** The second round: the steps of the workflow, and meanwhile what the model wants to see besides. */
  async function lookDeeper(
    question: Question,
    planned: Planned,
    way: { readonly workflow: Workflow; readonly heldBack: readonly RunCall[]; readonly runner: Runner },
    first: Taken,
  ): Promise<Omit<Replanned, 'calls'> & { readonly outcomes: readonly AgentOutcome[] }> {
    const { workflow, heldBack, runner } = way;
    const names = planned.plan.targets;
    const mayAsk = (name: string) => question.mayAsk?.(name) ?? true;
    const primaryOf = (name: string) => targets.get(name).primary;
    const reachable = new Set(withNeighbours(names, targets).filter(mayAsk));
    const steps = takeSteps(
      {
        workflow,
        agents,
        targets: names,
        primaryOf,
        mayLook: (name) => reachable.has(name),
        run: runner.run,
        skip: runner.skip,
        isStopped: () => question.signal?.aborted ?? false,
      },
      first,
      heldBack,
    );
    const round = { question, planned, ...first, targets: [...reachable] };
    const asked =
      planner.replan &&
      traced(spanNames.plan, { operation: 'plan', agent: 'dbcheck', purpose: 'replan' }, async () =>
        planner.replan?.(round),
      );
    const { calls, ...cost } = (await asked) ?? { calls: [], notes: [], ...noModelUsage };
    const taken = await steps;
    const byModel = calls.filter((call) => !taken.calls.some((other) => isSame(call, other)));
    return { ...cost, outcomes: [...taken.outcomes, ...(await runner.run(byModel))] };
  }

  async function synthesize(draft: Omit<Report, 'text'>, question: Question): Promise<Report> {
    if (!narrator || question.signal?.aborted || question.isLight) return withText(draft, question);
    const lost: ModelUse[] = [];
    const billed = <Draft extends Omit<Report, 'text'>>(one: Draft): Draft => ({
      ...one,
      usage: withLost(one.usage, lost),
    });
    try {
      return withText(billed(await narrator.narrate(draft, question, (use) => lost.push(use))), question);
    } catch (error) {
      log.warn({ err: error }, 'the narrator failed; the template speaks');
      const told = {
        ...draft,
        notes: [...draft.notes, `summary without the model: ${describeError(error).message}`],
      };
      return withText(billed(told), question);
    }
  }

  return {
    ask: (question) =>
      toldOnce(() =>
        ask(question).catch((error: unknown) => {
          log.error({ err: error }, 'a question failed');
          const answer = describeError(error).message;
          const plan: Plan = { kind: 'clarify', agents: [], source: 'rules', targets: [], answer };
          return answerInWords(question.text, plan, { plan, ...freePlanning }, Date.now());
        }),
      ),
    check(question, calls, targetNames) {
      const plan: Plan = { kind: 'run', agents: calls, source: 'rules', targets: targetNames };
      question.onProgress?.({ type: 'planned', plan });
      return toldOnce(() => execute(question, plan, { plan, ...freePlanning }, Date.now()));
    },
  };
}

/** A run with the workflow that it ends in, whoever planned it. */
function onItsWay(plan: Plan, { text, conversation }: Question): Plan {
  if (plan.kind !== 'run' || plan.agents.length === 0) return plan;
  const before = conversation?.turns.findLast(({ report }) => report.plan.kind === 'run')?.report.plan;
  return { ...plan, workflow: chooseWorkflow(text, plan, before) };
}

/** Statements that came beside the text, as from the command line, are the plan. */
function planForStatements({ statements = [] }: Question): Planned {
  const plan: Plan = { kind: 'run', agents: [], source: 'rules', targets: [], queries: queriesOf(statements) };
  return { plan, statements, ...freePlanning };
}

function answerInWords(question: string, plan: Plan, planned: Planned, startedAtMs: number): Report {
  return reportInWords(question, plan, {
    takenAt: new Date(startedAtMs).toISOString(),
    durationMs: Date.now() - startedAtMs,
    usage: { ...noUsage, ...modelUsageOf(planned) },
    notes: planned.notes,
  });
}

/** The usual look-back of whoever asks, where the question names none. */
function withUsualWindow(plan: Plan, { usualHours }: Question, agents: readonly Agent[]): Plan {
  if (usualHours === undefined || plan.kind !== 'run') return plan;
  const calls = plan.agents.map((call) => {
    const takes = agents.find(({ name }) => name === call.agent)?.parameters.shape['hours'] !== undefined;
    return takes && call.params['hours'] === undefined
      ? { ...call, params: { ...call.params, hours: usualHours } }
      : call;
  });
  return { ...plan, agents: calls };
}

function withText(draft: Omit<Report, 'text'>, question: Question): Report {
  const whole = { ...draft, usage: withThread(draft.usage, question) };
  return { ...whole, text: renderText(whole) };
}

function withElsewhere(here: SessionCost, runner: Runner): SessionCost {
  const there = runner.spentElsewhere();
  return {
    statements: here.statements + there.statements,
    connections: here.connections + there.connections,
  };
}

function stopNotes(question: Question, outcomes: readonly AgentOutcome[]): string[] {
  if (!question.signal?.aborted) return [];
  const done = outcomes.filter(({ result }) => result.status === 'completed').length;
  return [`Stopped on request: ${done} of ${outcomes.length} checks had finished; what they found is here`];
}

function modelUsageOf(planned: Planned, second: ModelUsage = noModelUsage): ModelUsage {
  const { llmCalls, inputTokens, outputTokens, costUsd, models } = planned;
  return withUsage({ llmCalls, inputTokens, outputTokens, costUsd, models }, second);
}

/** What the log keeps of a turn: no question text, no statement, no name of an account. */
function summaryOf(report: Report): object {
  return {
    kind: report.plan.kind,
    source: report.plan.source,
    target: report.target,
    verdict: report.verdict,
    durationMs: report.durationMs,
    agents: report.results.map(({ agent, status, durationMs }) => `${agent}:${status}:${durationMs}`),
    codes: report.findings.map(({ code }) => code),
    ...(report.inspections ? { inspections: report.inspections.map(({ status }) => status) } : {}),
    ...report.usage,
  };
}

/** The calls of a plan as the command line and schedules name them. */
export function callsFor(
  agents: readonly Agent[],
  params: Readonly<Record<string, string | number | boolean>> = {},
): AgentCall[] {
  return agents.map((agent) => {
    const known = Object.entries(params).filter(([name]) => name in agent.parameters.shape);
    return { agent: agent.name, params: Object.fromEntries(known) };
  });
}
