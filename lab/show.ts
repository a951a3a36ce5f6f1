import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Bot, startBot } from '../src/bot.ts';
import { loadConfig } from '../src/config.ts';
import { silentLog } from '../src/log.ts';
import type { Fault } from './faults/fault.ts';
import { playColleague } from './llm/colleague.ts';
import { startModel } from './llm/model.ts';
import { pager, pagerSettings } from './pager.ts';
import type { WorkspaceOptions } from './slack/options.ts';
import { startWorkspace, type Workspace } from './slack/workspace.ts';
import { createStage, faultMenu, type Stage } from './stage.ts';

/** A broken world, the real bot that looks at it, and the workspace in which people ask. */
export interface Show {
  readonly stage: Stage;
  readonly workspace: Workspace;
  readonly bot: Bot;
  close(): Promise<void>;
}

/** The id of #incidents in the workspace. */
const incidents = 'C0INCIDENT';
/** The name and the price, in US dollars per million tokens, that the scripted model goes by. */
const modelName = 'gpt-5-mini';
const price = { input: 0.25, output: 2 };

/** A scripted model on this machine, and what makes the bot use it. */
async function startColleague(atEnd: (() => Promise<unknown>)[]): Promise<{
  readonly settings: object;
  readonly variables: Readonly<Record<string, string>>;
}> {
  const model = await startModel();
  atEnd.push(() => model.close());
  playColleague(model);
  return {
    settings: { model: { prices: { [modelName]: price } } },
    variables: { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: model.apiKey, OPENAI_MODEL: modelName },
  };
}

/** What the app's manifest declares: the workspace grants, sends and offers that and no more. */
function declared(): WorkspaceOptions {
  const manifest = parse(readFileSync(new URL('../manifest.yml', import.meta.url), 'utf8'));
  const shortcuts: readonly { readonly callback_id: string; readonly name: string }[] = manifest.features.shortcuts;
  return {
    scopes: manifest.oauth_config.scopes.bot,
    events: manifest.settings.event_subscriptions.bot_events,
    functions: manifest.functions,
    shortcuts: shortcuts.map(({ callback_id: callbackId, name }) => ({ callbackId, title: name })),
  };
}

/**
 * Starts all of it with one fault on the stage; the page of the workspace has a menu of the others. `withModel` puts a
 * scripted model behind the bot; without it the rules plan and the template narrates.
 */
export async function startShow(fault: Fault, withModel = false): Promise<Show> {
  const atEnd: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of atEnd.splice(0).toReversed()) await end();
  };
  try {
    let bot: Bot | undefined;
    const model = withModel ? await startColleague(atEnd) : { settings: {}, variables: {} };
    const alerts = pagerSettings(incidents);
    const stage = await createStage({ store: { path: ':memory:' }, alerts, ...model.settings }, () => bot?.reload());
    atEnd.push(() => stage.close());
    await stage.play(fault);
    const workspace = await startWorkspace({ ...declared(), controls: [faultMenu(stage), pager(stage, () => bot)] });
    atEnd.push(() => workspace.close());
    const { botToken, appToken } = workspace.settings;
    const variables = {
      SLACK_BOT_TOKEN: botToken,
      SLACK_APP_TOKEN: appToken,
      SLACK_API_URL: workspace.apiUrl,
      ...model.variables,
    };
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
