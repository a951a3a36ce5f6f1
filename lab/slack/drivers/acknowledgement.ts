import { readContent } from '../api/content.ts';
import type { Delivery } from '../delivery/outbox.ts';
import { isObject } from '../json.ts';
import type { Lab } from '../lab.ts';
import { addMessage } from '../messages.ts';
import { SlackError } from '../slack-error.ts';

/** Slack's own user, who tells people what went wrong. */
export const slackbotId = 'USLACKBOT';

function tell(lab: Lab, channel: string, user: string, text: string): void {
  addMessage(lab.state, { channel, user: slackbotId, ephemeralTo: user, text });
}

/** Shows a person what follows from the app's answer to a slash command: its message, or Slack's complaint. */
export function showCommandAnswer(lab: Lab, delivery: Delivery, command: string, channel: string, user: string): void {
  const attempt = delivery.attempts.at(-1);
  if (delivery.acknowledged === undefined) {
    const error = attempt?.outcome === 'timed_out' ? 'operation_timeout' : 'dispatch_failed';
    tell(lab, channel, user, `${command} failed with the error "${error}"`);
    return;
  }
  const { body } = delivery.acknowledged;
  const content = isObject(body) ? body : { text: body };
  if (!('text' in content || 'blocks' in content) || content['text'] === undefined || content['text'] === '') {
    if (!('blocks' in content)) return;
  }
  const { app } = lab.settings;
  const answering = { violations: [] };
  try {
    const read = readContent(lab, content, answering);
    const ephemeralTo = content['response_type'] === 'in_channel' ? undefined : user;
    addMessage(lab.state, { channel, user: app.botUserId, botId: app.botId, ephemeralTo, ...read });
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    tell(lab, channel, user, `${command} failed with the error "${error.error}"`);
  }
  lab.recordViolations('ack', answering.violations);
}
