import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReplicationPair, startPair } from '../../lab/mariadb/replicate.ts';
import { type LabServer, startServer } from '../../lab/mariadb/server.ts';
import { targetEntry } from '../../lab/mariadb/target.ts';
import { composeOrchestrator } from '../../src/bot.ts';
import { loadConfig, parseConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import type { Orchestrator } from '../../src/orchestrator/question.ts';
import { createTargetRegistry, type TargetRegistry } from '../../src/targets/registry.ts';

let pair: ReplicationPair;
let alone: LabServer;
let registry: TargetRegistry;
let orchestrator: Orchestrator;

beforeAll(async () => {
  // The two differ in a setting that a comparison names.
  alone = await startServer();
  pair = await startPair({ replicas: [{ args: ['--sql-mode=ANSI'] }] });
  const targets = [
    targetEntry(pair.primary, { name: 'orders-prod', replicas: ['orders-replica'] }),
    targetEntry(pair.replicas[0] as LabServer, { name: 'orders-replica' }),
    targetEntry(alone, { name: 'alone' }),
  ];
  const file = parseConfig(JSON.stringify({ targets, run: { windowSeconds: 0.2 } }), 'test.yml', {});
  const { environment } = loadConfig(undefined, { DB_HOST: 'unused' });
  registry = createTargetRegistry(file);
  orchestrator = composeOrchestrator({ ...file, path: undefined, environment }, registry, silentLog);
});
afterAll(async () => {
  await registry?.close();
  await pair?.stop();
  await alone?.stop();
});

const onlyPrimary = (name: string) => name === 'orders-prod';

describe('a person who may ask about a primary and not about its replica', () => {
  it('hears nothing of the replica, not even from what was found for somebody else before', async () => {
    const questions = ['is replication healthy on orders-prod?', 'check the configuration of orders-prod'];
    for (const text of questions) {
      const all = await orchestrator.ask({ text });
      expect(JSON.stringify(all)).toContain('orders-replica');
      const some = await orchestrator.ask({ text, mayAsk: onlyPrimary });
      expect(some.results.map(({ target }) => target)).not.toContain('orders-replica');
      expect(JSON.stringify([some.findings, some.evidence])).not.toContain('orders-replica');
    }
  });

  it('leaves no half answer behind for those who may see both', async () => {
    const text = 'check the configuration of orders-prod';
    await orchestrator.ask({ text, mayAsk: onlyPrimary, fresh: true });
    expect(JSON.stringify((await orchestrator.ask({ text })).findings)).toContain('orders-replica');
  });

  it('is refused by name, also when the replica comes from the conversation', async () => {
    const text = 'is replication healthy on orders-replica?';
    const refused = await orchestrator.ask({ text, mayAsk: onlyPrimary });
    expect(refused.plan.refused).toEqual({ right: 'ask', targets: ['orders-replica'] });
    const before = await orchestrator.ask({ text });
    const turns = [{ question: text, askedAt: before.takenAt, report: before }];
    for (const follow of ['again', 'tell me more about the first one', 'make that 24 hours']) {
      const answer = await orchestrator.ask({ text: follow, conversation: { key: 'k', turns }, mayAsk: onlyPrimary });
      expect(answer.findings).toEqual([]);
      expect(answer.plan.refused?.targets).toEqual(['orders-replica']);
    }
  });
});

it('a person who may ask about nothing is told so, and offered neither an empty list nor another name', async () => {
  const mayAsk = () => false;
  const vague = await orchestrator.ask({ text: 'why is it slow?', mayAsk });
  expect(vague.text).toBe('There is no target here that you may ask about. Whoever runs dbcheck can allow it.');
  expect(vague.plan.missing).toBeUndefined();
  expect((await orchestrator.ask({ text: 'is ledger-db-prod healthy?', mayAsk })).text).toBe(
    'There is no target "ledger-db-prod".',
  );
});

it('the only check that was asked for says in the headline why it does not apply', async () => {
  const { text } = await orchestrator.ask({ text: 'is replication healthy?', defaultTarget: 'alone' });
  expect(text.split('\n')[0]).toBe(
    '⚪ Unknown · alone · replication health does not apply here: no replica and no replication threads',
  );
});
