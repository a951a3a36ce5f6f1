import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type BotProcess, startBotProcess } from '../bot-process.ts';
import { type LabServer, startServer } from '../mariadb/server.ts';
import { targetEntry } from '../mariadb/target.ts';
import { type LabRedis, startRedis } from '../redis/server.ts';
import type { Message } from '../slack/nouns.ts';
import { startWorkspace, type Workspace } from '../slack/workspace.ts';
import { type Random, randomFrom } from '../slow-log/random.ts';

/** What a drill does to the bot while people ask. */
interface Drill {
  readonly id: string;
  readonly about: string;
  /** Comes back again and again until it is over; returns what it did, for the count. */
  readonly trouble: (scene: Scene) => Promise<string | undefined>;
  /** Ends what the last trouble left. */
  readonly mend?: (scene: Scene) => Promise<void> | void;
}

export interface DrillResult {
  readonly id: string;
  readonly questions: number;
  /** Times that the trouble was made. */
  readonly troubles: number;
  /** Answered by what was asked for. */
  readonly answered: number;
  /** Told that the question was interrupted, with a button to ask it again. */
  readonly interrupted: number;
  readonly lost: number;
  readonly twice: number;
  /** Threads whose checklist still says that it works. */
  readonly withoutLastWord: number;
  readonly seconds: number;
}

interface Scene {
  readonly workspace: Workspace;
  readonly servers: readonly LabServer[];
  readonly random: Random;
  readonly storeFolder: string;
  /** Holds the store in the drill of that name. */
  readonly redis: LabRedis | undefined;
  bot: BotProcess;
  restart(): Promise<void>;
}

const serverNames = ['orders-prod', 'billing-prod', 'stock-prod'] as const;
/** How long threads may take to have their last word after the last question. */
const settleMs = 90_000;
/** Slack tries again at once, after a minute and after five; here the minutes are seconds. */
const retryDelaysMs = [0, 1_000, 5_000, 10_000];
const storeMegabytes = 8;

export const drills: readonly Drill[] = [
  {
    id: 'kill',
    about: 'the bot is killed (SIGKILL) at random moments and started again',
    async trouble(scene) {
      await wait(scene.random.integer(200, 1_200));
      await scene.bot.kill();
      await scene.restart();
      return 'killed';
    },
  },
  {
    id: 'socket',
    about: 'the connections to Slack are cut or refreshed at random moments',
    async trouble({ workspace, random }) {
      await wait(random.integer(300, 1_500));
      const how = random.pick(['terminate', 'refresh_requested', 'warning'] as const);
      const dropped = workspace.trouble.dropSocket(how, random.integer(1, 2));
      return dropped > 0 ? how : undefined;
    },
  },
  {
    id: 'server',
    about: 'a monitored server is frozen (SIGSTOP) and goes on later',
    async trouble({ servers, random }) {
      const server = random.pick(servers);
      await wait(random.integer(200, 800));
      server.suspend();
      await wait(random.integer(1_000, 4_000));
      server.resume();
      return 'frozen';
    },
    mend({ servers }) {
      for (const server of servers) server.resume();
    },
  },
  {
    id: 'redis',
    about: 'the Redis that holds the store is killed and started again',
    async trouble({ redis, random }) {
      await wait(random.integer(300, 2_000));
      await redis?.kill();
      await wait(random.integer(200, 1_500));
      await redis?.restart();
      return 'restarted';
    },
  },
  {
    id: 'disk',
    about: 'the disk of the store is full for a while',
    async trouble({ storeFolder, random }) {
      const ballast = join(storeFolder, 'ballast');
      await wait(random.integer(200, 1_000));
      spawnSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=64k'], { stdio: 'ignore' });
      await wait(random.integer(1_000, 3_000));
      rmSync(ballast, { force: true });
      return 'full';
    },
    mend: ({ storeFolder }) => rmSync(join(storeFolder, 'ballast'), { force: true }),
  },
];

