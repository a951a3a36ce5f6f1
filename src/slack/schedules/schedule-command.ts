import type { Subcommand } from '../commands/subcommand.ts';
import type { ScheduleDesk } from './schedule-desk.ts';

/** Words by mention that are about schedules, and no question about a server. */
const mention =
  /^schedules?\s*(?:$|:|(?:help|list|show|pause|resume|delete|remove|run)\b|.*\b(?:every|each|daily|nightly|hourly|weekly|monthly|weekdays?)\b)/i;

/** `/dbcheck schedule …`, which a mention or a direct message says as well. */
export function scheduleCommand(schedules: Pick<ScheduleDesk, 'answer'>): Subcommand {
  return {
    name: 'schedule',
    help: 'schedule TARGET every day at 08:00: checks that are made by themselves',
    read(text, how) {
      if (how === 'spoken' && !mention.test(text)) return undefined;
      const [name] = /^schedules?\b:?/i.exec(text) ?? [];
      return name === undefined ? undefined : text.slice(name.length);
    },
    answer: schedules.answer,
  };
}
