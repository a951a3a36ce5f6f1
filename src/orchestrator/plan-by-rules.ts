import type { Agent } from '../agents/agent.ts';
import { answerFromContext } from '../conversation/answer.ts';
import { referredTo } from '../conversation/references.ts';
import type { StatementInText } from '../inspection/statement-in.ts';
import type { AgentCall, Plan, PlanKind, Report } from '../report/report.ts';
import { isRequest, meansReport, saysItIsOver } from './rules/about-report.ts';
import { type Intent, readIntent } from './rules/intents.ts';
import { withoutNamed } from './rules/names.ts';
import { agentOfIdentifier, type Params, paramsFor, readParameters } from './rules/parameters.ts';
import {
  asksAgain,
  asksElsewhere,
  asksOtherwise,
  isHelp,
  isOutOfScope,
  isSmalltalk,
  pointsAtThing,
  pointsBack,
} from './rules/phrases.ts';
import { normalise } from './rules/question-text.ts';
import { pointsAtThread, readQuoted } from './rules/quoted.ts';
import { queriesOf, statementAsked } from './rules/statements.ts';
import { type KnownTarget, type NamedTargets, readTargets } from './rules/target-names.ts';

/** An earlier turn of the conversation; the report is there where it was run. */
export interface PastTurn {
  readonly text: string;
  readonly plan: Plan;
  readonly report?: Report;
}

export interface RuleInput {
  readonly text: string;
  readonly turns?: readonly PastTurn[];
  readonly targets: readonly KnownTarget[];
  readonly agents: readonly Agent[];
  /** The current time; a parameter so that "since 14:00" can be tested. */
  readonly now?: Date;
  /** The time zone of whoever asks, by its IANA name; UTC where it is left out. */
  readonly zone?: string;
  /** What others wrote in the thread. */
  readonly quoted?: string;
  /** Which targets may be named to the person by us; all when absent. */
  readonly mayAsk?: (target: string) => boolean;
}

