import type { Agent } from '../../agents/agent.ts';
import { changeWords } from './intents.ts';
import { readNames } from './names.ts';
import { type Durations, readCount, readDurations } from './windows.ts';

export type Params = Record<string, string | number | boolean>;

/** Parameters that name one thing: where a question gives one, the agent that takes it is meant. */
const identifying = ['process_id', 'channel'] as const;

/** The agent that alone can use an identifier of the question, or undefined. */
export function agentOfIdentifier(params: Params, agents: readonly Agent[]): string | undefined {
  for (const name of identifying) {
    if (params[name] === undefined) continue;
    const takers = agents.filter((agent) => name in agent.parameters.shape);
    if (takers.length === 1) return takers[0]?.name;
  }
  return undefined;
}

/** Everything that a question sets, under the agents' parameter names; which agent takes what is decided by their schemas. */
export function readParameters(
  original: string,
  text: string,
  agents: readonly string[],
  { now, zone }: { readonly now: Date; readonly zone?: string | undefined },
): Params {
  const durations = readDurations(text, now, zone);
  const named = readNames(original, text);
  const count = readCount(text);
  const set: Record<string, string | number | boolean | undefined> = {
    ...durationParams(durations),
    process_id: named.processId,
    schema: named.schema,
    table: named.table,
    user: named.user,
    host: named.host,
    channel: named.channel,
    include_sleeping:
      /\bincl(ude|uding|usive|\.)? ?(the |all )?(idle|sleep(ing|ers?))\b|\b(also|with|and|show|plus|add)( the| all)? (sleep(ing|ers?)|idle (ones|sessions|threads|connections))\b|\b(sleeping|idle) (ones|sessions|threads|connections)?,? ?(too|as well|included|also)\b/.test(
        text,
      )
        ? true
        : undefined,
    compare_to_previous: comparison.test(text) || changeWords.test(text) ? true : undefined,
    max_patterns: count,
    max_queries: count,
    max_error_patterns: /error patterns?|patterns? of errors?/.test(text) ? count : undefined,
    error_log_lines: linesOf(text),
  };
  // "top 5" belongs to the statements, where both kinds of lists are asked for.
  if (agents.includes('slow_query') && agents.includes('running_query')) delete set['max_queries'];
  return Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined)) as Params;
}

const comparison =
  /\b(compar(e|ed|ing|ison)|versus|vs\.?|than (yesterday|before|usual|last|the day)|(day|week|hour|period) before|slower than(?! ?\d)|(slower|worse) (ever )?since\b|regress\w*|against yesterday)\b/;

function durationParams({ windowSeconds, atLeastSeconds, maxAgeSeconds }: Durations) {
  return {
    hours: windowSeconds === undefined ? undefined : round(windowSeconds / 3_600),
    days: windowSeconds === undefined ? undefined : round(windowSeconds / 86_400),
    // "older than" is an age of a backup or of a transaction; only one agent has each.
    min_time_seconds: atLeastSeconds ?? maxAgeSeconds,
    max_age_hours: maxAgeSeconds === undefined ? undefined : round(maxAgeSeconds / 3_600),
  };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function linesOf(text: string): number | undefined {
  const found = /\b(?:last|past|latest|tail)?\s?(\d{2,6}) lines\b/.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Those of the parameters that an agent has; an invalid value is named with what is allowed. */
export function paramsFor(
  agent: Agent,
  params: Params,
): { readonly params: Params; readonly invalid: string | undefined } {
  const own = Object.fromEntries(Object.entries(params).filter(([name]) => name in agent.parameters.shape));
  const parsed = agent.parameters.safeParse(own);
  const issue = parsed.error?.issues[0];
  const invalid = issue ? `${String(issue.path[0]).replaceAll('_', ' ')}: ${lowerFirst(issue.message)}` : undefined;
  return { params: own, invalid };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
