import type { IncomingMessage, ServerResponse } from 'node:http';
import { readContent } from '../api/content.ts';
import type { Answering } from '../api/method.ts';
import { postAsBot } from '../api/posting.ts';
import { booleanOf, stringOf } from '../json.ts';
import type { Lab } from '../lab.ts';
import { changeMessage } from '../messages.ts';
import type { JsonObject, Message } from '../nouns.ts';
import { SlackError } from '../slack-error.ts';
import type { ResponseUrl } from '../state.ts';
import { decodeArguments, readBody } from './body.ts';
import { type Answer, answerOf, okAnswer, send } from './web-api.ts';

/** Slack's own bounds of a response_url. */
const maximumUses = 5;
const lifetimeMs = 30 * 60_000;

function original(lab: Lab, url: ResponseUrl): Message | undefined {
  if (url.message === undefined) return undefined;
  const { ts, channel } = url.message;
  return lab.state.messages.get(channel)?.get(ts) ?? lab.state.ephemerals.find((message) => message.ts === ts);
}

function use(lab: Lab, url: ResponseUrl, args: JsonObject, answering: Answering): void {
  const target = original(lab, url);
  if (booleanOf(args['delete_original']) && target !== undefined) {
    changeMessage(lab.state, target, { deleted: true });
    return;
  }
  const content = readContent(lab, args, answering);
  if (booleanOf(args['replace_original']) && target !== undefined) {
    changeMessage(lab.state, target, content);
    return;
  }
  const isPublic = args['response_type'] === 'in_channel';
  const threadTs = stringOf(args['thread_ts']);
  postAsBot(lab, { channel: url.channel, threadTs, ephemeralTo: isPublic ? undefined : url.user, ...content });
}

function answer(lab: Lab, id: string, args: JsonObject | undefined, answering: Answering): Answer {
  const url = lab.state.responseUrls.get(id);
  const refuse = (error: string): Answer => ({ status: 404, headers: {}, body: { ok: false, error } });
  if (url === undefined) return refuse('invalid_url');
  if (Date.now() - url.issuedAt > lifetimeMs) return refuse('expired_url');
  if (url.uses >= maximumUses) return refuse('used_url');
  lab.state.responseUrls.set(id, { ...url, uses: url.uses + 1 });
  try {
    if (args === undefined) throw new SlackError('invalid_payload');
    use(lab, url, args, answering);
    return okAnswer({ ok: true });
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return { status: error.error === 'no_text' ? 500 : 400, headers: {}, body: { ok: false, error: error.error } };
  }
}

/** Answers a POST to a response_url: an ephemeral or public message, or a change of the original one. */
export async function serveResponseUrl(
  lab: Lab,
  id: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = Date.now();
  const args = await decodeArguments(await readBody(request), request.headers['content-type'] ?? '');
  const answering: Answering = { violations: [] };
  const obstacle = await lab.trouble.meet('response_url');
  const result = obstacle === undefined ? answer(lab, id, args, answering) : answerOf(obstacle);
  lab.traffic.record({
    id: lab.traffic.nextId(),
    method: 'response_url',
    at,
    durationMs: Date.now() - at,
    args: args ?? {},
    status: result?.status ?? 0,
    ok: result?.status === 200 && result.body['ok'] === true,
    error: result === undefined ? 'connection_cut' : stringOf(result.body['error']),
    response: result?.body ?? {},
    violations: answering.violations,
  });
  send(response, result);
}
