import { z } from 'zod';
import { estimateTokens } from '../../src/llm/tokens.ts';
import type { Model, ScriptedReply } from './model.ts';

/** What tools and schema add to every prompt of a plan, in tokens; the server sees only their names. */
const toolTokens = 1_450;

const findings = z.object({
  findings: z.array(
    z.object({
      id: z.string(),
      summary: z.string(),
      severity: z.string(),
      actions: z.array(z.object({ action: z.string() })),
    }),
  ),
});

/**
 * A scripted model that does what a good one does, for a demo without a key: it plans by what the question says, looks
 * once deeper at what was found, and words the summary from the findings, with one sentence too many that is invented.
 * Tokens are counted from what it was really sent and answers.
 */
export function playColleague(model: Model): void {
  model.respond(({ messages, tools, user }) => {
    const sent = estimateTokens(messages.map(({ text }) => text).join('\n')) + (tools.length > 0 ? toolTokens : 0);
    const reply = tools.includes('enough')
      ? lookDeeper(messages.map(({ text }) => text).join('\n'))
      : tools.length > 0
        ? plan(messages.at(-1)?.text ?? user)
        : narrate(user);
    return { ...reply, usage: { inputTokens: sent, outputTokens: estimateTokens(JSON.stringify(reply)) } };
  });
}

function plan(question: string): ScriptedReply {
  const call = (name: string, args: object = {}) => ({ name, arguments: args });
  if (/slow quer|langsame/i.test(question)) return { calls: [call('analyze_slow_queries')] };
  if (/replic|lag/i.test(question)) return { calls: [call('check_replication_health')] };
  if (/connection/i.test(question)) return { calls: [call('analyze_connections')] };
  if (/more about|first one|second one|why/i.test(question) && !/\bon\b/i.test(question))
    return { calls: [call('reply_without_servers', { kind: 'context' })] };
  return { calls: [call('analyze_running_queries'), call('perform_incident_triage')] };
}

/** Locks and long transactions raise the question whether connections run out. */
function lookDeeper(told: string): ScriptedReply {
  const isAsked = told.includes('analyze_connections');
  return /"code":"(lock|tx|ddl)\./.test(told) && !isAsked
    ? { calls: [{ name: 'analyze_connections', arguments: {} }] }
    : { calls: [{ name: 'enough', arguments: {} }] };
}

function narrate(prompt: string): ScriptedReply {
  const told = findings.safeParse(JSON.parse(prompt.replace(/^<findings>|<\/findings>$/g, '')));
  const pressing = (told.data?.findings ?? []).filter(({ severity }) => severity !== 'info').slice(0, 2);
  const [worst] = pressing;
  if (!worst) return { json: { sentences: [] } };
  const sentences = pressing.flatMap(({ id, summary, actions }) =>
    [...summary.split('; '), ...actions.flatMap(({ action }) => action.split(/(?<=\.)\s+/))]
      .slice(0, 5)
      .map((text) => ({ text: `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`, findings: [id] })),
  );
  const invented = { text: 'The network between the servers is slow as well.', findings: [worst.id] };
  return { json: { sentences: sentences.length >= 5 ? [...sentences.slice(0, 5), invented] : sentences } };
}
