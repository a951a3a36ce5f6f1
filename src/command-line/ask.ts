import { createInterface } from 'node:readline';
import { type Conversation, createMemoryConversations } from '../conversation/conversation.ts';
import type { Progress } from '../orchestrator/question.ts';
import type { Report } from '../report/report.ts';
import { commonOptions, parseArguments, type Terminal, text, UsageError } from './options.ts';
import { openWorkplace, type Workplace } from './workplace.ts';

const options = {
  ...commonOptions,
  fresh: { type: 'boolean' },
  'fail-on': { type: 'string' },
  'error-log-path': { type: 'string' },
} as const;

/** `dbcheck "question"`: plan, run, answer once. */
export async function askOnce(argv: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = parseArguments(argv, options);
  const question = parsed.positionals.join(' ').trim();
  if (question === '')
    throw new UsageError('the question is empty; ask for instance: dbcheck "is orders-prod healthy?"');
  const failOn = failOnOf(text(parsed.values, 'fail-on'));
  const workplace = await openWorkplace(parsed);
  try {
    const report = await ask(workplace, question, terminal, {
      defaultTarget: text(parsed.values, 'target'),
      fresh: parsed.values['fresh'] === true,
    });
    terminal.out(parsed.values['json'] ? `${JSON.stringify(report)}\n` : `${report.text}\n`);
    return exitCode(report, failOn);
  } finally {
    await workplace.close();
  }
}

/** `dbcheck` without arguments: a conversation in the terminal, until `quit` or end of input. */
export async function converse(argv: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = parseArguments(argv, options);
  const workplace = await openWorkplace(parsed);
  const conversations = createMemoryConversations();
  let key = 'terminal-1';
  const lines = createInterface({ input: terminal.input, terminal: false });
  const prompt = () => terminal.err(terminal.interactive ? 'dbcheck> ' : '');
  terminal.err('Ask about your databases. "help" lists what there is, "clear" forgets, "quit" leaves.\n');
  terminal.signal.addEventListener('abort', () => lines.close(), { once: true });
  prompt();
  try {
    for await (const line of lines) {
      const question = line.trim();
      if (/^(quit|exit)$/i.test(question)) break;
      if (/^clear$/i.test(question)) {
        key = `terminal-${Date.now()}`;
        terminal.out('Forgotten.\n');
      } else if (question !== '') {
        const conversation = await conversations.load(key);
        const report = await ask(workplace, question, terminal, {
          defaultTarget: text(parsed.values, 'target'),
          ...(conversation ? { conversation } : {}),
        });
        terminal.out(`${report.text}\n\n`);
        await conversations.append(key, { question, askedAt: report.takenAt, report });
      }
      prompt();
    }
    return 0;
  } finally {
    lines.close();
    await workplace.close();
  }
}

function ask(
  { orchestrator }: Workplace,
  question: string,
  terminal: Terminal,
  hints: { readonly defaultTarget: string | undefined; readonly fresh?: boolean; readonly conversation?: Conversation },
): Promise<Report> {
  return orchestrator.ask({
    text: question,
    signal: terminal.signal,
    ...(hints.defaultTarget === undefined ? {} : { defaultTarget: hints.defaultTarget }),
    ...(hints.fresh ? { fresh: true } : {}),
    ...(hints.conversation ? { conversation: hints.conversation } : {}),
    onProgress: showProgress(terminal),
  });
}

/** A line per finished agent for whoever watches; nothing where the output is read by a program. */
export function showProgress(terminal: Terminal): (event: Progress) => void {
  return (event) => {
    if (!terminal.interactive || event.type !== 'agent_finished') return;
    const { agent, target, status, headline, reason } = event.result;
    terminal.err(`  ${agent} on ${target}: ${headline || reason || status}\n`);
  };
}

export type FailOn = 'warning' | 'critical' | undefined;

export function failOnOf(value: string | undefined): FailOn {
  if (value === undefined || value === 'warning' || value === 'critical') return value;
  throw new UsageError(`--fail-on: expected warning or critical, got ${value}`);
}

/** 0 answered, 1 could not answer, 3 where --fail-on says so. */
export function exitCode(report: Report, failOn: FailOn): number {
  const bad = report.verdict === 'critical' || (failOn === 'warning' && report.verdict === 'degraded');
  if (failOn !== undefined && bad) return 3;
  if (report.plan.kind === 'clarify') return 1;
  if (report.plan.kind !== 'run') return 0;
  if (report.results.length === 0) return report.inspections?.every(({ status }) => status === 'answered') ? 0 : 1;
  const answered = report.results.some(({ status }) => status === 'completed' || status === 'not_applicable');
  // A server that is full tells something about itself; one that is not there does not.
  return answered || report.findings.some(({ code }) => code !== 'incident.unreachable') ? 0 : 1;
}
