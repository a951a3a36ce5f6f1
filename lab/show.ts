import { type Bot, startBot } from '../src/bot.ts';
import { loadConfig } from '../src/config.ts';
import { silentLog } from '../src/log.ts';
import type { Fault } from './faults/fault.ts';
import { startWorkspace, type Workspace } from './slack/workspace.ts';
import { createStage, faultMenu, type Stage } from './stage.ts';

/** A broken world, the real bot that looks at it, and the workspace in which people ask. */
export interface Show {
  readonly stage: Stage;
  readonly workspace: Workspace;
  readonly bot: Bot;
  close(): Promise<void>;
}

/** Starts all of it with one fault on the stage; the page of the workspace has a menu of the others. */
export async function startShow(fault: Fault): Promise<Show> {
  const atEnd: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of atEnd.splice(0).toReversed()) await end();
  };
  try {
    let bot: Bot | undefined;
    const stage = await createStage({ store: { path: ':memory:' } }, () => bot?.reload());
    atEnd.push(() => stage.close());
    await stage.play(fault);
    const workspace = await startWorkspace({ controls: [faultMenu(stage)] });
    atEnd.push(() => workspace.close());
    const { botToken, appToken } = workspace.settings;
    const variables = { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: workspace.apiUrl };
    bot = await startBot(loadConfig(stage.configPath, variables), silentLog);
    const started = bot;
    atEnd.push(() => started.stop());
    await workspace.waitForConnection();
    return { stage, workspace, bot, close };
  } catch (error) {
    await close();
    throw error;
  }
}
