import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Answering, Method } from '../api/method.ts';
import { methods } from '../api/registry.ts';
import { stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import type { JsonObject } from '../nouns.ts';
import { SlackError } from '../slack-error.ts';
import type { Obstacle } from '../trouble.ts';
import { decodeArguments, readBody } from './body.ts';

/** An answer before it goes out. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

export function okAnswer(body: JsonObject, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers, body };
}

function tokenOf(request: IncomingMessage, args: JsonObject): string | undefined {
  const header = request.headers.authorization;
  return header === undefined ? stringOf(args['token']) : header.replace(/^Bearer\s+/i, '');
}

function checkToken(lab: Lab, method: Method, token: string | undefined): void {
  if (token === undefined || token === '') throw new SlackError('not_authed');
  const kind = token === lab.settings.botToken ? 'bot' : token === lab.settings.appToken ? 'app' : undefined;
  if (kind === undefined) throw new SlackError('invalid_auth');
  if (lab.isRevoked(token)) throw new SlackError('token_revoked');
  if (kind !== (method.token ?? 'bot')) throw new SlackError('not_allowed_token_type');
}

function checkScope(lab: Lab, method: Method, args: JsonObject): void {
  const { scopes } = lab.settings;
  const needed = typeof method.scope === 'function' ? method.scope(lab, args) : method.scope;
  if (scopes === undefined || needed === undefined || scopes.includes(needed)) return;
  throw new SlackError('missing_scope', { needed, provided: scopes.join(',') });
}

function run(lab: Lab, name: string, token: string | undefined, args: JsonObject, answering: Answering): JsonObject {
  const method = methods.get(name);
  if (method === undefined) throw new SlackError('unknown_method', { req_method: name });
  checkToken(lab, method, token);
  checkScope(lab, method, args);
  return { ok: true, ...method.run(lab, args, answering) };
}

/** The answer of an obstacle that was set up; undefined where the connection is to be cut. */
export function answerOf(obstacle: Obstacle): Answer | undefined {
  switch (obstacle.kind) {
    case 'rate_limit':
      return {
        status: 429,
        headers: { 'Retry-After': String(obstacle.retryAfterSeconds) },
        body: { ok: false, error: 'ratelimited' },
      };
    case 'error':
      return okAnswer({ ok: false, error: obstacle.error });
    case 'http':
      return { status: obstacle.status, headers: {}, body: { ok: false, error: `http_${obstacle.status}` } };
    case 'cut':
      return undefined;
  }
}

function answerCall(
  lab: Lab,
  name: string,
  token: string | undefined,
  args: JsonObject | undefined,
  answering: Answering,
): Answer {
  const scopes: Record<string, string> =
    lab.settings.scopes === undefined ? {} : { 'X-OAuth-Scopes': lab.settings.scopes.join(',') };
  try {
    if (args === undefined) throw new SlackError('invalid_json');
    return okAnswer(run(lab, name, token, args, answering), scopes);
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return okAnswer({ ok: false, error: error.error, ...error.extra }, scopes);
  }
}

/** Answers one Web API call and writes it into the traffic log. */
export async function serveMethod(
  lab: Lab,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = Date.now();
  const body = await readBody(request);
  const decoded = await decodeArguments(body, request.headers['content-type'] ?? '');
  const token = tokenOf(request, decoded ?? {});
  const { token: _token, ...args } = decoded ?? {};
  const answering: Answering = { violations: [] };
  const obstacle = await lab.trouble.meet(name);
  const answer = obstacle === undefined ? answerCall(lab, name, token, decoded && args, answering) : answerOf(obstacle);
  lab.traffic.record({
    id: lab.traffic.nextId(),
    method: name,
    at,
    durationMs: Date.now() - at,
    args,
    status: answer?.status ?? 0,
    ok: answer?.body['ok'] === true,
    error: answer === undefined ? 'connection_cut' : stringOf(answer.body['error']),
    response: answer?.body ?? {},
    violations: answering.violations,
  });
  send(response, answer);
}

export function send(response: ServerResponse, answer: Answer | undefined): void {
  if (answer === undefined) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(answer.status, { 'Content-Type': 'application/json; charset=utf-8', ...answer.headers });
  response.end(JSON.stringify(answer.body));
}
