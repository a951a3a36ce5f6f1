import type { Preferences, Scope } from '../../conversation/preferences.ts';
import { normalise } from './question-text.ts';
import { type KnownTarget, readTargets } from './target-names.ts';
import { readDurations } from './windows.ts';

/** What somebody asks about their preferences. */
export type PreferenceWish = { readonly scope: Scope } & (
  | { readonly does: 'set'; readonly change: Preferences }
  | { readonly does: 'show' }
  | { readonly does: 'forget'; readonly field?: keyof Preferences }
  /** It is about a preference, but names a target that is not there. */
  | { readonly does: 'unclear'; readonly unknown: string }
);

const lasting =
  /\b(by default|as (?:the |my |our )?(?:default|standard|usual)|from now on|default to|(?:i|we) prefer|remember|ab jetzt|standardmassig|por defecto|par defaut)\b|\b(?:always|immer|siempre|toujours) (?:use|take|assume|be|give|keep|report|answer|make|look|send|write|nimm|verwende|usa|utilise)\b|^(?:always|immer|siempre|toujours)\b|\b(?:nimm|verwende|benutze) .{1,40} immer\b|\b(?:i|we) (?:always|usually) (?:mean|use|ask about|want|work (?:with|on))\b|\b(?:my|our|the) (?:usual|default|standard|preferred)(?: (?:target|server|database|db|host|instance|window|look-?back|verbosity|one)\b|[\s.!]*$| (?:is|to|for)\b)/;
const opening =
  /^(?:(?:please|pls|ok,?|okay,?|hey,?|and|bitte|for me,?|from now on,?|by default,?|ab jetzt|remember(?: that)?:?|always|immer|siempre|toujours) )*(?:use|usa|utilise|nimm|set|make|look|take|assume|keep|be|report|write|answer|give|send|show|default to|prefer|my|our|the|i|we|it'?s|brief|short|full|long|normal|verbose|detailed|terse|less|more|the last|last|\d)\b|^(?:(?:please|pls) )?(?:remember(?: that)?:? )?[\w.-]+ (?:(?:is|should be|as|ist) (?:my|our|the|mein)|by default|from now on)\b/;
const show =
  /\b(?:what|which) (?:do|did) you (?:remember|know|keep|store|have)(?: (?:about|of|on|for))?(?: (?:me|us|this channel|here))\b.{0,30}$|\b(?:what|which) (?:do|did) you (?:remember|know)\b[\s?.!]*$|\b(?:what are|show|list|see|tell me|what'?s|which are) (?:me )?(?:my|our|the|this channel'?s|channel'?s) (?:current |saved |stored )?(?:preferences?|defaults?|usual (?:target|window|server)|default (?:target|window|server|verbosity))\b|^(?:my|our) (?:preferences|defaults)\b|\bwas weisst du uber (?:mich|uns)\b|\bwas hast du dir gemerkt\b|\bque sabes de mi\b/;
const forget =
  /\b(?:forget|clear|delete|remove|reset|drop|erase|wipe|vergiss|olvida|oublie) (?:about )?(?:all )?(?:of )?(?:(?:my|our|the|this channel'?s|channel'?s|meine|mis|mes) (?:saved |stored |usual |default |preferred )?(preferences?|defaults?|settings?|einstellungen|vorlieben|preferencias|preferences|target|server|database|window|look-?back|verbosity|length)\b|(?:everything|what|all)(?: that)? (?:you|i) (?:know|remember|told|have|stored).{0,20}\b(?:me|us|you)?|me\b)/;

/**
 * What a question wishes of the preferences; undefined for any other question. Only words that mean a lasting wish count:
 * "use orders-prod by default", never "last 6 hours".
 */
export function readPreferenceWish(question: string, targets: readonly KnownTarget[]): PreferenceWish | undefined {
  if (question.length > 200) return undefined;
  const text = normalise(question).replaceAll('ß', 'ss');
  const scope: Scope =
    /\b(?:for|in) (?:this|the|our) channel\b|\bthis channel'?s\b|\bfor (?:everyone|everybody|all of us|the team|us all)\b|\bour\b|\bchannel default|\bfur diesen kanal\b/.test(
      text,
    )
      ? 'channel'
      : 'person';
  if (show.test(text)) return { does: 'show', scope };
  const forgotten = forget.exec(text);
  if (forgotten) {
    const field = fieldOf(forgotten[1] ?? '');
    return { does: 'forget', scope, ...(field ? { field } : {}) };
  }
  if (!lasting.test(text) || !opening.test(text) || /\?\s*$/.test(text)) return undefined;
  const named = readTargets(text, targets);
  const change = {
    ...(named.names.length === 1 ? { target: named.names[0] as string } : {}),
    ...windowIn(named.rest),
    ...verbosityIn(named.rest),
  };
  if (Object.keys(change).length > 0) return { does: 'set', scope, change };
  return named.unknown ? { does: 'unclear', scope, unknown: named.unknown.name } : undefined;
}

function fieldOf(word: string): keyof Preferences | undefined {
  if (/^(target|server|database)$/.test(word)) return 'target';
  if (/^(window|look-?back)$/.test(word)) return 'hours';
  return /^(verbosity|length)$/.test(word) ? 'verbosity' : undefined;
}

/** The longest look-back that agents take is 90 days. */
const maxHours = 2_160;

function windowIn(text: string): Preferences {
  const { windowSeconds } = readDurations(text, new Date());
  const hours = windowSeconds === undefined ? undefined : Math.round((windowSeconds / 3_600) * 100) / 100;
  return hours === undefined || hours <= 0 || hours > maxHours ? {} : { hours };
}

function verbosityIn(text: string): Preferences {
  const about =
    /\b(report|reports|answer|answers|answer me|be|keep|verbosity|reply|replies|them|it|version|details?|summar(y|ies)|prefer)\b/;
  if (!about.test(text) && !/^(?:always |from now on,? )?(brief|short|full|normal|verbose|detailed)\b/.test(text))
    return {};
  if (/\b(brief(er|ly)?|short(er|ly)?|terse|concise|less (detail|text|words)|kurz|breves?|court)\b/.test(text))
    return { verbosity: 'brief' };
  if (
    /\b(full|verbose|detailed|long(er)?|complete|more detail|all (the )?details|everything|ausfuhrlich|completos?)\b/.test(
      text,
    )
  )
    return { verbosity: 'full' };
  return /\bnormal(ly)?\b/.test(text) ? { verbosity: 'normal' } : {};
}
