import { setTimeout as delay } from 'node:timers/promises';
import {
  type ChatCompletionRequest,
  type ChatMessage,
  createServer,
  type Fixture,
  type FixtureOpts,
  type FixtureResponse,
} from '@copilotkit/aimock';

/** One thing that the model answers. */
export type ScriptedReply = (
  | { readonly text: string }
  /** Structured output. */
  | { readonly json: unknown }
  /** Tool calls. `arguments` as text is sent as it is, valid JSON or not. */
  | {
      readonly calls: readonly { readonly name: string; readonly arguments: object | string }[];
      readonly text?: string;
    }
  | { readonly status: number; readonly message?: string; readonly retryAfterSeconds?: number }
  /** A broken answer: a body that is no JSON, a cut connection before it, a stream cut after its first chunk. */
  | { readonly fault: 'malformed' | 'cut' | 'cut_stream' }
) & {
  readonly usage?: { readonly inputTokens: number; readonly outputTokens: number };
  /** Waits before answering. */
  readonly latencyMs?: number;
};

/** A request as the model got it, from either API. */
interface ModelRequest {
  readonly path: string;
  readonly model: string;
  /** All system messages together. */
  readonly system: string;
  /** The text of the last message of the user. */
  readonly user: string;
  readonly messages: readonly { readonly role: string; readonly text: string }[];
  /** Names of the tools it was offered. */
  readonly tools: readonly string[];
  /** What tools answered, in order. */
  readonly toolResults: readonly string[];
  readonly isStream: boolean;
  readonly status: number;
}

/** What a responder sees of a request. */
type Incoming = Omit<ModelRequest, 'path' | 'status'>;

/** A scripted OpenAI-compatible server: Chat Completions and Responses on a loopback port. */
export interface Model {
  /** For `OPENAI_BASE_URL`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Answers the next requests, first in, first out. */
  reply(...replies: readonly ScriptedReply[]): void;
  /** Answers what the replies leave over; undefined lets the request fail with 503. */
  respond(responder: (request: Incoming) => ScriptedReply | undefined): void;
  /** Every request so far. */
  requests(): readonly ModelRequest[];
  /** Forgets replies, responder and requests. */
  reset(): void;
  close(): Promise<void>;
}

function textOf(content: ChatMessage['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('');
}

function incomingOf(request: ChatCompletionRequest): Incoming {
  const messages = request.messages.map((message) => ({ role: message.role, text: textOf(message.content) }));
  const of = (role: string): readonly string[] =>
    messages.filter((message) => message.role === role).map((message) => message.text);
  return {
    model: request.model,
    system: of('system').join('\n'),
    user: of('user').at(-1) ?? '',
    messages,
    tools: (request.tools ?? []).map((tool) => tool.function.name),
    toolResults: of('tool'),
    isStream: request.stream === true,
  };
}

function usageOf(reply: ScriptedReply): object {
  if (reply.usage === undefined) return {};
  const { inputTokens, outputTokens } = reply.usage;
  const chat = { prompt_tokens: inputTokens, completion_tokens: outputTokens };
  return { usage: { ...chat, input_tokens: inputTokens, output_tokens: outputTokens } };
}

function responseOf(reply: ScriptedReply): FixtureResponse {
  if ('text' in reply && !('calls' in reply)) return { content: reply.text, ...usageOf(reply) };
  if ('json' in reply) return { content: JSON.stringify(reply.json), ...usageOf(reply) };
  if ('calls' in reply) {
    const toolCalls = reply.calls.map((call) => ({
      name: call.name,
      arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
    }));
    return { toolCalls, ...(reply.text === undefined ? {} : { content: reply.text }), ...usageOf(reply) };
  }
  if ('status' in reply) {
    const error = { message: reply.message ?? `scripted ${reply.status}`, type: 'scripted' };
    const wait = reply.retryAfterSeconds === undefined ? {} : { retryAfter: reply.retryAfterSeconds };
    return { error, status: reply.status, ...wait };
  }
  return { content: 'This answer is cut before its end, wherever a reader may be.' };
}

type Manner = 'whole' | 'malformed' | 'cut' | 'cut_stream';

/** How the server is told to give each manner of answer. */
const manners: Readonly<Record<Manner, FixtureOpts>> = {
  whole: {},
  malformed: { chaos: { malformedRate: 1 } },
  cut: { chaos: { disconnectRate: 1 } },
  // A pause between chunks, or the cut comes before the first of them has left the machine.
  cut_stream: { latency: 10, chunkSize: 8, truncateAfterChunks: 3 },
};

function mannerOf(reply: ScriptedReply): Manner {
  return 'fault' in reply ? reply.fault : 'whole';
}

/** Starts the server. Requests that nothing answers fail with 503 and are in `requests()`. */
export async function startModel(): Promise<Model> {
  const queue: ScriptedReply[] = [];
  /** Which reply a request got: the server asks several fixtures about it, and only the first may decide. */
  const answers = new WeakMap<ChatCompletionRequest, ScriptedReply | undefined>();
  let responder: (request: Incoming) => ScriptedReply | undefined = () => undefined;

  function answerTo(request: ChatCompletionRequest): ScriptedReply | undefined {
    if (!answers.has(request)) answers.set(request, queue.shift() ?? responder(incomingOf(request)));
    return answers.get(request);
  }

  const fixtures = Object.entries(manners).map(
    ([manner, options]): Fixture => ({
      match: {
        predicate(request) {
          const reply = answerTo(request);
          return reply !== undefined && mannerOf(reply) === manner;
        },
      },
      async response(request) {
        const reply = answerTo(request);
        if (reply === undefined) throw new Error('a request without an answer was matched');
        if (reply.latencyMs !== undefined) await delay(reply.latencyMs, undefined, { ref: false });
        return responseOf(reply);
      },
      ...options,
    }),
  );
  const options = { port: 0, host: '127.0.0.1', strict: true, journalMaxEntries: 0 };
  const { server, journal, url } = await createServer(fixtures, options);

  return {
    baseUrl: `${url}/v1`,
    apiKey: 'scripted-model-key',
    reply: (...replies) => void queue.push(...replies),
    respond(next) {
      responder = next;
    },
    requests: () =>
      journal.getAll().flatMap(({ path, body, response }) => {
        if (body === null || !('messages' in body) || !Array.isArray(body.messages)) return [];
        return [{ path, status: response.status, ...incomingOf(body as ChatCompletionRequest) }];
      }),
    reset() {
      queue.length = 0;
      responder = () => undefined;
      journal.clearEntries();
    },
    async close() {
      // Without this the server waits for the clients' idle connections.
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
