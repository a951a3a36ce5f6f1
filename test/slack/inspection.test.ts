import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { composeOrchestrator } from '../../src/bot.ts';
import { type Config, loadConfig, parseConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { createTargetRegistry, type TargetRegistry } from '../../src/targets/registry.ts';
import { type SlackBench, startSlackBench } from '../support/slack-bench.ts';

let server: LabServer;
let registry: TargetRegistry;
let bench: SlackBench;

beforeAll(async () => {
  server = await startServer({ name: 'orders-prod' });
  const targets = [{ ...targetEntry(server), inspectSchemas: ['shop'] }];
  const environment = loadConfig(undefined, { DB_HOST: 'unused' }).environment;
  const config: Config = { ...parseConfig(JSON.stringify({ targets }), 'test.yml', {}), path: undefined, environment };
  registry = createTargetRegistry(config);
  const orchestrator = composeOrchestrator(config, registry, silentLog);
  bench = await startSlackBench({
    answer: (question) => orchestrator.ask(question),
    access: {
      channels: [
        { channels: ['incidents'], may: ['ask', 'inspect'] },
        { channels: ['direct'], may: ['ask'] },
      ],
    },
  });
});
afterAll(async () => {
  await bench?.close();
  await registry?.close();
  await server?.stop();
});

describe('a statement in the thread', () => {
  it('is run in a block of code, and its rows are a table with their count', async () => {
    const { workspace } = bench;
    const asked = workspace
      .user('ada')
      .mention('incidents', 'run on orders-prod ```SELECT id, status FROM shop.orders WHERE id < 3```');
    const told = await workspace.waitForReply(asked, ({ text }) => text.includes('2 rows'));
    const [table] = told.blocks.filter(({ type }) => type === 'data_table');
    expect(table).toMatchObject({ rows: [[{ text: 'id' }, { text: 'status' }], expect.anything(), expect.anything()] });
    expect(workspace.render([told])).toContain('SELECT id, status FROM shop.orders WHERE id < ?');

    const refused = workspace.user('ada').reply(asked, 'run: DELETE FROM shop.orders WHERE id = 1');
    const why = await workspace.waitForReply(refused, ({ text }) => text.includes('not run'));
    expect(why.text).toContain('DELETE is not a statement that only reads');
    expect(why.text).toContain('Allowed is one statement that only reads');

    const again = workspace.user('ada').reply(asked, 'run: SHOW CREATE TABLE shop.orders');
    const made = await workspace.waitForReply(again, ({ text }) => text.includes('1 row'));
    expect(workspace.render([made])).toContain('PRIMARY KEY (`id`)');
  });

  it('is refused, to the person alone, where the place may only ask', async () => {
    const { workspace } = bench;
    workspace.user('ben').direct('run on orders-prod: SELECT 1');
    await workspace.waitFor(() => workspace.ephemerals('ben').length > 0);
    expect(workspace.ephemerals('ben')[0]?.text).toMatch(/may not have statements run on orders-prod/);
  });
});
