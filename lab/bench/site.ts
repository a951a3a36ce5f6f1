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
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly servers?: number;
  /** Sections of dbcheck.yml beside the targets. */
  readonly settings?: object;
  /** A store that is there already. */
  readonly storePath?: string;
}

/** `targets` are named server-1, server-2 … */
export async function startSite({ servers: count = 1, settings = {}, storePath }: SiteOptions = {}): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'dbcheck-site-'));
  const atEnd: (() => Promise<unknown> | unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const end of atEnd.splice(0).toReversed()) await end();
  };
  try {
    const servers: LabServer[] = [];
    atEnd.push(() => Promise.all(servers.map((server) => server.stop())));
    for (let number = 1; number <= count; number++) servers.push(await startServer({ name: `server-${number}` }));
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
    const begun = performance.now();
    const bot = await startBotProcess({ config, apiUrl: workspace.apiUrl, settings: workspace.settings });
    const startMs = performance.now() - begun;
    atEnd.push(() => bot.kill());
    await workspace.waitForConnection();
    return { workspace, servers, bot, startMs, close };
  } catch (error) {
    await close();
    throw error;
  }
}
