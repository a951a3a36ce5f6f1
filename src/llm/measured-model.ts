import { metrics } from '../metrics.ts';
import { type ChatModel, ModelError } from './chat-model.ts';

/** The same model, its calls, tokens and cost counted. */
export function withMetrics(model: ChatModel): ChatModel {
  return {
    name: model.name,
    async complete(request) {
      try {
        const reply = await model.complete(request);
        metrics.modelCalls.inc({ outcome: 'ok' });
        metrics.modelTokens.inc({ direction: 'in' }, reply.usage.inputTokens);
        metrics.modelTokens.inc({ direction: 'out' }, reply.usage.outputTokens);
        metrics.modelCostUsd.inc(reply.usage.costUsd ?? 0);
        return reply;
      } catch (error) {
        metrics.modelCalls.inc({ outcome: error instanceof ModelError ? error.kind : 'failed' });
        throw error;
      }
    },
  };
}
