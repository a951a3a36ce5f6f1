import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from 'openai/resources/chat/completions';
import {
  type ChatMessage,
  type ChatModel,
  type ChatReply,
  type ChatRequest,
  ModelError,
  type ToolCall,
} from './chat-model.ts';
import { attempt, checkSize, createClient, type ModelSettings, noModel } from './openai-client.ts';

/** Chat Completions: spoken by every OpenAI-compatible server (vLLM, Ollama, llama.cpp, Azure). */
export function createChatCompletionsModel(settings: ModelSettings): ChatModel {
  const client = createClient(settings);

  async function answer(request: ChatRequest, signal: AbortSignal): Promise<ChatReply> {
    const completion = await client.chat.completions.create(bodyOf(settings.name, request), { signal });
    const message = completion.choices?.[0]?.message;
    if (!message) throw noModel(completion);
    const text = typeof message.content === 'string' ? message.content : '';
    const toolCalls = (message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? [{ id: call.id, name: call.function.name, arguments: call.function.arguments }] : [],
    );
    checkSize(toolCalls.reduce((size, call) => size + call.arguments.length, text.length));
    return {
      text,
      toolCalls,
      usage: {
        inputTokens: completion.usage?.prompt_tokens ?? 0,
        outputTokens: completion.usage?.completion_tokens ?? 0,
      },
    };
  }

  /** A broken stream is never resumed: the whole call fails and may be made again. */
  async function stream(
    request: ChatRequest,
    signal: AbortSignal,
    onText: (piece: string) => void,
  ): Promise<ChatReply> {
    const body = { ...bodyOf(settings.name, request), stream: true, stream_options: { include_usage: true } } as const;
    const chunks = await client.chat.completions.create(body, { signal });
    const calls: { id: string; name: string; arguments: string }[] = [];
    let text = '';
    let size = 0;
    let finished = false;
    let usage = { inputTokens: 0, outputTokens: 0 };
    for await (const chunk of chunks) {
      if (chunk.usage) usage = { inputTokens: chunk.usage.prompt_tokens, outputTokens: chunk.usage.completion_tokens };
      const [choice] = chunk.choices;
      if (choice?.finish_reason) finished = true;
      if (choice?.delta.content) {
        text += choice.delta.content;
        size += choice.delta.content.length;
        checkSize(size);
        onText(choice.delta.content);
      }
      for (const part of choice?.delta.tool_calls ?? []) {
        calls[part.index] ??= { id: '', name: '', arguments: '' };
        const call = calls[part.index] as (typeof calls)[number];
        call.id ||= part.id ?? '';
        call.name ||= part.function?.name ?? '';
        call.arguments += part.function?.arguments ?? '';
        size += part.function?.arguments?.length ?? 0;
        checkSize(size);
      }
    }
    if (!finished) throw new ModelError('unavailable', 'the stream of the model ended early');
    return { text, toolCalls: calls.filter(Boolean) as ToolCall[], usage };
  }

  return {
    name: settings.name,
    complete: (request) =>
      attempt(settings, request, (signal) =>
        request.onText ? stream(request, signal, request.onText) : answer(request, signal),
      ),
  };
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
