import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { Person } from '../drivers/person.ts';
import { isObject } from '../json.ts';
import { readBody } from '../server/body.ts';
import type { ExtraRoutes } from '../server/server.ts';
import { doDeed } from './deeds.ts';
import { librarySheet } from './library.ts';
import { type PageParts, takeSnapshot } from './snapshot.ts';

/** Changes closer together than this reach the browser as one. */
const quietMs = 40;

/** Messages are other people's words: nothing but the page's own script may run, and nothing may be fetched. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'";

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** The page's own files, which lie beside this one. */
const assets: ReadonlySet<string> = new Set([
  ...['index.html', 'client.js', 'session.js', 'draw.js', 'deeds.js', 'fields.js', 'table.js'],
  ...['frame.css', 'message.css', 'blocks.css', 'panels.css', 'dialogs.css'],
]);

async function asset(name: string): Promise<string | undefined> {
  if (name === 'library.css') return librarySheet();
  return assets.has(name) ? readFile(fileURLToPath(new URL(name, import.meta.url)), 'utf8') : undefined;
}

function json(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

/** Server-sent events: one line whenever something has changed. */
function streamChanges(parts: PageParts, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.write('data: hello\n\n');
  let timer: NodeJS.Timeout | undefined;
  const listener = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      response.write('data: changed\n\n');
    }, quietMs).unref();
  };
  parts.lab.state.listeners.add(listener);
  request.on('close', () => {
    clearTimeout(timer);
    parts.lab.state.listeners.delete(listener);
  });
}

function serveFile(parts: PageParts, id: string, response: ServerResponse): void {
  const file = parts.lab.state.files.get(id);
  if (file?.content === undefined) {
    response.writeHead(404).end('not found');
    return;
  }
  // Plain text instead of the file's own type: markup in a report must not run.
  const type = file.mimetype.startsWith('image/') ? file.mimetype : 'text/plain; charset=utf-8';
  response.writeHead(200, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff' }).end(file.content);
}

/** The browser page of a workspace, below `/page/`. */
export function createPage(parts: PageParts, personOf: (id: string) => Person): ExtraRoutes {
  async function act(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A form of another site cannot send JSON without the browser asking first.
    if (!request.headers['content-type']?.startsWith('application/json'))
      return json(response, 415, { error: 'JSON only' });
    const deed: unknown = JSON.parse((await readBody(request)).toString());
    if (!isObject(deed)) return json(response, 400, { error: 'an object is expected' });
    try {
      json(response, 200, { ...(await doDeed(parts, personOf(String(deed['user'])), deed)) });
    } catch (error) {
      json(response, 409, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const name = pathname === '/page/' ? 'index.html' : pathname.replace('/page/', '');
    const content = pathname.startsWith('/page/') ? await asset(name) : undefined;
    if (pathname === '/' || pathname === '/page') response.writeHead(302, { Location: '/page/' }).end();
    else if (content !== undefined) {
      const type = types[name.split('.').at(-1) ?? ''];
      const headers = { 'Content-Type': type, 'Content-Security-Policy': contentSecurityPolicy };
      response.writeHead(200, headers).end(content);
    } else if (pathname === '/page/events') streamChanges(parts, request, response);
    else if (pathname === '/page/act' && request.method === 'POST') await act(request, response);
    else if (pathname.startsWith('/page/files/')) serveFile(parts, pathname.split('/')[3] ?? '', response);
    else if (pathname === '/page/state') {
      const snapshot = takeSnapshot(parts, {
        user: searchParams.get('user') ?? '',
        channel: searchParams.get('channel') ?? '',
        threadTs: searchParams.get('thread') ?? undefined,
        tab: searchParams.get('tab') === 'home' ? 'home' : 'messages',
      });
      json(response, 200, snapshot);
    } else return false;
    return true;
  };
}
