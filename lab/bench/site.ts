import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BotProcess, startBotProcess } from '../bot-process.ts';
import { type LabServer, startServer } from '../mariadb/server.ts';
import { targetEntry } from '../mariadb/target.ts';
import { startWorkspace, type Workspace } from '../slack/workspace.ts';

/** Private servers, a workspace, and the bot as a process of its own between them. */
export interface Site {
  readonly workspace: Workspace;
  readonly servers: readonly LabServer[];
  readonly bot: BotProcess;
  /** From the start of the bot's process to its line that it is ready, in ms. */
  readonly startMs: number;
  /** Another process on the same configuration, ended with the site. */
  startAnother(variables: Readonly<Record<string, string>>): Promise<BotProcess>;
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly servers?: number;
  /** Sections of dbcheck.yml beside the targets. */
  readonly settings?: object;
  /** A store that is there already. */
  readonly storePath?: string;
  /** Of the environment of every process. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Servers that are there already and outlast the site; `servers` is of no use then. */
  readonly on?: readonly LabServer[];
}

/** `targets` are named server-1, server-2 … */
export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const { settings = {}, storePath, variables = {}, on } = options;
  const folder = mkdtempSync(join(tmpdir(), 'dbcheck-site-'));
  const atEnd: (() => Promise<unknown> | unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const end of atEnd.splice(0).toReversed()) await end();
  };
  try {
    const own: LabServer[] = [];
    atEnd.push(() => Promise.all(own.map((server) => server.stop())));
    const servers = on ?? own;
    if (!on) await startServers(options.servers ?? 1, own);
    const workspace = await startWorkspace();
    atEnd.push(() => workspace.close());
    const config = join(folder, 'dbcheck.yml');
    writeFileSync(
      config,
      JSON.stringify({
        targets: servers.map((server) => targetEntry(server)),
        store: { path: storePath ?? join(folder, 'dbcheck.db') },
        history: { enabled: false },
        ...settings,
      }),
    );
    async function startAnother(more: Readonly<Record<string, string>>): Promise<BotProcess> {
      const { apiUrl, settings: tokens } = workspace;
      const joined = await startBotProcess({ config, apiUrl, settings: tokens, variables: { ...variables, ...more } });
      atEnd.push(() => joined.kill());
      return joined;
    }
    const begun = performance.now();
    const bot = await startAnother({});
    const startMs = performance.now() - begun;
    await workspace.waitForConnection();
    return { workspace, servers, bot, startMs, startAnother, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Adds servers named server-1, server-2 … to a list, so that those that run are known also where one does not start. */
export async function startServers(count: number, into: LabServer[] = []): Promise<LabServer[]> {
  for (let number = 1; number <= count; number++) into.push(await startServer({ name: `server-${number}` }));
  return into;
}
