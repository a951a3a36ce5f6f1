import { readRecurrence } from './read-recurrence.ts';
import { listed } from './recurrence.ts';
import type { Notify, ScheduleWish } from './schedule.ts';
import { after, before, type Words, wordsOf } from './words.ts';

export interface ScheduleContext {
  readonly targets: readonly { readonly name: string; readonly tags: readonly string[] }[];
  /** Where the words name no time zone. */
  readonly zone: string;
  /** The agents that words ask for; undefined where they mean none. */
  readonly agentsFor: (words: string) => Promise<readonly string[] | undefined>;
}

export type ReadSchedule = { readonly wish: ScheduleWish } | { readonly problem: string };

/** Words beside the pieces that mean nothing of their own. */
const fillers = new Set(
  'a an and the please check checks run for of on in me us to with it do look at time zone timezone scheduled schedule make create add new report'.split(
    ' ',
  ),
);
/** Words that would change the meaning: what holds one of them and was not understood is asked back, never dropped. */
const weighty =
  /\b(every|each|week|weeks|weekly|fortnight|month|months|monthly|year|yearly|quarterly|hour|hours|minute|minutes|day|days|daily|except|until|till|from|between|after|before|unless|not|never|only|once|tomorrow|today|second|third|fourth|other)\b/i;

/**
 * Reads "orders-prod every day at 08:00 Europe/Berlin full". The pieces may stand in any order; what is not understood is
 * a problem and never left out in silence.
 */
export async function readSchedule(text: string, context: ScheduleContext): Promise<ReadSchedule> {
  const words = wordsOf(text);
  const which = readTargets(words, context.targets);
  if ('problem' in which) return which;
  const notify = readNotify(words);
  const zone = readZone(words);
  if (typeof zone === 'object') return zone;
  const read = readRecurrence(words, zone ?? context.zone);
  if ('problem' in read) return read;
  const agents = await readAgents(words, context);
  if ('problem' in agents) return agents;
  return { wish: { ...which, when: read.when, agents: [...agents.agents], notify } };
}

function readTargets(
  words: Words,
  targets: ScheduleContext['targets'],
): Pick<ScheduleWish, 'targets' | 'select'> | { readonly problem: string } {
  const tag = words.take(
    new RegExp(`${before}(?:all )?(?:targets |servers )?(?:with )?(?:the )?(?:tag|tagged)[ :]+([\\w.-]+)${after}`, 'i'),
  )?.[1];
  if (tag !== undefined) {
    const known = targets.flatMap(({ tags }) => tags).find((one) => one.toLowerCase() === tag.toLowerCase());
    if (known === undefined) return { problem: `No target has the tag "${tag}".` };
    return { targets: [], select: { tag: known } };
  }
  const named = targets
    .toSorted((a, b) => b.name.length - a.name.length)
    .filter(({ name }) => words.take(new RegExp(`${before}${name.replaceAll('.', '\\.')}${after}`, 'i')) !== undefined)
    .map(({ name }) => name);
  if (named.length > 0) {
    return { targets: targets.map(({ name }) => name).filter((name) => named.includes(name)) };
  }
  if (
    words.take(
      new RegExp(
        `${before}(?:all|every)(?: of)?(?: our| the| my)? (?:targets?|servers?|databases?|instances?)${after}`,
        'i',
      ),
    )
  )
    return { targets: [], select: 'all' };
  const [only, another] = targets;
  if (only && !another) return { targets: [only.name] };
  const some = targets.slice(0, 10).map(({ name }) => name);
  return { problem: `Which target? There are ${listed(some)}${targets.length > some.length ? ' and more' : ''}.` };
}

function readNotify(words: Words): Notify {
  const lead =
    '(?:(?:and |but |please )?(?:notify|tell|post|report|alert|ping|message|say)(?: me| us| it)? ?)?(?:only )?';
  const wrong =
    '(?:(?:a )?warnings?(?:(?: and|,)? (?:above|worse|higher|up|critical))?|problems?|trouble|errors?|critical|(?:something|it|anything) (?:is|goes|looks) (?:wrong|bad|broken|degraded|not healthy|unhealthy)|not healthy|unhealthy|degraded)';
  if (words.take(new RegExp(`${before}${lead}(?:on|if|when|from|for|at)? ?${wrong}${after}`, 'i'))) return 'warning';
  const changed = '(?:changes?|changed|(?:something|it|anything) (?:changes|changed|is new))';
  if (words.take(new RegExp(`${before}${lead}(?:on|if|when|at|for)? ?(?:an? |any )?${changed}${after}`, 'i')))
    return 'change';
  words.take(new RegExp(`${before}${lead}(?:always|every time|each time)${after}`, 'i'));
  return 'always';
}

/** Takes out a time zone by its IANA name; undefined where none is named. */
function readZone(words: Words): string | undefined | { readonly problem: string } {
  if (words.take(new RegExp(`${before}(?:utc|gmt|zulu)${after}`, 'i'))) return 'UTC';
  const named = words.take(/(?<![\w.:/-])[a-z_]+\/[a-z_+-]+(?:\/[a-z_+-]+)?\d*(?![\w:/])/i)?.[0];
  if (named !== undefined) {
    return (
      zoneNamed(named) ?? {
        problem: `There is no time zone "${named}". For instance: Europe/Berlin, America/New_York, UTC.`,
      }
    );
  }
  // Such as CET; whether a short name is one, the platform knows.
  const short = words.take(new RegExp(`${before}(?:CET|EET|WET|MET|EST5EDT|CST6CDT|MST7MDT|PST8PDT)${after}`))?.[0];
  return short;
}

/** A zone in the spelling of the zone database; undefined where there is none of that name. */
function zoneNamed(name: string): string | undefined {
  const known = Intl.supportedValuesOf('timeZone').find((zone) => zone.toLowerCase() === name.toLowerCase());
  if (known !== undefined) return known;
  try {
    // The platform lists old names only for some (Asia/Calcutta) and would answer with them; what was asked for is kept.
    new Intl.DateTimeFormat('en', { timeZone: name });
    return name
      .toLowerCase()
      .replaceAll(/(?<![a-z])(?:(?:us|gmt|utc|uct|gb|nsw|act|lhi)(?![a-z])|[a-z])/g, (letters) =>
        letters.toUpperCase(),
      );
  } catch {
    return undefined;
  }
}

async function readAgents(
  words: Words,
  { agentsFor }: ScheduleContext,
): Promise<{ readonly agents: readonly string[] } | { readonly problem: string }> {
  const isFull = words.take(
    new RegExp(
      `${before}(?:full(?: health)?(?: ?check(?:up)?)?|everything|complete(?:ly)?|all(?: nine)?(?: agents| checks)?)${after}`,
      'i',
    ),
  );
  const left = words.left
    .split(' ')
    .filter((word) => word !== '' && !fillers.has(word.toLowerCase()))
    .join(' ');
  if (left === '') return { agents: [] };
  const agents = isFull || weighty.test(left) ? undefined : await agentsFor(left);
  return agents === undefined || agents.length === 0 ? { problem: `I do not understand "${left}".` } : { agents };
}
