import { z } from 'zod';
import type { Log } from '../log.ts';
import type { SessionCost } from '../targets/connection.ts';
import { type AgentJob, agentJob, jobCost } from './job.ts';
import type { RedisClients } from './redis-clients.ts';

/** What a process is asked to do for another: a job on a server that it is connected to. */
const request = z.object({ from: z.string(), id: z.string(), data: agentJob });
const reply = z.object({ id: z.string(), state: z.enum(['taken', 'done', 'refused']), cost: jobCost.exactOptional() });

const askChannel = (process: string) => `dbcheck-jobs:ask:${process}`;
const tellChannel = (process: string) => `dbcheck-jobs:tell:${process}`;

/** Whoever lives says so at once. */
const takenWithinMs = 1_000;

/** Jobs go to whoever is connected to their server: that is quicker than to wait until it is not. */
export interface Errands {
  /** Has a job done by the process that is connected; undefined where that does not take it, or is gone in the middle. */
  ask(
    holder: string,
    id: string,
    data: AgentJob,
    how: { readonly onTaken: () => void; readonly isHolder: () => Promise<boolean> },
  ): Promise<SessionCost | undefined>;
  close(): void;
}

interface Asked {
  readonly taken: () => void;
  readonly end: (cost: SessionCost | undefined) => void;
}

/**
 * `perform` does a job of another process and stores its outcome; undefined where it cannot. Messages may get lost with
 * Redis: whoever asked then takes the job back.
 */
export async function openErrands(
  self: string,
  perform: (id: string, data: AgentJob) => Promise<SessionCost | undefined>,
  clients: RedisClients,
  log: Log,
): Promise<Errands> {
  const listener = await clients.open('patient');
  const speaker = await clients.open('impatient');
  const asked = new Map<string, Asked>();
  const say = (channel: string, message: object) =>
    speaker.publish(channel, JSON.stringify(message)).catch((error: unknown) => {
      log.debug({ err: error }, 'a message to another process was lost');
      return 0;
    });

  async function serve({ from, id, data }: z.infer<typeof request>): Promise<void> {
    const back = tellChannel(from);
    await say(back, { id, state: 'taken' });
    const cost = await perform(id, data).catch((error: unknown) => {
      log.warn({ err: error }, 'a job of another process could not be done');
      return undefined;
    });
    await say(back, cost === undefined ? { id, state: 'refused' } : { id, state: 'done', cost });
  }

  function hear({ id, state, cost }: z.infer<typeof reply>): void {
    const found = asked.get(id);
    if (state === 'taken') found?.taken();
    else found?.end(state === 'done' ? cost : undefined);
  }

  listener.on('message', (channel: string, text: string) => {
    const isRequest = channel === askChannel(self);
    const message = (isRequest ? request : reply).safeParse(readJson(text)).data;
    if (message === undefined) return;
    if (isRequest) void serve(message as z.infer<typeof request>);
    else hear(message as z.infer<typeof reply>);
  });
  await listener.subscribe(askChannel(self), tellChannel(self));

  return {
    async ask(holder, id, data, { onTaken, isHolder }) {
      const { promise, resolve } = Promise.withResolvers<SessionCost | undefined>();
      let isTaken = false;
      asked.set(id, {
        taken() {
          if (!isTaken) onTaken();
          isTaken = true;
        },
        end: resolve,
      });
      const timer = setInterval(async () => {
        const goesOn = isTaken && Date.now() < data.untilMs && (await isHolder().catch(() => false));
        if (!goesOn) resolve(undefined);
      }, takenWithinMs);
      try {
        const heardBy = await say(askChannel(holder), { from: self, id, data });
        return heardBy === 0 ? undefined : await promise;
      } finally {
        clearInterval(timer);
        asked.delete(id);
      }
    },
    close() {
      for (const { end } of asked.values()) end(undefined);
      listener.disconnect();
      speaker.disconnect();
    },
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
