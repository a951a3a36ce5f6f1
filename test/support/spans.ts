import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';

export interface RecordedSpan {
  readonly name: string;
  readonly attributes: Attributes;
  /** The name of the span around it. */
  readonly parent: string | undefined;
  readonly ended: boolean;
  readonly failed: boolean;
}

/** What an OpenTelemetry SDK does, as far as dbcheck asks for it: keeps spans, and nests them by their context. */
export function recordSpans(): { readonly spans: readonly RecordedSpan[]; stop(): void } {
  const spans: { -readonly [Key in keyof RecordedSpan]: RecordedSpan[Key] }[] = [];
  const storage = new AsyncLocalStorage<Context>();
  const active = (): Context => storage.getStore() ?? ROOT_CONTEXT;
  const names = new Map<string, string>();

  function startSpan(name: string, options: SpanOptions = {}, around: Context = active()): Span {
    const outer = trace.getSpanContext(around);
    const record = {
      name,
      attributes: { ...options.attributes },
      parent: outer && names.get(outer.spanId),
      ended: false,
      failed: false,
    };
    spans.push(record);
    const spanId = spans.length.toString(16).padStart(16, '0');
    names.set(spanId, name);
    const spanContext: SpanContext = { traceId: '1'.padStart(32, '0'), spanId, traceFlags: 1 };
    const span: Span = {
      spanContext: () => spanContext,
      setAttribute: (key, value) => span.setAttributes({ [key]: value }),
      setAttributes(attributes) {
        Object.assign(record.attributes, attributes);
        return span;
      },
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      setStatus(status) {
        record.failed = status.code === 2;
        return span;
      },
      updateName: () => span,
      end() {
        record.ended = true;
      },
      isRecording: () => !record.ended,
      recordException: () => {},
    };
    return span;
  }

  const tracer: Tracer = {
    startSpan,
    startActiveSpan(name: string, ...rest: unknown[]) {
      const work = rest.at(-1) as (span: Span) => unknown;
      const span = startSpan(name, rest.length > 1 ? (rest[0] as SpanOptions) : {});
      return context.with(trace.setSpan(active(), span), () => work(span)) as never;
    },
  };
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  context.setGlobalContextManager({
    active,
    with: (inner, work, self, ...args) => storage.run(inner, () => work.apply(self as never, args)),
    bind: (_, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  });
  return {
    spans,
    stop() {
      trace.disable();
      context.disable();
    },
  };
}
