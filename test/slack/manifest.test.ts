import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { questionEvents } from '../../src/slack/listeners/messages.ts';
import { manifest } from '../support/slack-bench.ts';

const folder = new URL('../../src/slack/listeners/', import.meta.url);
const source = readdirSync(folder)
  .map((file) => readFileSync(new URL(file, folder), 'utf8'))
  .join('\n');

function registered(kind: string): string[] {
  const names = [...source.matchAll(new RegExp(`app\\.${kind}(?:<\\w+>)?\\(\\s*'([^']+)'`, 'g'))].map(
    ([, name]) => name,
  );
  return [...new Set(names as string[])].toSorted();
}

const { bot, bot_optional: optional } = manifest.oauth_config.scopes;
const events: string[] = manifest.settings.event_subscriptions.bot_events;

interface StepOfManifest {
  readonly input_parameters: object;
  readonly output_parameters: object;
}

const steps = registered('function');

describe('the manifest', () => {
  it('subscribes to the events that a listener takes, and to no others', () => {
    const taken = [
      ...registered('event'),
      ...questionEvents,
      ...(steps.length > 0 ? ['function_executed'] : []),
    ].flatMap((name) => (name === 'message' ? ['message.channels', 'message.groups', 'message.im'] : [name]));
    expect(taken.length).toBeGreaterThan(3);
    expect(events.toSorted()).toEqual(taken.toSorted());
  });

  it('declares the commands and shortcuts that a listener answers, and no others', () => {
    const { slash_commands: commands, shortcuts = [] } = manifest.features;
    expect(commands.map(({ command }: { command: string }) => command)).toEqual(registered('command'));
    const callbackIds = shortcuts.map(({ callback_id: id }: { callback_id: string }) => id);
    expect(callbackIds.toSorted()).toEqual(registered('shortcut'));
  });

  it('declares the workflow steps that a listener answers, with every parameter by its own name', () => {
    expect(Object.keys(manifest.functions)).toEqual(steps);
    // Slack offers steps in the workflow builder only of apps that are ready for organisations.
    expect(manifest.settings.org_deploy_enabled).toBe(true);
    for (const step of Object.values<StepOfManifest>(manifest.functions))
      for (const [name, parameter] of Object.entries({ ...step.input_parameters, ...step.output_parameters }))
        expect(parameter).toMatchObject({ name, title: expect.any(String), is_required: expect.any(Boolean) });
  });

  it('asks for the scopes of its events, and for none that would let it read or join what it was not invited to', () => {
    const needed = {
      app_mention: 'app_mentions:read',
      'message.channels': 'channels:history',
      'message.groups': 'groups:history',
      'message.im': 'im:history',
    };
    for (const [event, scope] of Object.entries(needed))
      expect([events, bot]).toEqual([expect.arrayContaining([event]), expect.arrayContaining([scope])]);
    expect(bot).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/join|public|customize|email|search|admin/)]),
    );
    expect(manifest.oauth_config.scopes.user).toBeUndefined();
    expect(new Set(bot).size).toBe(bot.length);
    expect(bot).toEqual(expect.arrayContaining(optional));
  });

  it('is an agent of the present kind, within the limits of Slack', () => {
    const { agent_view: agent, assistant_view: legacy } = manifest.features;
    expect(legacy).toBeUndefined();
    expect(agent.agent_description.length).toBeLessThanOrEqual(300);
    // Tokens that expire are renewed on incoming events only, and a scheduled check has none.
    expect(manifest.settings.token_rotation_enabled).toBe(false);
    expect(agent.suggested_prompts.length).toBeLessThanOrEqual(4);
    expect(manifest.display_information.description.length).toBeLessThanOrEqual(140);
  });
});
