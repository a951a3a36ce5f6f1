import { App, SocketModeReceiver } from '@slack/bolt';
import type { Message } from '../slack/nouns.ts';
import { startWorkspace, type Workspace } from '../slack/workspace.ts';
import { type Figure, percentile } from './figure.ts';
import { type Site, startSite } from './site.ts';

const idleQuestions = 40;
/** Threads that are asked at the same time under load. */
const loadedThreads = 30;
const wholeChecks = 10;
const percents = [50, 95, 99] as const;
const patienceMs = 120_000;

interface Times {
  readonly acknowledgedMs: readonly number[];
  readonly firstSignMs: readonly number[];
  readonly reportMs: readonly number[];
}

/** How long a person waits until Slack knows, and until something is seen in the thread. */
export async function benchLatency(): Promise<readonly Figure[]> {
  const floor = await bareBolt();
  const site = await startSite({ settings: { run: { windowSeconds: 0.5, cacheSeconds: 0 } } });
  try {
    const idle = await askOneByOne(site, 'what runs on server-1?', idleQuestions);
    const whole = await askOneByOne(site, 'full health check of server-1', wholeChecks);
    const loaded = await askAtOnce(site, loadedThreads);
    return [
      ...figures('acknowledgement, idle', idle.acknowledgedMs, 500, floor),
      ...figures('acknowledgement, 30 threads at once', loaded.acknowledgedMs, 500, floor),
      ...figures('first progress, idle', idle.firstSignMs),
      ...figures('first progress, 30 threads at once', loaded.firstSignMs),
      ...figures('event to report, one agent', idle.reportMs),
      ...figures('event to report, full health check (window 0.5 s)', whole.reportMs),
      ...figures('event to report, 30 threads at once', loaded.reportMs),
    ];
  } finally {
    await site.close();
  }
}

function figures(what: string, samples: readonly number[], limitMs?: number, floor?: readonly number[]): Figure[] {
  return percents.map((percent) => ({
    name: `latency: ${what}, p${percent}`,
    unit: 'ms',
    value: percentile(samples, percent),
    better: 'lower',
    ...(floor ? { beside: { name: 'for a bare Bolt app', value: percentile(floor, percent) } } : {}),
    ...(limitMs !== undefined && percent === 99 ? { promise: { of: 'value' as const, limit: limitMs } } : {}),
  }));
}

async function askOneByOne({ workspace }: Site, question: string, questions: number): Promise<Times> {
  const before = workspace.ackLatencies().length;
  const firstSignMs: number[] = [];
  const reportMs: number[] = [];
  for (let number = 0; number < questions; number++) {
    const asked = workspace.user('ada').mention('incidents', question);
    firstSignMs.push(await firstSign(workspace, asked));
    reportMs.push(await answered(workspace, asked));
  }
  return { acknowledgedMs: acknowledgements(workspace, before), firstSignMs, reportMs };
}

async function askAtOnce({ workspace }: Site, threads: number): Promise<Times> {
  const before = workspace.ackLatencies().length;
  const asked = Array.from({ length: threads }, () => workspace.user('ben').mention('dba', 'what runs on server-1?'));
  const firstSignMs = await Promise.all(asked.map((message) => firstSign(workspace, message)));
  const reportMs = await Promise.all(asked.map((message) => answered(workspace, message)));
  return { acknowledgedMs: acknowledgements(workspace, before), firstSignMs, reportMs };
}

function acknowledgements(workspace: Workspace, from: number): number[] {
  return workspace
    .ackLatencies()
    .slice(from)
    .filter(({ name }) => name === 'app_mention')
    .map(({ afterMs }) => afterMs);
}

/** Until the checklist or anything else of the bot stands in the thread. */
async function firstSign(workspace: Workspace, asked: Message): Promise<number> {
  const reply = await workspace.waitForReply(asked, () => true, { timeoutMs: patienceMs });
  return reply.postedAt - asked.postedAt;
}

/** Until the report itself stands there. */
async function answered(workspace: Workspace, asked: Message): Promise<number> {
  const reply = await workspace.waitForReply(asked, ({ metadata }) => metadata !== undefined, {
    timeoutMs: patienceMs,
  });
  return reply.postedAt - asked.postedAt;
}

/** A Bolt app that does nothing, in the same workspace: what Slack's own library takes to acknowledge. */
async function bareBolt(): Promise<readonly number[]> {
  const workspace = await startWorkspace();
  const { botToken, appToken, app: who } = workspace.settings;
  const clientOptions = { slackApiUrl: workspace.apiUrl };
  const quiet = {
    debug() {},
    info() {},
    warn() {},
    error() {},
    setLevel() {},
    setName() {},
    getLevel: () => 'error' as never,
  };
  const receiver = new SocketModeReceiver({ appToken, installerOptions: { clientOptions }, logger: quiet });
  const app = new App({
    token: botToken,
    botId: who.botId,
    botUserId: who.botUserId,
    receiver,
    clientOptions,
    logger: quiet,
  });
  app.event('app_mention', async () => {});
  await app.start();
  await workspace.waitForConnection();
  try {
    for (let number = 0; number < idleQuestions; number++) {
      workspace.user('ada').mention('incidents', 'nobody answers');
      await workspace.waitFor(() => workspace.deliveries.every(({ finished }) => finished));
    }
    return acknowledgements(workspace, 0);
  } finally {
    await app.stop();
    await workspace.close();
  }
}
