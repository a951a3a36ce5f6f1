import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import type { Report } from '../src/report/report.ts';
import type { Fault, World } from './faults/fault.ts';
import { faults } from './faults/registry.ts';
import { scoreReport } from './faults/score.ts';
import { type Show, startShow } from './show.ts';
import type { Scene } from './stage.ts';

const defaultFault = 'row-lock-chain';
const usage = `npm run demo -- [--fault ID] [--question "…"] [--once] [--model]

Starts a private MariaDB server with a shop, breaks it, starts the real bot on a local Slack workspace, asks, and prints
the thread as a person would read it. Stays up to be asked more until Ctrl-C; --once does one round and exits 0 when the
report names the injected fault, 1 when it does not. --model puts a scripted model behind the bot, priced as gpt-5-mini:
it plans, looks deeper once and words the summary, and what it invents is dropped.

faults
${faults.map(({ id, title }) => `  ${id.padEnd(28)}${title}`).join('\n')}
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      fault: { type: 'string' },
      question: { type: 'string' },
      once: { type: 'boolean' },
      model: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const id = values.fault ?? defaultFault;
  const fault = faults.find((one) => one.id === id);
  if (!fault) {
    process.stderr.write(`there is no fault "${id}"; --help lists them\n`);
    return 2;
  }
  const cleanUp: (() => Promise<unknown>)[] = [];
  const stopped = Promise.withResolvers<number>();
  process.once('SIGINT', () => stopped.resolve(130));
  process.once('SIGTERM', () => stopped.resolve(143));
  try {
    return await Promise.race([play(fault, values, cleanUp), stopped.promise]);
  } finally {
    for (const step of cleanUp.toReversed()) await step().catch(() => {});
  }
}

async function play(
  fault: Fault,
  { question, once, model }: { readonly question?: string; readonly once?: boolean; readonly model: boolean },
  cleanUp: (() => Promise<unknown>)[],
): Promise<number> {
  say(`Starting a private MariaDB server and breaking it: ${fault.title}`);
  const demo = await startShow(fault, model);
  cleanUp.push(demo.close);
  const { world, injection, proof } = demo.stage.scene as Scene;
  say(`Proved on the server: ${proof}`);
  say(demo.bot.ready);
  say(`The workspace in a browser: ${demo.workspace.pageUrl}`);
  const asked = demo.workspace.user('ada').mention('incidents', question ?? questionFor(fault, world));
  const report = await answerTo(demo, asked.ts, 0);
  printThread(demo, asked.ts);
  const { strict, rootAtOne, missing, extra } = scoreReport(injection.expect, report);
  // A healthy server, and a fault that is only a gap in sight, have no root cause.
  const right = strict > 0 && rootAtOne !== false;
  say(
    right
      ? `The report names what was injected (strict ${strict.toFixed(2)}).`
      : `The report does not name what was injected. Missing: ${missing.join('; ') || 'the root cause'}. Extra: ${extra.join('; ') || 'nothing'}`,
  );
  if (once) return right ? 0 : 1;
  return converse(demo, asked.ts);
}

/** Names the target where the fault's own question leaves it open and there are several. */
function questionFor(fault: Fault, world: World): string {
  if (world.targets.length === 1 || world.targets.some(({ name }) => fault.question.includes(name)))
    return fault.question;
  return `${fault.question} (${world.about})`;
}

/** The typed report behind the thread's answer, once the thread shows it. */
async function answerTo(demo: Show, threadTs: string, turn: number): Promise<Report> {
  const { workspace, bot } = demo;
  const key = `${workspace.settings.team.id}:${workspace.channel('incidents').id}:${threadTs}`;
  let report: Report | undefined;
  await workspace.waitFor(
    () => {
      void bot.conversations.load(key).then((conversation) => {
        report = conversation?.turns[turn]?.report;
      });
      if (!report) return undefined;
      const start = report.text.slice(0, 20);
      return (
        workspace
          .thread('incidents', threadTs)
          .some(({ text }) =>
            text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').startsWith(start),
          ) || undefined
      );
    },
    { timeoutMs: 60_000 },
  );
  const answered = report as unknown as Report;
  // The checklist's last frame may come a moment after the report.
  const finished = () =>
    workspace.thread('incidents', threadTs).some(({ text }) => /^(Done|Stopped)/.test(text)) || undefined;
  if (answered.plan.kind === 'run') await workspace.waitFor(finished, { timeoutMs: 5_000 }).catch(() => {});
  return answered;
}

let printed = 0;

function printThread(demo: Show, threadTs: string): void {
  const messages = demo.workspace.thread('incidents', threadTs);
  process.stdout.write(`\n${demo.workspace.render(messages.slice(printed))}\n`);
  printed = messages.length;
}

async function converse(demo: Show, threadTs: string): Promise<number> {
  say(
    'Ask more in this thread ("tell me more about 1", "again", "what about slow queries?"); "mend" takes the fault away; Ctrl-C ends.',
  );
  const lines = createInterface({ input: process.stdin });
  let turn = 1;
  for await (const line of lines) {
    const text = line.trim();
    if (text === '') continue;
    if (/^(quit|exit)$/.test(text)) break;
    if (text === 'mend') {
      await demo.stage.mend();
      say('The fault is gone; ask "again".');
      continue;
    }
    demo.workspace.user('ada').message('incidents', text, { threadTs });
    await answerTo(demo, threadTs, turn++);
    printThread(demo, threadTs);
  }
  return 0;
}

function say(text: string): void {
  process.stderr.write(`▸ ${text}\n`);
}

process.exit(
  await main().catch((error: unknown) => {
    process.stderr.write(`the demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }),
);
