import type { WebClient } from '@slack/web-api';

/** Whether a text may name a time of the day, so that it matters whose clock is meant. */
export function namesClock(text: string): boolean {
  return /\d(?::\d\d|\s?[ap]m\b)/i.test(text);
}

/** A person's own time zone, as Slack knows it; UTC where it does not, or where nobody asks. */
export async function zoneOf(client: Pick<WebClient, 'users'>, user: string | undefined): Promise<string> {
  const found = user === undefined ? undefined : await client.users.info({ user }).catch(() => undefined);
  return found?.user?.tz ?? 'UTC';
}
