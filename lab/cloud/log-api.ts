import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { zip } from './zip.ts';

export interface ArchivedLog {
  readonly id: string;
  readonly service: string;
  readonly logType: 'error-log' | 'slow-query-log';
  /** ISO 8601; the day that the file begins with. */
  readonly startTime: string;
  /** Read at each request, so that a file of a running server may be given. */
  readonly content: () => Promise<string | Buffer>;
}

/** How the stub misbehaves. */
export type LogApiTrouble = 'status 500' | 'no json' | 'no zip' | 'silence';

export interface LogApi {
  readonly url: string;
  readonly apiKey: string;
  /** Path and query of every request so far. */
  readonly requests: readonly string[];
  trouble: LogApiTrouble | undefined;
  stop(): Promise<void>;
}

/**
 * A local stub of the log API of MariaDB Cloud: GET /observability/v2/logs lists files by type and time for the key of
 * an account, whatever their service; GET /observability/v2/logs/archive sends the files of some ids as ZIP.
 */
export async function startLogApi(logs: readonly ArchivedLog[]): Promise<LogApi> {
  const requests: string[] = [];
  const api = { apiKey: 'skysql.lab.key', requests, trouble: undefined as LogApiTrouble | undefined };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://lab');
    requests.push(`${url.pathname}${url.search}`);
    if (api.trouble === 'silence') return;
    if (api.trouble === 'status 500') return end(response, 500, 'application/json', '{"errors":[]}');
    if (request.headers['x-api-key'] !== api.apiKey) return end(response, 401, 'application/json', '{"errors":[]}');
    if (request.method === 'GET' && url.pathname === '/observability/v2/logs') {
      if (api.trouble === 'no json') return end(response, 200, 'text/html', '<html>');
      return end(response, 200, 'application/json', JSON.stringify(await list(url.searchParams)));
    }
    if (request.method === 'GET' && url.pathname === '/observability/v2/logs/archive') {
      if (api.trouble === 'no zip') return end(response, 200, 'application/zip', 'PK\u0003\u0004 cut');
      return end(response, 200, 'application/zip', await archive(url.searchParams));
    }
    end(response, 404, 'application/json', '{}');
  }

  async function list(query: URLSearchParams) {
    const [from, to] = [query.get('fromDate') ?? '', query.get('toDate') ?? ''].map((time) => Date.parse(time));
    const found = logs.filter(({ logType, startTime }) => {
      const startMs = Date.parse(startTime);
      const endMs = startMs + 86_400_000;
      return logType === query.get('logType') && !(endMs < (from as number)) && !(startMs > (to as number));
    });
    const offset = Number(query.get('offset') ?? 0);
    const page = found.slice(offset, offset + Number(query.get('limit') ?? 10));
    const rows = page.map(async ({ id, service, logType, startTime, content }) => ({
      id,
      logType,
      startTime,
      name: nameOf(service, logType, startTime),
      service,
      server: `${service}-0`,
      serverDataSourceId: `${service}/${service}-0`,
      size: Buffer.byteLength(await content()),
    }));
    return { logs: await Promise.all(rows), count: found.length };
  }

  async function archive(query: URLSearchParams): Promise<Buffer> {
    const ids = (query.get('logIds') ?? '').split(',');
    const chosen = logs.filter(({ id }) => ids.includes(id));
    const files = chosen.map(async ({ service, logType, startTime, content }) => ({
      name: nameOf(service, logType, startTime),
      content: await content(),
    }));
    return zip(await Promise.all(files));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => end(response, 500, 'text/plain', String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(api, {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}

function nameOf(service: string, logType: string, startTime: string): string {
  return `${service}_${service}-0_host_${logType}_${startTime.slice(0, 10)}.log`;
}

function end(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}
