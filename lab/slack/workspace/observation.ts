import { homeOf } from '../api/views.ts';
import type { Delivery } from '../delivery/outbox.ts';
import type { ThreadReference } from '../drivers/client.ts';
import type { Lab } from '../lab.ts';
import { messagesOf, threadOf } from '../messages.ts';
import type { FunctionRun, Message, Session, SlackFile, View } from '../nouns.ts';
import { renderMessages } from '../render/message.ts';
import { sessionKey } from '../state.ts';
import type { Call, PostedViolation } from '../traffic.ts';
import type { Directory } from './directory.ts';

/** How long the app took to acknowledge one delivery. */
interface AckLatency {
  readonly name: string;
  readonly afterMs: number;
}

/** What can be seen of the workspace: by people, and in the traffic log. */
export interface Observation {
  /** A message as it is now. */
  message(reference: ThreadReference): Message | undefined;
  /** All messages of a channel in order, replies included, ephemeral and deleted ones not. */
  messages(channel: string): readonly Message[];
  /** A thread's root and replies in order. */
  thread(channel: string, ts: string): readonly Message[];
  /** The messages that only this user saw; without a user, all of them. */
  ephemerals(user?: string): readonly Message[];
  files(): readonly SlackFile[];
  /** Open modals of a user, the top one last. */
  views(user: string): readonly View[];
  home(user: string): View | undefined;
  session(thread: ThreadReference): Session | undefined;
  functionRun(executionId: string): FunctionRun | undefined;

  /** Calls of the app, of one method or all, in the order of their answers. */
  calls(method?: string): readonly Call[];
  readonly deliveries: readonly Delivery[];
  /** Acknowledged first attempts in order. */
  ackLatencies(): readonly AckLatency[];
  /** Open Socket Mode connections. */
  readonly connections: number;
  readonly violations: readonly PostedViolation[];
  clearViolations(): void;
  /** Throws when the app ever sent something that Slack refuses or that serves people badly. */
  assertNoViolations(): void;

  /** Messages as a person reads them in a terminal. */
  render(messages: readonly Message[]): string;
}

export function createObservation(lab: Lab, directory: Directory): Observation {
  const { state } = lab;
  return {
    message: ({ channel, ts }) => state.messages.get(channel)?.get(ts),
    messages: (name) => messagesOf(state, directory.channel(name).id),
    thread: (name, ts) => threadOf(state, directory.channel(name).id, ts),
    ephemerals(name) {
      const shown = state.ephemerals.filter((message) => !message.deleted);
      return name === undefined ? shown : shown.filter((message) => message.ephemeralTo === directory.user(name).id);
    },
    files: () => [...state.files.values()],
    views: (name) =>
      [...state.views.values()].filter(
        (view) => view.kind === 'modal' && view.open && view.user === directory.user(name).id,
      ),
    home: (name) => homeOf(lab, directory.user(name).id),
    session: (thread) =>
      state.sessions.get(sessionKey(directory.channel(thread.channel).id, thread.threadTs ?? thread.ts)),
    functionRun: (executionId) => state.functionRuns.get(executionId),

    calls: (method) => lab.traffic.calls.filter((call) => method === undefined || call.method === method),
    deliveries: lab.outbox.deliveries,
    ackLatencies: () =>
      lab.outbox.deliveries.flatMap(({ name, attempts }) => {
        const [first] = attempts;
        return first?.outcome === 'acknowledged' ? [{ name, afterMs: first.afterMs }] : [];
      }),
    get connections() {
      return lab.connections();
    },
    violations: lab.traffic.violations,
    clearViolations() {
      lab.traffic.violations.length = 0;
    },
    assertNoViolations() {
      const bad = lab.traffic.violations.filter((violation) => violation.severity !== 'warning');
      if (bad.length === 0) return;
      const lines = bad.map((found) => `  ${found.method} ${found.path}: ${found.message} (${found.severity})`);
      throw new Error(`the app sent what Slack refuses or people cannot use:\n${lines.join('\n')}`);
    },

    render: (messages) => renderMessages(lab, messages),
  };
}
