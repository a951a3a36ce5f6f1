import { type DestinationStream, destination, pino } from 'pino';

/** The structured log. Records carry ids and codes, never statement text, results or credentials. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One JSON object a line on standard error, so that standard output stays the answer's. */
export function createLog(level: string, stream: DestinationStream = destination({ dest: 2, sync: true })): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      serializers: { err: describeForLog },
    },
    stream,
  );
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The connector's message embeds the statement, so of foreign errors only the kind and the place are kept. */
function describeForLog(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, stack } = error;
  const code = (error as { code?: unknown }).code;
  const frames = stack?.split('\n').filter((line) => /^\s+at /.test(line));
  const message =
    name.endsWith('Error') && /dbcheck|Target|Probe|Config|TimedOut|Stopped|Model|Store/.test(name)
      ? error.message
      : undefined;
  return {
    type: name,
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    stack: frames?.slice(0, 8),
    ...(error.cause === undefined ? {} : { cause: describeForLog(error.cause) }),
  };
}
