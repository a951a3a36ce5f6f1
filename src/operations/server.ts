import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../errors.ts';
import { collectProcessMetrics, registry } from '../metrics.ts';
import { healthRoute } from './health-route.ts';

/** One part that answering needs. */
export interface Check {
  readonly ok: boolean;
  /** For people; holds no credential. */
  readonly detail: string;
}

export interface Readiness {
  /** False where questions cannot be taken or answered. */
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Check>>;
}

export interface OperationsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** `/healthz`, `/readyz` and `/metrics`, for whoever runs the process. Rejects with ConfigError where the port is taken. */
export async function startOperationsServer(
  { port, host }: { readonly port: number; readonly host: string },
  readiness: () => Promise<Readiness>,
): Promise<OperationsServer> {
  collectProcessMetrics();

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET') return void response.writeHead(405, { allow: 'GET' }).end('only GET\n');
    if (path === healthRoute.path) return healthRoute.handler(request, response);
    if (path === '/metrics') {
      const text = await registry.metrics();
      return void response.writeHead(200, { 'content-type': registry.contentType }).end(text);
    }
    if (path === '/readyz') {
      const state = await readiness();
      const text = `${JSON.stringify(state, undefined, 2)}\n`;
      return void response.writeHead(state.ready ? 200 : 503, { 'content-type': 'application/json' }).end(text);
    }
    response.writeHead(404).end('/healthz, /readyz or /metrics\n');
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new ConfigError(`port ${port} for /healthz, /readyz and /metrics cannot be used: ${error.code}`)),
    );
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