/** Decides by rules what a question needs. The same input gives the same plan; it never throws. */
export function planByRules(input: RuleInput): Plan {
  const statement = statementOf(input);
  if (statement) return planStatement(statement, input);
  // The comment of a pasted statement is nobody's question.
  const text = normalise(input.text.replaceAll(/\/\*[\s\S]*?\*\//g, ' '));
  const named = readTargets(text, input.targets);
  const last = input.turns?.findLast(({ plan }) => plan.kind === 'run');
  const now = input.now ?? new Date();
  const earlier = input.turns?.findLast(({ plan }) => plan.targets.length > 0)?.plan.targets;
  const quoted = input.quoted && !last ? readQuoted(input.quoted, input.targets, input.agents, now) : undefined;
  const kept = named.names.length > 0 ? named.names : (earlier ?? quoted?.targets.filter(isAllowed(input)) ?? []);
  const inWords = (kind: Exclude<PlanKind, 'run'>, answer: string): Plan => ({
    kind,
    agents: [],
    source: 'rules',
    targets: kept,
    answer,
  });

  if (text === '') return inWords('clarify', 'What should be checked? For instance: "is orders-prod healthy?"');
  if (named.unknown) {
    const near = named.unknown.nearest.filter(input.mayAsk ?? (() => true));
    const which = near.length > 0 ? ` The nearest: ${near.join(', ')}. Which one is meant?` : '';
    return inWords('clarify', `There is no target "${named.unknown.name}".${which}`);
  }
  if (isSmalltalk(text) && !(last && asksAgain(named.rest.trim()))) return inWords('smalltalk', ready);
  if (last && saysItIsOver(text)) return inWords('smalltalk', ready);
  if (isHelp(text)) return inWords('help', helpAnswer(input));
  if (isOutOfScope(named.rest, named.names.length > 0)) return inWords('out_of_scope', outOfScopeAnswer);
  const back = last && planFollowUp(input, text, named, last, kept);
  if (back) return back;
  if (!last && /^(the )?same\b/.test(named.rest.trim())) return inWords('clarify', clarifyAnswer(input, named));
  const said = readIntent(named.rest, input.agents);
  const isVague = said.by === 'none' || said.by === 'search';
  // "what is this?" under an alert asks about what the alert says.
  const intent = isVague && quoted && pointsAtThread(named.rest) ? orTriage(quoted.intent) : said;
  if (intent.agents.length === 0 && last && pointsBack(named.rest)) return answerBack(input, last, kept);
  const params = readParameters(input.text, named.rest, intent.agents, { now, zone: input.zone });
  if (quoted?.hours !== undefined) params['hours'] ??= quoted.hours;
  const meant = last?.report ? referredTo(input.text, last.report) : {};
  if (meant.table !== undefined) params['table'] ??= meant.table;
  if (meant.thread !== undefined) params['process_id'] ??= meant.thread;
  const isOnReplica = meant.replica !== undefined && named.names.length === 0;
  const where =
    isOnReplica && input.targets.some(({ name }) => name === meant.replica) ? [meant.replica as string] : kept;
  const taker = agentOfIdentifier(params, input.agents);
  const isGuess = intent.by === 'none' || intent.by === 'search';
  const isTakers = taker !== undefined && (isGuess || !intent.agents.includes(taker));
  const chosen = isTakers ? [taker] : intent.agents.length > 0 ? intent.agents : suspicion(input, named);
  if (chosen.length === 0 && last && !isRequest(text)) return inWords('smalltalk', ready);
  if (chosen.length === 0)
    return last ? answerUnclear(input, last, kept) : inWords('clarify', clarifyAnswer(input, named));
  return run(input, chosen, params, where);
}

function isAllowed({ mayAsk }: RuleInput): (target: string) => boolean {
  return (target) => mayAsk?.(target) ?? true;
}

function orTriage(intent: Intent): Intent {
  return intent.agents.length > 0 ? intent : { agents: ['incident_triage', 'running_query'], by: 'workflow' };
}

/** The statement that is to be run as it was written; a plan names its shape only. */
export function statementOf({
  text,
  turns = [],
  targets,
}: Pick<RuleInput, 'text' | 'turns' | 'targets'>): StatementInText | undefined {
  return statementAsked(
    text,
    turns,
    targets.map(({ name }) => name),
  );
}

/** No agent runs: what the statement may do, and whether it reaches the server at all, is the guard's to say. */
function planStatement({ sql, rest }: StatementInText, { turns = [], targets, mayAsk = () => true }: RuleInput): Plan {
  const named = readTargets(normalise(rest), targets);
  const kept = turns.findLast(({ plan }) => plan.targets.length > 0)?.plan.targets ?? [];
  const plan = { agents: [], source: 'rules', targets: named.names.length > 0 ? named.names : kept } as const;
  if (!named.unknown) return { kind: 'run', ...plan, queries: queriesOf([sql]) };
  const near = named.unknown.nearest.filter(mayAsk);
  const which = near.length > 0 ? ` The nearest: ${near.join(', ')}.` : '';
  return { kind: 'clarify', ...plan, answer: `There is no target "${named.unknown.name}".${which}` };
}

/** What only makes sense after an earlier turn: the same again, elsewhere, with other values, or about what was found. */
function planFollowUp(
  input: RuleInput,
  text: string,
  named: NamedTargets,
  last: PastTurn,
  kept: readonly string[],
): Plan | undefined {
  const rest = named.rest.replaceAll(/\s+/g, ' ').trim();
  const now = input.now ?? new Date();
  const former = last.plan.agents.map(({ agent }) => agent);
  const formerParams: Params = Object.assign({}, ...last.plan.agents.map(({ params }) => params));
  const onReplica =
    /\b(the )?(replicas?|slaves?)\b/.test(rest) && asksElsewhere(rest.replace(/\b(the )?(replicas?|slaves?)\b/, ''));
  const replicas = onReplica
    ? input.targets.filter(({ name }) => last.plan.targets.includes(name)).flatMap((target) => target.replicas)
    : [];
  if (replicas.length === 0 && asksAgain(rest)) return { ...run(input, former, formerParams, kept), fresh: true };
  if (replicas.length > 0) return run(input, former, formerParams, replicas);
  if (named.names.length > 0 && asksElsewhere(rest)) return run(input, former, formerParams, named.names);
  const topics = readIntent(asksOtherwise(rest) ? withoutNamed(rest) : rest, input.agents);
  const own = topics.by === 'topic' || topics.by === 'workflow' ? topics.agents : [];
  if (meansReport(rest) || (pointsBack(rest) && (own.length === 0 || pointsAtThing(rest))))
    return answerBack(input, last, kept);
  const changed = readParameters(input.text, rest, former, { now, zone: input.zone });
  if (!/\b(compar\w*|versus|vs|against)\b/.test(rest)) delete changed['compare_to_previous'];
  const fits = Object.keys(changed).some((name) =>
    input.agents.some((agent) => former.includes(agent.name) && name in agent.parameters.shape),
  );
  if (fits && own.length === 0 && (asksOtherwise(rest) || text.length < 60))
    return run(input, former, { ...formerParams, ...changed }, kept);
  // Of what runs now there is no last hour; of what ran there is.
  if (changed['hours'] !== undefined && own.length === 0 && asksOtherwise(rest) && former.includes('running_query'))
    return run(input, ['slow_query'], changed, kept);
  return undefined;
}

/** A question that names a server, or speaks of a database in words that no rule knows, is taken for "is it healthy?". */
function suspicion({ agents }: RuleInput, { names, rest }: NamedTargets): readonly string[] {
  const isOrder = /^\s*(please |pls )?(check|look at|inspect|diagnose)\b\s*[\s.!?]*(please|pls)?[\s.!?]*$/.test(rest);
  const named = names.length > 0 && (isOrder || !asksElsewhere(rest)) && !asksOtherwise(rest);
  const spokenOf =
    /\b(data ?bases?|dbs?|db server|mariadb|mysql|innodb|datenbank(en)?|base de (datos|donnees|dados)|banco)\b/.test(
      rest,
    ) && rest.trim().split(' ').length > 2;
  return (named || spokenOf) && agents.some(({ name }) => name === 'incident_triage') ? ['incident_triage'] : [];
}

function answerBack(input: RuleInput, last: PastTurn, targets: readonly string[]): Plan {
  const answer = last.report ? answerFromContext(input.text, last.report) : 'That is answered from the report above.';
  return { kind: 'context', agents: [], source: 'rules', targets, answer };
}

/** What nobody understands and is asked below a report is taken for a question about it; the answer says what else there is. */
function answerUnclear(input: RuleInput, last: PastTurn, targets: readonly string[]): Plan {
  const plan = answerBack(input, last, targets);
  return { ...plan, answer: `${plan.answer}\n\nIf something else is meant: ${topicsInWords}` };
}

function run(input: RuleInput, names: readonly string[], params: Params, targets: readonly string[]): Plan {
  const calls: AgentCall[] = [];
  for (const agent of input.agents.filter(({ name }) => names.includes(name))) {
    const own = paramsFor(agent, params);
    if (own.invalid !== undefined) {
      return {
        kind: 'clarify',
        agents: [],
        source: 'rules',
        targets,
        answer: `That value does not work: ${own.invalid}. Which one is meant?`,
      };
    }
    calls.push({ agent: agent.name, params: own.params });
  }
  return { kind: 'run', agents: calls, source: 'rules', targets };
}

const outOfScopeAnswer =
  'Only the configured MariaDB servers can be asked about, and asking changes nothing on them: no data, no settings, no secrets. Say "help" for what can be asked.';

const ready = 'Ready. Name a target and what is wrong, or say "help".';
const topicsInWords =
  'health, slow queries, running queries, replication, connections, schema, configuration, capacity or backups?';

function clarifyAnswer({ turns, targets, mayAsk = () => true }: RuleInput, named: NamedTargets): string {
  if (turns?.length) return `What should be looked at: ${topicsInWords}`;
  const where = named.names[0] ?? targets.find(({ name }) => mayAsk(name))?.name ?? 'a target';
  return `What is wrong, and on which server? For instance: "why is ${where} slow?" or "who blocks whom on ${where}?"`;
}

function helpAnswer({ agents, targets, mayAsk = () => true }: RuleInput): string {
  const named = targets.map(({ name }) => name).filter(mayAsk);
  const lines = agents.map(({ title, description, useCases }) => `• ${title}: ${description} ("${useCases[0]}")`);
  const where = named.length > 0 ? `\nTargets: ${named.join(', ')}` : '';
  return `Ask in your own words, with the name of a target:\n${lines.join('\n')}\nThen: "tell me more about 1", "last 24 hours instead", "same for another target", "again".${where}`;
}

/** `dbcheck plan`: a JSON object for each line; ` >>> ` separates the turns of one conversation, and the last one is printed. */
export function planLines(input: string, targetNames: readonly string[], agents: readonly Agent[]): string[] {
  const targets = targetNames.map((name) => ({ name, tags: [], replicas: [] }));
  const lines = input.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line) => {
    const question = line.replace(/\r$/, '');
    const turns: PastTurn[] = [];
    for (const text of question.split(' >>> '))
      turns.push({ text, plan: planByRules({ text, turns, targets, agents }) });
    return planAsJson(question, (turns.at(-1) as PastTurn).plan);
  });
}

/** The fixed form that other programs read. */
function planAsJson(question: string, plan: Plan): string {
  const params: Params = Object.assign({}, ...plan.agents.map((call) => call.params));
  if (plan.targets.length > 0) params['target'] = plan.targets.join(',');
  return JSON.stringify({
    question,
    kind: plan.kind,
    agents: plan.agents.map(({ agent }) => agent),
    params,
    source: plan.source,
    ...(plan.queries ? { queries: plan.queries } : {}),
  });
}
