import type { Input } from '../drivers/element-state.ts';
import type { Person } from '../drivers/person.ts';
import { isArray, isObject, stringOf } from '../json.ts';
import type { JsonObject, Message, View } from '../nouns.ts';
import type { PageParts } from './snapshot.ts';

/** What the client asks for, as it comes over the wire. */
type Deed = JsonObject;

function text(deed: Deed, name: string): string {
  return stringOf(deed[name]) ?? '';
}

function inputOf(value: unknown): Input {
  if (isArray(value)) return value.map(String);
  return typeof value === 'string' ? value : null;
}

function targetOf(parts: PageParts, deed: Deed): Message | View {
  const { state } = parts.lab;
  const view = state.views.get(text(deed, 'view'));
  if (view !== undefined) return view;
  const ts = text(deed, 'ts');
  const message = state.messages.get(text(deed, 'channel'))?.get(ts) ?? state.ephemerals.find((one) => one.ts === ts);
  if (message === undefined) throw new Error('this message is gone');
  return message;
}

function elementOf(deed: Deed): { readonly blockId: string; readonly actionId: string; readonly label: string } {
  return { blockId: text(deed, 'block'), actionId: text(deed, 'action'), label: text(deed, 'label') };
}

/** `/command rest` is a slash command; `@dbcheck` becomes a mention. */
async function say(parts: PageParts, person: Person, deed: Deed): Promise<JsonObject> {
  const { app } = parts.lab.settings;
  const typed = text(deed, 'text').trim();
  const threadTs = stringOf(deed['thread']);
  const channel = text(deed, 'channel');
  const command = /^(\/\w+)\s*([\s\S]*)$/.exec(typed);
  if (command?.[1] !== undefined && threadTs === undefined) {
    await person.slash(command[1], command[2] ?? '', channel);
    return {};
  }
  const mentioned = typed.replaceAll(`@${app.name}`, `<@${app.botUserId}>`);
  const message = person.message(channel, mentioned, threadTs === undefined ? {} : { threadTs });
  return { ts: message.ts };
}

async function runControl(parts: PageParts, deed: Deed, isUndo: boolean): Promise<JsonObject> {
  const control = parts.controls.find((one) => one.id === deed['control']);
  if (control === undefined) throw new Error('there is no such control');
  const said = isUndo ? await control.undo?.() : await control.run(stringOf(deed['option']));
  return { said: said ?? '' };
}

function inputsOf(deed: Deed): Readonly<Record<string, Input>> {
  const given = isObject(deed['inputs']) ? deed['inputs'] : {};
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, inputOf(value)]));
}

/** Does what a person did on the page. Rejects with a sentence that the page shows. */
export async function doDeed(parts: PageParts, person: Person, deed: Deed): Promise<JsonObject> {
  const { state } = parts.lab;
  const view = (): View => {
    const found = state.views.get(text(deed, 'view'));
    if (found === undefined) throw new Error('this view is gone');
    return found;
  };
  switch (deed['do']) {
    case 'say':
      return say(parts, person, deed);
    case 'click':
      await person.click(targetOf(parts, deed), elementOf(deed));
      return {};
    case 'choose':
      await person.choose(targetOf(parts, deed), elementOf(deed), inputOf(deed['value']));
      return {};
    case 'suggest':
      return { offers: await person.suggest(targetOf(parts, deed), elementOf(deed), text(deed, 'value')) };
    case 'submit':
      await person.submit(view(), inputsOf(deed));
      return {};
    case 'dismiss':
      await person.close(view());
      return {};
    case 'shortcut': {
      const target = targetOf(parts, deed);
      await person.shortcut(text(deed, 'callback'), 'ts' in target ? target : undefined);
      return {};
    }
    case 'home':
      await person.openHome();
      return {};
    case 'direct':
      await person.openMessages();
      return {};
    case 'stop':
      await person.stopSession({ channel: text(deed, 'channel'), ts: text(deed, 'thread') });
      return {};
    case 'control':
    case 'control-undo':
      return runControl(parts, deed, deed['do'] === 'control-undo');
    default:
      throw new Error(`the page asked for something unknown: ${String(deed['do'])}`);
  }
}
