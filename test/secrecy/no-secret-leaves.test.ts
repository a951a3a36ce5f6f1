import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Model, startModel } from '../../lab/llm/model.ts';
import { startWorkspace, type Workspace } from '../../lab/slack/workspace.ts';
import { agents } from '../../src/agents/registry.ts';
import { type Bot, composeOrchestrator, startBot } from '../../src/bot.ts';
import { type Config, loadConfig, parseConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { callsFor } from '../../src/orchestrator/orchestrator.ts';
import type { Report } from '../../src/report/report.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';
import { type PlantedWorld, plantSecrets } from './planted.ts';

let world: PlantedWorld;
let model: Model;
let workspace: Workspace;
let bot: Bot;
let report: Report;
const folder = mkdtempSync(join(tmpdir(), 'dbcheck-secrecy-'));
const logLines: string[] = [];

/** Nine agents on both servers by the command line's way, then the same by Slack with a model, and a look at Details. */
beforeAll(async () => {
  world = await plantSecrets();
  [model, workspace] = await Promise.all([startModel(), startWorkspace()]);
  model.respond(({ tools }) =>
    tools.length > 0
      ? { calls: agents.map(({ tool }) => ({ name: tool, arguments: { target: ['orders-prod'] } })) }
      : { json: { sentences: [{ text: 'Sessions wait.', findings: ['f1'] }] } },
  );
  const config = configOf();
  const log = createLog('debug', { write: (line: string) => void logLines.push(line) });
  const registry = createTargetRegistry(config);
  const targets = world.targets.map(({ name }) => name);
  report = await composeOrchestrator(config, registry, log).check({ text: 'check' }, callsFor(agents), targets);
  await registry.close();
  bot = await startBot(config, log);
  await workspace.waitForConnection();
  const asked = workspace.user('ada').mention('incidents', 'full health check of orders-prod');
  const told = await workspace.waitForReply(asked, ({ text }) => /orders-prod ·/.test(text), { timeoutMs: 40_000 });
  await workspace.user('ada').click(told, 'Details');
  const more = workspace.user('ada').reply(asked, 'tell me more about 1, 2 and 3');
  await workspace.waitForReply(more, ({ text }) => text !== '', { timeoutMs: 20_000 });
  for (const sql of inspections) {
    const looked = workspace.user('ada').reply(asked, `run: ${sql}`);
    await workspace.waitForReply(looked, ({ text }) => / in \d+ ms|no result/.test(text), { timeoutMs: 20_000 });
  }
  await bot.stop();
}, 120_000);

afterAll(async () => {
  await bot?.stop();
  await Promise.all([model?.close(), workspace?.close(), world?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

function configOf(): Config {
  const variables = {
    DB_HOST: 'unused',
    SLACK_BOT_TOKEN: workspace.settings.botToken,
    SLACK_APP_TOKEN: workspace.settings.appToken,
    SLACK_API_URL: workspace.apiUrl,
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_API_KEY: model.apiKey,
    LOG_LEVEL: 'debug',
  };
  const file = parseConfig(
    JSON.stringify({
      targets: world.targets,
      run: { windowSeconds: 0.3 },
      store: { path: join(folder, 'dbcheck.db') },
    }),
    'test.yml',
    {},
  );
  return { ...file, path: undefined, environment: loadConfig(undefined, variables).environment };
}

/** The channels whose secret stands in a text. */
function foundIn(text: string): string[] {
  return world.planted.filter(({ secret }) => text.includes(secret)).map(({ channel }) => channel);
}

/** Looks of a person at the places where text of strangers stands. */
const inspections = [
  'SHOW FULL PROCESSLIST',
  'SELECT user, LEFT(info, 90) AS q FROM information_schema.processlist',
  'SELECT * FROM performance_schema.events_statements_history',
  'SELECT * FROM mysql.slow_log',
  "SHOW TABLE STATUS FROM shop LIKE 'notes'",
  'SHOW CREATE TABLE shop.notes',
  'SHOW ENGINE INNODB STATUS',
  "SHOW GLOBAL VARIABLES LIKE '%password%'",
  'SELECT * FROM information_schema.triggers',
];

/** What the agents must have found for the test to have looked where the secrets are. */
const seen = [
  ...['lock.row_chain', 'lock.deadlocks', 'query.slow_pattern', 'query.running', 'conn.auth_failures'],
  ...['incident.error_log', 'repl.sql_error', 'security.empty_password', 'schema.duplicate_index', 'backup.corrupt'],
];

describe('a secret in any channel of a server', () => {
  it('was where the agents looked', () => {
    expect(report.results.filter(({ status }) => status !== 'completed')).toEqual([]);
    const codes = report.findings.map(({ code }) => code);
    for (const code of seen) expect(codes).toContain(code);
    expect(report.masked).toBeGreaterThan(100);
    expect(report.text).toContain(`Masked: ${report.masked} values`);
  });

  it('is not in the report as JSON', () => {
    expect(foundIn(JSON.stringify(report))).toEqual([]);
  });

  it('is in nothing that Slack received', () => {
    const sent = JSON.stringify(workspace.calls());
    expect(sent.length).toBeGreaterThan(5_000);
    expect(foundIn(sent)).toEqual([]);
  });

  it('is in nothing that the model received', () => {
    expect(model.requests().map(({ tools }) => tools.length > 0)).toContain(false);
    expect(foundIn(JSON.stringify(model.requests()))).toEqual([]);
  });

  it('is in no line of the log', () => {
    expect(logLines.length).toBeGreaterThan(0);
    expect(foundIn(logLines.join(''))).toEqual([]);
  });

  it('is in no file of the store', () => {
    const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    expect(bytes.join('')).toContain('orders-prod');
    expect(foundIn(bytes.join(''))).toEqual([]);
  });
});
