import { type Logger, LogLevel } from '@slack/bolt';
import type { Log } from '../log.ts';

/** Slack's libraries write to our log. Their debug lines may hold message text and are left out. */
export function asSlackLogger(log: Log): Logger {
  const say = (words: readonly unknown[]) =>
    words
      .filter((word) => typeof word === 'string')
      .join(' ')
      .slice(0, 300);
  return {
    debug: () => {},
    info: (...words) => log.debug({}, say(words)),
    warn: (...words) => log.warn({}, say(words)),
    error: (...words) =>
      log.error({ err: words.find((word) => word instanceof Error) }, say(words) || 'Slack library error'),
    setLevel: () => {},
    getLevel: () => LogLevel.INFO,
    setName: () => {},
  };
}
