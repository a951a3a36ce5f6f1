import { momentInWords } from '../../schedules/recurrence.ts';
import type { SummarySettings } from '../../schedules/summary-settings.ts';
import type { SummaryDesk } from '../summary/summary-desk.ts';
import { lastDue, weekMs } from '../summary/summary-desk.ts';
import { weekLines } from '../summary/week-in-words.ts';
import type { Desk } from '../turns/desk.ts';
import type { Subcommand } from './subcommand.ts';

const name = /^(?:weekly )?summary\b[\s:]*/i;
const whole = /^(?:(?:of |for )?(?:this week|the week|last week|so far|this week so far|help)?)[.?!]*$/i;

export interface SummaryCommandParts {
  readonly settings: () => SummarySettings;
  readonly targets: () => readonly { readonly name: string; readonly channel?: string | undefined }[];
  readonly now: () => number;
}

/**
 * `/dbcheck summary`: the week so far, to its person only, about the targets that the channel owns, or else all that they may
 * ask about there.
 */
export function summaryCommand(
  { parts }: Pick<Desk, 'parts'>,
  summaries: Pick<SummaryDesk, 'count'>,
  { settings, targets, now }: SummaryCommandParts,
): Subcommand {
  return {
    name: 'summary',
    help: 'summary [last week]: questions, time to answer, cost, feedback and what was found most, of this week so far',
    read(text) {
      const rest = text.replace(name, '');
      return name.test(text) && whole.test(rest) ? rest : undefined;
    },
    async answer(text, { user, channel }) {
      const permissions = await parts.access.permissions(user, channel);
      const owned = targets().filter((target) => target.channel === channel);
      const names = (owned.length > 0 ? owned : targets())
        .map((target) => target.name)
        .filter((target) => permissions.may('ask', target));
      if (names.length === 0)
        return { refused: 'There is no summary for you here: you may not ask about any target in this channel.' };
      const { zone } = settings();
      const beginMs = lastDue(settings(), now()) ?? now() - weekMs;
      const isLast = /last/i.test(text);
      const [fromMs, untilMs] = isLast ? [beginMs - weekMs, beginMs] : [beginMs, now()];
      const { week, before } = await summaries.count({ targets: names, channel }, fromMs, untilMs);
      const span = `${isLast ? 'The last week' : 'This week'} on ${names.join(', ')}, ${momentInWords(fromMs, zone).replace(` ${zone}`, '')} to ${momentInWords(untilMs, zone)}:`;
      return { told: [span, ...weekLines(week, before).map((line) => `• ${line}`)].join('\n') };
    },
  };
}
