import { hostname } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import type { ServerFacts } from './server-facts.ts';
import type { Target } from './target.ts';

/**
 * True where dbcheck runs on the server's own machine, so that a path the server names is the same file here.
 * A loopback address alone is no proof: behind it may be a tunnel or a container. The host names must agree too.
 */
export function isBesideServer(target: Pick<Target, 'socket' | 'host'>, facts: ServerFacts): boolean {
  const loopback = target.host !== undefined && /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(target.host);
  return (target.socket !== undefined || loopback) && facts.variables['hostname'] === hostname();
}

/** The file that a variable of the server names; relative names are relative to its data directory. */
export function serverPath(facts: ServerFacts, variable: string): string | undefined {
  const path = facts.variables[variable];
  if (path === undefined || path === '') return undefined;
  const dataDirectory = facts.variables['datadir'] ?? '';
  if (isAbsolute(path)) return path;
  return isAbsolute(dataDirectory) ? resolve(dataDirectory, path) : undefined;
}
