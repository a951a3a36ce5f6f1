import { signatureOf } from '../src/alerts/signature.ts';
import type { Bot } from '../src/bot.ts';
import type { Control } from './slack/page/control.ts';
import type { Stage } from './stage.ts';

/** What signs the alerts of the page; both ends are on this machine. */
const secret = 'the secret of a lab on one machine';

/** The key `alerts` of the dbcheck.yml of the stage: signed alerts, told in the channel of incidents. */
export function pagerSettings(channel: string): object {
  return { port: 0, secret, channel, coolDownMinutes: 1 };
}

/** Buttons that send the alert of the present fault as a monitoring system would: over HTTP, signed. */
export function pager(stage: Stage, bot: () => Bot | undefined): Control {
  async function send(status: 'firing' | 'resolved'): Promise<number> {
    const { scene } = stage;
    const port = bot()?.alertsPort;
    if (!scene || port === undefined) throw new Error('the bot takes no alerts yet');
    const { title } = scene.fault;
    const target = scene.world.primary.name;
    const alert = {
      id: scene.fault.id,
      name: 'DatabaseInTrouble',
      status,
      severity: 'critical',
      summary: title,
      target,
    };
    const body = JSON.stringify(alert);
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const headers = { 'x-dbcheck-timestamp': timestamp, 'x-dbcheck-signature': signatureOf(secret, timestamp, body) };
    const response = await fetch(`http://127.0.0.1:${port}/alerts/json`, { method: 'POST', body, headers });
    return response.status;
  }
  return {
    id: 'alert',
    title: 'Page the people on call',
    description: 'Sends an alert about the present fault to the bot, as a monitoring system does: signed, over HTTP.',
    runLabel: 'Fire the alert',
    undoLabel: 'Resolve it',
    run: async () => `The bot answered ${await send('firing')}; look at the channel.`,
    undo: async () => `The bot answered ${await send('resolved')}; look at the thread.`,
  };
}