/** Asks `questions` questions while the drill makes trouble, waits for the last words, and counts. */
export async function runDrill(drill: Drill, questions: number, seed = 7): Promise<DrillResult> {
  const startedAt = performance.now();
  const random = randomFrom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'dbcheck-drill-'));
  const storeFolder = join(folder, 'store');
  mkdirSync(storeFolder);
  const atEnd: (() => Promise<unknown> | unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    if (drill.id === 'disk') {
      const size = `size=${storeMegabytes}m`;
      const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'dbcheck-drill', storeFolder]);
      if (mounted.status !== 0) throw new Error('a small disk for the store cannot be mounted: that needs root');
      atEnd.push(() => spawnSync('umount', [storeFolder]));
    }
    const servers = await Promise.all(serverNames.map((name) => startServer({ name })));
    atEnd.push(() => Promise.all(servers.map((server) => server.stop())));
    const workspace = await startWorkspace({ retryDelaysMs });
    atEnd.push(() => workspace.close());
    const config = join(folder, 'dbcheck.yml');
    writeFileSync(
      config,
      JSON.stringify({
        targets: servers.map((server) => targetEntry(server)),
        store: { path: join(storeFolder, 'dbcheck.db') },
        run: { windowSeconds: 0.3, statementSeconds: 1 },
      }),
    );
    const redis = drill.id === 'redis' ? await startRedis() : undefined;
    atEnd.push(async () => redis?.stop());
    const variables = redis ? { REDIS_URL: redis.url } : {};
    const { apiUrl, settings } = workspace;
    const start = () => startBotProcess({ config, apiUrl, settings, variables });
    const scene: Scene = {
      workspace,
      servers,
      random,
      storeFolder,
      redis,
      bot: await start(),
      async restart() {
        scene.bot = await start();
      },
    };
    atEnd.push(() => scene.bot.kill());
    await workspace.waitForConnection();
    const asked: Message[] = [];
    const isOver = { now: false };
    const troubles = makeTrouble(drill, scene, isOver);
    await ask(questions, scene, asked);
    isOver.now = true;
    const made = await troubles;
    await drill.mend?.(scene);
    const settled = () => asked.every((message) => lastWordOf(workspace, message) !== undefined);
    await workspace.waitFor(settled, { timeoutMs: settleMs }).catch(() => {});
    await workspace.waitFor(() => openChecklists(workspace, asked) === 0, { timeoutMs: settleMs / 3 }).catch(() => {});
    return {
      ...count(workspace, asked),
      id: drill.id,
      troubles: made,
      seconds: (performance.now() - startedAt) / 1_000,
    };
  } finally {
    for (const end of atEnd.toReversed()) await end();
  }
}

async function makeTrouble(drill: Drill, scene: Scene, isOver: { readonly now: boolean }): Promise<number> {
  let made = 0;
  while (!isOver.now) {
    if ((await drill.trouble(scene)) !== undefined) made += 1;
  }
  return made;
}

/** People ask in channels and directly, on every server, in threads of their own; some only want help. */
async function ask(questions: number, { workspace, random }: Scene, asked: Message[]): Promise<void> {
  for (let number = 0; number < questions; number += 1) {
    const person = workspace.user(random.pick(['ada', 'ben', 'cleo']));
    const text = random.chance(0.2) ? 'help' : `is ${random.pick(serverNames)} healthy?`;
    const where = random.pick(['incidents', 'dba', 'direct']);
    asked.push(where === 'direct' ? person.direct(text) : person.mention(where, text));
    await wait(random.integer(20, 250));
  }
}

/** The first messages of answers in a thread: each carries the key of its question. */
function answersIn(workspace: Workspace, asked: Message): readonly Message[] {
  return workspace.thread(asked.channel, asked.ts).filter(({ metadata }) => {
    const { key } = (metadata?.['event_payload'] ?? {}) as { readonly key?: string };
    return key?.endsWith('/0') ?? false;
  });
}

function lastWordOf(workspace: Workspace, asked: Message): Message | undefined {
  return answersIn(workspace, asked).at(-1);
}

/** Checklists that are still streamed or still say how far a run is. */
function openChecklists(workspace: Workspace, asked: readonly Message[]): number {
  return asked.filter((message) =>
    workspace
      .thread(message.channel, message.ts)
      .some(({ stream, blocks }) => stream?.state === 'streaming' || JSON.stringify(blocks).includes('"dbcheck:stop"')),
  ).length;
}

function count(workspace: Workspace, asked: readonly Message[]): Omit<DrillResult, 'id' | 'troubles' | 'seconds'> {
  const answers = asked.map((message) => answersIn(workspace, message));
  const isInterrupted = (messages: readonly Message[]) =>
    messages.some(({ text }) => /^(Interrupted|Stopped)/.test(text));
  return {
    questions: asked.length,
    answered: answers.filter((messages) => messages.length > 0 && !isInterrupted(messages)).length,
    interrupted: answers.filter(isInterrupted).length,
    lost: answers.filter((messages) => messages.length === 0).length,
    twice: answers.filter((messages) => messages.length > 1).length,
    withoutLastWord: openChecklists(workspace, asked),
  };
}

export const drillHeader =
  'drill    questions  troubles  answered  interrupted  lost  twice  without a last word  seconds';

export function renderDrill(result: DrillResult): string {
  const { id, questions, troubles, answered, interrupted, lost, twice, withoutLastWord, seconds } = result;
  const cells: readonly (readonly [string | number, number])[] = [
    [questions, 9],
    [troubles, 8],
    [answered, 8],
    [interrupted, 11],
    [lost, 4],
    [twice, 5],
    [withoutLastWord, 19],
    [seconds.toFixed(0), 7],
  ];
  return [id.padEnd(7), ...cells.map(([value, width]) => String(value).padStart(width))].join('  ');
}
