import { SpanKind } from '@opentelemetry/api';
import { spanNames, traced } from '../trace.ts';
import type { ChatModel } from './chat-model.ts';

/** The same model, a span around each attempt: who was asked, for what, and the tokens; neither prompt nor answer. */
export function withTraces(model: ChatModel): ChatModel {
  return {
    name: model.name,
    complete: (request) =>
      traced(
        spanNames.model(model.name),
        {
          operation: 'chat',
          provider: 'openai',
          requestModel: model.name,
          purpose: request.purpose,
          ...(request.maxOutputTokens === undefined ? {} : { maxTokens: request.maxOutputTokens }),
        },
        async (note) => {
          const reply = await model.complete(request);
          note({ inputTokens: reply.usage.inputTokens, outputTokens: reply.usage.outputTokens });
          return reply;
        },
        SpanKind.CLIENT,
      ),
  };
}
