import type {
  ChatCompletionChunk,
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import { noAnswer, toolCallsOf, usageOf, withoutThoughts } from './answer-parts.ts';
import { type ChatMessage, type ChatModel, type ChatReply, type ChatRequest, ModelError } from './chat-model.ts';
import { attempt, checkSize, createClient, errorIn, type ModelSettings, noModel } from './openai-client.ts';

/** Chat Completions: spoken by every OpenAI-compatible server (vLLM, Ollama, llama.cpp, Azure). */
export function createChatCompletionsModel(settings: ModelSettings): ChatModel {
  const client = createClient(settings);

  async function answer(request: ChatRequest, signal: AbortSignal): Promise<ChatReply> {
    const completion = await client.chat.completions.create(bodyOf(settings.name, request), { signal });
    const [choice] = completion.choices ?? [];
    if (!choice?.message) throw errorIn(completion) ?? noModel(completion);
    const { content, refusal, tool_calls: written } = choice.message;
    const text = typeof content === 'string' ? content : '';
    // Some servers leave the type of a call out.
    const calls = (written ?? []).flatMap((call) => ('function' in call ? [{ id: call.id, ...call.function }] : []));
    const toolCalls = toolCallsOf(calls);
    checkSize(toolCalls.reduce((size, call) => size + call.arguments.length, text.length));
    const usage = usageOf(completion.usage?.prompt_tokens, completion.usage?.completion_tokens);
    return wholeReply({ text, toolCalls, usage }, choice.finish_reason, refusal);
  }

  /** A broken stream is never resumed: the whole call fails and may be made again. */
  async function stream(
    request: ChatRequest,
    signal: AbortSignal,
    onText: (piece: string) => void,
  ): Promise<ChatReply> {
    const body = { ...bodyOf(settings.name, request), stream: true, stream_options: { include_usage: true } } as const;
    const chunks = await client.chat.completions.create(body, { signal });
    const calls: { index: number; id: string; name: string; arguments: string }[] = [];
    let text = '';
    let refusal = '';
    let size = 0;
    let finish: string | undefined;
    let usage = { inputTokens: 0, outputTokens: 0 };
    for await (const chunk of chunks) {
      if (chunk.usage) usage = usageOf(chunk.usage.prompt_tokens, chunk.usage.completion_tokens);
      // A chunk may hold usage alone, and a choice the verdict of a filter alone.
      const choice: PartOfChoice | undefined = chunk.choices?.[0];
      finish = choice?.finish_reason ?? finish;
      refusal += choice?.delta?.refusal ?? '';
      const piece = choice?.delta?.content;
      if (piece) {
        text += piece;
        size += piece.length;
        checkSize(size);
        onText(piece);
      }
      for (const part of choice?.delta?.tool_calls ?? []) {
        // Some servers give every call the index 0, and an id to its first part alone.
        let call = calls.findLast(({ index }) => index === (part.index ?? 0));
        if (!call || (part.id && call.id && part.id !== call.id)) {
          call = { index: part.index ?? 0, id: '', name: '', arguments: '' };
          calls.push(call);
        }
        call.id ||= part.id ?? '';
        call.name ||= part.function?.name ?? '';
        call.arguments += part.function?.arguments ?? '';
        size += part.function?.arguments?.length ?? 0;
        checkSize(size);
      }
    }
    if (finish === undefined) throw new ModelError('unavailable', 'the stream of the model ended early');
    return wholeReply({ text, toolCalls: toolCallsOf(calls), usage }, finish, refusal);
  }

  return {
    name: settings.name,
    complete: (request) =>
      attempt(settings, request, (signal) =>
        request.onText ? stream(request, signal, request.onText) : answer(request, signal),
      ),
  };
}

type PartOfChoice = Partial<ChatCompletionChunk.Choice>;

/** The reply without thoughts. Throws ModelError where it is none, or not whole. */
function wholeReply(reply: ChatReply, finish: unknown, refusal: unknown): ChatReply {
  if (finish === 'content_filter') throw noAnswer('filter', reply.usage);
  if (finish === 'length') throw noAnswer('length', reply.usage);
  if (typeof refusal === 'string' && refusal !== '' && reply.toolCalls.length === 0)
    throw noAnswer('refusal', reply.usage);
  return { ...reply, text: withoutThoughts(reply.text) };
}

function bodyOf(model: string, request: ChatRequest): ChatCompletionCreateParamsNonStreaming {
  return {
    model,
    messages: request.messages.map(asMessage),
    ...(request.tools?.length
      ? {
          tools: request.tools.map((tool) => ({
            type: 'function' as const,
            function: { ...tool, parameters: { ...tool.parameters } },
          })),
        }
      : {}),
    ...(request.answerSchema
      ? {
          response_format: {
            type: 'json_schema' as const,
            json_schema: { name: request.answerSchema.name, schema: { ...request.answerSchema.schema }, strict: true },
          },
        }
      : {}),
    ...(request.maxOutputTokens === undefined ? {} : { max_completion_tokens: request.maxOutputTokens }),
  };
}

function asMessage(message: ChatMessage): ChatCompletionMessageParam {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.callId, content: message.text };
  if (message.role !== 'assistant') return { role: message.role, content: message.text };
  const calls = message.toolCalls?.map(({ id, name, arguments: json }) => {
    return { id, type: 'function' as const, function: { name, arguments: json } };
  });
  return { role: 'assistant', content: message.text, ...(calls?.length ? { tool_calls: calls } : {}) };
}
