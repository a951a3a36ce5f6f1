import { type Model, startModel } from '../../lab/llm/model.ts';
import { parseConfig } from '../../src/config.ts';
import { createChatCompletionsModel } from '../../src/llm/chat-completions.ts';
import type { ChatModel } from '../../src/llm/chat-model.ts';
import { defaultResilience, withResilience } from '../../src/llm/resilience.ts';
import { createTargetRegistry } from '../../src/targets/registry.ts';
import type { Target } from '../../src/targets/target.ts';

/** A scripted server and the real client of it, with the waits of a test. */
export interface ModelBench {
  readonly server: Model;
  readonly model: ChatModel;
}

export async function openModelBench(timeoutMs = 10_000): Promise<ModelBench> {
  const server = await startModel();
  const settings = { apiKey: server.apiKey, baseUrl: server.baseUrl, name: 'scripted', timeoutMs };
  const resilience = { ...defaultResilience, retries: 1, baseMs: 1, breakAfter: 1_000 };
  return { server, model: withResilience(createChatCompletionsModel(settings), resilience) };
}

/** Targets as the registry makes them; nothing is connected to. */
export function targetsNamed(...names: readonly string[]): readonly Target[] {
  const targets = names.map((name) => ({ name, host: '127.0.0.1', user: 'dbcheck', password: 'target-password' }));
  return createTargetRegistry(parseConfig(JSON.stringify({ targets }), 'test.yml', {})).targets;
}
