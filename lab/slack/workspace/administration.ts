import { sendEvent } from '../delivery/events.ts';
import type { Delivery } from '../delivery/outbox.ts';
import type { Lab } from '../lab.ts';
import type { Channel, FunctionRun, JsonObject } from '../nouns.ts';
import { wrongParameters } from '../parameters.ts';
import type { Directory } from './directory.ts';

/** What an administrator of the workspace does, and what Slack itself sends. */
export interface Administration {
  /** Invites the bot (or removes it), telling it. */
  invite(channel: string): void;
  removeBot(channel: string): void;
  setArchived(channel: string, isArchived: boolean): void;
  setMembers(channel: string, users: readonly string[]): void;
  setUserGroup(id: string, users: readonly string[]): void;
  /** Makes the bot's token invalid and tells the app. */
  revokeTokens(): void;
  /** Sends any event of the Events API, also malformed ones. */
  sendEvent(event: JsonObject): Promise<Delivery | undefined>;
  /** Sends any interaction payload, also forged ones. */
  sendInteraction(payload: JsonObject): Promise<Delivery>;
  /** Runs the app's workflow step. Throws where the manifest declares it otherwise. */
  runStep(callbackId: string, inputs: JsonObject): FunctionRun;
}

export function createAdministration(lab: Lab, directory: Directory): Administration {
  const { state, settings } = lab;

  function putChannel(channel: Channel, change: Partial<Channel>): Channel {
    const next = { ...channel, ...change };
    state.channels.set(channel.id, next);
    state.changed();
    return next;
  }

  return {
    invite(name) {
      const channel = directory.channel(name);
      const bot = settings.app.botUserId;
      const joined = putChannel(channel, { members: [...new Set([...channel.members, bot])] });
      const type = channel.kind === 'private' ? 'G' : 'C';
      const event = { type: 'member_joined_channel', user: bot, channel: channel.id, channel_type: type };
      void sendEvent(lab, { ...event, team: settings.team.id, event_ts: state.newTs() }, joined);
    },
    removeBot(name) {
      const channel = directory.channel(name);
      putChannel(channel, { members: channel.members.filter((member) => member !== settings.app.botUserId) });
      const type = channel.kind === 'private' ? 'group_left' : 'channel_left';
      void sendEvent(lab, { type, channel: channel.id, event_ts: state.newTs() }, channel);
    },
    setArchived: (name, isArchived) => void putChannel(directory.channel(name), { isArchived }),
    setMembers: (name, users) => void putChannel(directory.channel(name), { members: users }),
    setUserGroup(id, users) {
      state.userGroups.set(id, { id, handle: state.userGroups.get(id)?.handle ?? id, users });
      state.changed();
    },
    revokeTokens() {
      lab.revoke(settings.botToken);
      void sendEvent(lab, { type: 'tokens_revoked', tokens: { oauth: [], bot: [settings.app.botUserId] } });
    },
    sendEvent: async (event) => sendEvent(lab, event),
    sendInteraction: (payload) => lab.outbox.send('interactive', String(payload['type']), payload),
    runStep(callbackId, inputs) {
      const declared = settings.functions?.[callbackId];
      if (settings.functions !== undefined && declared === undefined)
        throw new Error(`the manifest declares no step "${callbackId}"`);
      const wrong = declared ? wrongParameters(declared.input_parameters, inputs) : [];
      if (wrong.length > 0) throw new Error(`the workflow builder would not let this step be: ${wrong.join(', ')}`);
      const executionId = state.newId('Fx');
      const run: FunctionRun = { executionId, callbackId, outcome: 'running', outputs: {}, error: '' };
      state.functionRuns.set(executionId, run);
      void sendEvent(lab, functionExecuted(lab, run, inputs));
      return run;
    },
  };
}

function functionExecuted(lab: Lab, run: FunctionRun, inputs: JsonObject): JsonObject {
  const now = Math.floor(Date.now() / 1_000);
  return {
    type: 'function_executed',
    function: {
      id: lab.state.newId('Fn'),
      callback_id: run.callbackId,
      title: run.callbackId,
      description: '',
      type: 'app',
      input_parameters: Object.keys(inputs).map((name) => ({ name, type: 'string', title: name, is_required: true })),
      output_parameters: [],
      app_id: lab.settings.app.id,
      date_created: now,
      date_updated: now,
      date_deleted: 0,
    },
    inputs,
    function_execution_id: run.executionId,
    workflow_execution_id: lab.state.newId('Wx'),
    event_ts: lab.state.newTs(),
    bot_access_token: lab.settings.botToken,
  };
}
