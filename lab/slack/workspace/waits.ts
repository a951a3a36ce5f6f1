import type { ThreadReference } from '../drivers/client.ts';
import { type WaitOptions, waitFor } from '../drivers/waiting.ts';
import type { Lab } from '../lab.ts';
import { messagesOf, threadOf } from '../messages.ts';
import type { Message, View } from '../nouns.ts';
import { renderMessages } from '../render/message.ts';
import type { Call } from '../traffic.ts';
import type { Directory } from './directory.ts';
import type { Observation } from './observation.ts';

/** Waiting without sleeping. Every wait rejects after its timeout and tells what the app did meanwhile. */
export interface Waits {
  /** See `drivers/waiting.ts`. */
  waitFor<T>(condition: () => T | undefined | null | false, options?: WaitOptions): Promise<T>;
  /** The first message of the bot in the thread, after the given message, that fits. */
  waitForReply(after: ThreadReference, fits?: (message: Message) => boolean, options?: WaitOptions): Promise<Message>;
  waitForEphemeral(user: string, fits?: (message: Message) => boolean, options?: WaitOptions): Promise<Message>;
  waitForModal(user: string, fits?: (view: View) => boolean, options?: WaitOptions): Promise<View>;
  waitForHome(user: string, fits?: (view: View) => boolean, options?: WaitOptions): Promise<View>;
  waitForCall(method: string, fits?: (call: Call) => boolean, options?: WaitOptions): Promise<Call>;
  /** Waits until the app has so many Socket Mode connections (1 by default). */
  waitForConnection(count?: number, options?: WaitOptions): Promise<number>;
  /** Calls back after each change; returns how to stop. */
  onChange(listener: () => void): () => void;
}

/** The last calls and messages, for the report of a wait that failed. */
function describe(lab: Lab): string {
  const calls = lab.traffic.calls
    .slice(-8)
    .map((call) => `  ${call.method} → ${call.error ?? 'ok'} (${call.durationMs} ms)`);
  const sent = lab.outbox.deliveries.slice(-5).map((delivery) => {
    const last = delivery.attempts.at(-1);
    return `  ${delivery.name} → ${last === undefined ? 'pending' : `${last.outcome} after ${last.afterMs} ms`}`;
  });
  const shown = [...lab.state.channels.values()]
    .flatMap((channel) => messagesOf(lab.state, channel.id).slice(-4))
    .sort((one, other) => one.postedAt - other.postedAt);
  return ['calls of the app:', ...calls, 'deliveries:', ...sent, 'last messages:', renderMessages(lab, shown)].join(
    '\n',
  );
}

export function createWaits(lab: Lab, directory: Directory, observation: Observation): Waits {
  const { state } = lab;

  function wait<T>(condition: () => T | undefined | null | false, waiting: WaitOptions = {}): Promise<T> {
    return waitFor(state, condition, waiting, () => describe(lab));
  }

  return {
    waitFor: wait,
    waitForReply(after, fits = () => true, waiting = {}) {
      const { app } = lab.settings;
      const find = (): Message | undefined =>
        threadOf(state, directory.channel(after.channel).id, after.threadTs ?? after.ts).find(
          (message) => message.botId === app.botId && message.ts > after.ts && fits(message),
        );
      return wait(find, { what: `a reply in the thread of ${after.ts}`, ...waiting });
    },
    waitForEphemeral: (name, fits = () => true, waiting = {}) =>
      wait(() => observation.ephemerals(name).find(fits), { what: `an ephemeral message for ${name}`, ...waiting }),
    waitForModal: (name, fits = () => true, waiting = {}) =>
      wait(() => observation.views(name).findLast(fits), { what: `a modal for ${name}`, ...waiting }),
    waitForHome(name, fits = () => true, waiting = {}) {
      const find = (): View | undefined => {
        const home = observation.home(name);
        return home !== undefined && fits(home) ? home : undefined;
      };
      return wait(find, { what: `the home tab of ${name}`, ...waiting });
    },
    waitForCall: (method, fits = () => true, waiting = {}) =>
      wait(() => observation.calls(method).find(fits), { what: `a call of ${method}`, ...waiting }),
    waitForConnection: (count = 1, waiting = {}) =>
      wait(() => observation.connections >= count && observation.connections, {
        what: `${count} Socket Mode connections`,
        ...waiting,
      }),
    onChange(listener) {
      state.listeners.add(listener);
      return () => state.listeners.delete(listener);
    },
  };
}
