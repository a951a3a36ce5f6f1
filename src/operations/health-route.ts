import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers whether this process lives, for a container's health check. */
export const healthRoute = {
  path: '/healthz',
  method: ['GET'],
  handler(_request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
  },
};
