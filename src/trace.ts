import { type Attributes, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { DbcheckError } from './errors.ts';

/**
 * Every name that a span of dbcheck may have. The operations and the keys of `gen_ai` are those of OpenTelemetry's GenAI
 * conventions (https://opentelemetry.io/docs/specs/semconv/gen-ai/); the rest is ours. Values are names of agents,
 * probes, models and targets, codes and numbers: never a question, a statement, a row or a secret.
 */
export const spanNames = {
  turn: 'invoke_workflow dbcheck',
  plan: 'plan dbcheck',
  agent: (agent: string) => `invoke_agent ${agent}`,
  probe: (probe: string) => `execute_tool ${probe}`,
  model: (model: string) => `chat ${model}`,
} as const;

export const attributeNames = {
  operation: 'gen_ai.operation.name',
  workflow: 'gen_ai.workflow.name',
  agent: 'gen_ai.agent.name',
  tool: 'gen_ai.tool.name',
  toolType: 'gen_ai.tool.type',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  maxTokens: 'gen_ai.request.max_tokens',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  errorType: 'error.type',
  target: 'dbcheck.target',
  status: 'dbcheck.status',
  purpose: 'dbcheck.purpose',
  planKind: 'dbcheck.plan.kind',
  planSource: 'dbcheck.plan.source',
  verdict: 'dbcheck.verdict',
  findings: 'dbcheck.findings',
  rows: 'dbcheck.rows',
} as const;

export type AttributeName = keyof typeof attributeNames;
export type SpanValues = Partial<Record<AttributeName, string | number | boolean>>;

/** Says more of a span once it is known. */
export type Note = (values: SpanValues) => void;

/**
 * Runs `work` inside a span, and ends it with what became of it. Without an OpenTelemetry SDK in the process this does
 * nothing; with one, spans nest by its context manager. The span of a failure holds the kind of error, not its words.
 */
export async function traced<T>(
  name: string,
  values: SpanValues,
  work: (note: Note) => Promise<T>,
  kind: SpanKind = SpanKind.INTERNAL,
): Promise<T> {
  // Looked up each time: an SDK may be loaded after this module.
  const tracer = trace.getTracer('dbcheck');
  return tracer.startActiveSpan(name, { kind, attributes: named(values) }, async (span) => {
    try {
      return await work((more) => void span.setAttributes(named(more)));
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

function named(values: SpanValues): Attributes {
  const entries = Object.entries(values) as [AttributeName, string | number | boolean][];
  return Object.fromEntries(entries.map(([name, value]) => [attributeNames[name], value]));
}

function fail(span: Span, error: unknown): void {
  const type = error instanceof DbcheckError ? error.code : error instanceof Error ? error.name : 'unknown';
  span.setAttribute(attributeNames.errorType, type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
