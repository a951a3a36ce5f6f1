import type { JsonObject } from './nouns.ts';

/** A refusal as the Web API words it: `{ ok: false, error, …extra }` with HTTP 200. */
export class SlackError extends Error {
  readonly error: string;
  readonly extra: JsonObject;

  constructor(error: string, extra: JsonObject = {}) {
    super(error);
    this.error = error;
    this.extra = extra;
  }
}

export function missingArgument(name: string): SlackError {
  return new SlackError('invalid_arguments', {
    response_metadata: { messages: [`[ERROR] missing required field: ${name}`] },
  });
}
