import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { receiveUpload } from '../api/files.ts';
import type { SocketMode } from '../delivery/socket-mode.ts';
import type { Lab } from '../lab.ts';
import { decodeUpload, readBody } from './body.ts';
import { serveResponseUrl } from './response-url.ts';
import { answerOf, send, serveMethod } from './web-api.ts';

/** Serves paths that are not Slack's own; resolves to false for those it does not know. */
export type ExtraRoutes = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

async function serveUpload(
  lab: Lab,
  ticket: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const at = Date.now();
  const content = await decodeUpload(await readBody(request), request.headers['content-type'] ?? '');
  const obstacle = await lab.trouble.meet('upload');
  const isKnown = obstacle === undefined && receiveUpload(lab, ticket, content);
  const answer = obstacle === undefined ? undefined : answerOf(obstacle);
  const status = obstacle === undefined ? (isKnown ? 200 : 404) : (answer?.status ?? 0);
  lab.traffic.record({
    id: lab.traffic.nextId(),
    method: 'upload',
    at,
    durationMs: Date.now() - at,
    args: { ticket, bytes: content.length },
    status,
    ok: isKnown,
    error: isKnown ? undefined : 'upload_failed',
    response: {},
    violations: [],
  });
  if (obstacle !== undefined) send(response, answer);
  else
    response.writeHead(status, { 'Content-Type': 'text/plain' }).end(isKnown ? `OK - ${content.length}` : 'not found');
}

async function route(lab: Lab, extra: ExtraRoutes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const [first = '', ...rest] = pathname.split('/').filter((step) => step !== '');
  const last = rest.at(-1) ?? '';
  if (first === 'api') await serveMethod(lab, rest.join('/'), request, response);
  else if (first === 'response') await serveResponseUrl(lab, last, request, response);
  else if (first === 'upload') await serveUpload(lab, last, request, response);
  else if (!(await extra(request, response))) response.writeHead(404).end('not found');
}

/** Listens on loopback. Resolves once the port is known. */
export async function listen(port: number, lab: Lab, socketMode: SocketMode, extra: ExtraRoutes): Promise<Server> {
  const server = createServer((request, response) => {
    route(lab, extra, request, response).catch((error: unknown) => {
      // A mistake of the lab's own must be seen, not taken for one of Slack's answers.
      console.error('the local Slack workspace failed to answer', request.url, error);
      if (!response.headersSent) response.writeHead(500).end('the local Slack workspace failed');
    });
  });
  server.on('upgrade', (request, socket, head) => socketMode.upgrade(request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

export function portOf(server: Server): number {
  const address = server.address();
  return isAddressInfo(address) ? address.port : 0;
}

function isAddressInfo(address: ReturnType<Server['address']>): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
