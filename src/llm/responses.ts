import type { ResponseCreateParamsNonStreaming, ResponseInputItem } from 'openai/resources/responses/responses';
import { noAnswer, toolCallsOf, usageOf, type WrittenCall, withoutThoughts } from './answer-parts.ts';
import { type ChatMessage, type ChatModel, type ChatReply, type ChatRequest, ModelError } from './chat-model.ts';
import { attempt, checkSize, createClient, errorIn, type ModelSettings, noModel } from './openai-client.ts';

/** The Responses API of api.openai.com. Nothing is stored there: the whole history comes from us at every call. */
export function createResponsesModel(settings: ModelSettings): ChatModel {
  const client = createClient(settings);

  async function answer(request: ChatRequest, signal: AbortSignal): Promise<ChatReply> {
    const response = await client.responses.create(bodyOf(settings.name, request), { signal });
    return replyOf(response);
  }

  async function stream(
    request: ChatRequest,
    signal: AbortSignal,
    onText: (piece: string) => void,
  ): Promise<ChatReply> {
    const events = await client.responses.create({ ...bodyOf(settings.name, request), stream: true }, { signal });
    let size = 0;
    for await (const event of events) {
      if (event.type === 'response.output_text.delta') {
        size += event.delta.length;
        checkSize(size);
        onText(event.delta);
      } else if (event.type === 'response.completed' || event.type === 'response.incomplete') {
        return replyOf(event.response);
      } else if (event.type === 'response.failed' || event.type === 'error') {
        throw new ModelError('unavailable', 'the model gave up in the middle of its answer');
      }
    }
    throw new ModelError('unavailable', 'the stream of the model ended early');
  }

  return {
    name: settings.name,
    complete: (request) =>
      attempt(settings, request, (signal) =>
        request.onText ? stream(request, signal, request.onText) : answer(request, signal),
      ),
  };
}

interface ResponseLike {
  readonly output?: readonly unknown[];
  readonly usage?: { readonly input_tokens: number; readonly output_tokens: number } | null | undefined;
  readonly status?: string | null | undefined;
  readonly incomplete_details?: { readonly reason?: string | undefined } | null | undefined;
}

function replyOf(response: ResponseLike): ChatReply {
  if (!Array.isArray(response.output)) throw errorIn(response) ?? noModel(response);
  const usage = usageOf(response.usage?.input_tokens, response.usage?.output_tokens);
  if (response.status === 'failed')
    throw new ModelError('unavailable', 'the model gave up in the middle of its answer', { usage });
  if (response.status === 'incomplete')
    throw noAnswer(response.incomplete_details?.reason === 'content_filter' ? 'filter' : 'length', usage);
  let isRefusal = false;
  let text = '';
  const calls: WrittenCall[] = [];
  for (const item of response.output as readonly Record<string, unknown>[]) {
    if (item['type'] === 'function_call') {
      calls.push({ id: item['call_id'], name: item['name'], arguments: item['arguments'] });
    }
    if (item['type'] !== 'message' || !Array.isArray(item['content'])) continue;
    for (const part of item['content'] as readonly Record<string, unknown>[]) {
      if (part['type'] === 'refusal') isRefusal = true;
      if (part['type'] === 'output_text') text += String(part['text'] ?? '');
    }
  }
  const toolCalls = toolCallsOf(calls);
  checkSize(toolCalls.reduce((size, call) => size + call.arguments.length, text.length));
  if (isRefusal && text === '' && toolCalls.length === 0) throw noAnswer('refusal', usage);
  return { text: withoutThoughts(text), toolCalls, usage };
}

function bodyOf(model: string, request: ChatRequest): ResponseCreateParamsNonStreaming {
  return {
    model,
    store: false,
    input: request.messages.flatMap(asItems),
    ...(request.tools?.length
      ? {
          tools: request.tools.map((tool) => {
            return { type: 'function' as const, ...tool, parameters: { ...tool.parameters }, strict: false };
          }),
        }
      : {}),
    ...(request.answerSchema
      ? {
          text: {
            format: {
              type: 'json_schema' as const,
              name: request.answerSchema.name,
              schema: { ...request.answerSchema.schema },
              strict: true,
            },
          },
        }
      : {}),
    ...(request.maxOutputTokens === undefined ? {} : { max_output_tokens: request.maxOutputTokens }),
  };
}

function asItems(message: ChatMessage): ResponseInputItem[] {
  if (message.role === 'tool') return [{ type: 'function_call_output', call_id: message.callId, output: message.text }];
  if (message.role !== 'assistant') return [{ role: message.role, content: message.text }];
  const calls = (message.toolCalls ?? []).map(({ id, name, arguments: json }): ResponseInputItem => {
    return { type: 'function_call', call_id: id, name, arguments: json };
  });
  return message.text === '' ? calls : [{ role: 'assistant', content: message.text }, ...calls];
}
