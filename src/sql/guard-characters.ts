import type { Part } from './part.ts';
import type { Refusal } from './refusal.ts';

const symbols = new Set('()*,.;+-/%=<>!&|^~{}'.split(''));

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const controls = /[\u0000-\u0008\u000e-\u001f\u007f]/;
const loneSurrogate = /\p{Surrogate}/u;
/** White space, joiners and direction marks beyond ASCII: to the server they are letters of a name. */
const deceptive = /[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Control}\uFFFD]/u;

/** Refuses what can read differently to the server, to a person and to this guard. */
export function checkCharacters(sql: string, parts: readonly Part[]): Refusal {
  if (controls.test(sql)) return 'a control character';
  if (loneSurrogate.test(sql)) return 'text that is not valid Unicode';
  let before: Part | undefined;
  for (const part of parts) {
    if (!part.closed) return 'a string, name or comment that does not end';
    if (part.kind === 'executable-comment') return 'an executable comment';
    if (part.kind === 'hint') return 'an optimizer hint';
    if (part.kind === 'placeholder') return 'a placeholder without a value';
    if (part.kind === 'word' && deceptive.test(part.name)) return 'white space or a mark that is not ASCII in a name';
    if (part.keyword === ':=') return 'an assignment';
    if (part.kind === 'symbol' && !symbols.has(part.keyword) && !isNullEscape(sql, part)) return 'an unknown character';
    if (before?.keyword === '\\' && part.start !== before.end) return 'an unknown character';
    before = part;
  }
  return undefined;
}

/** `\N` is a way to write NULL. */
function isNullEscape(sql: string, part: Part): boolean {
  return part.keyword === '\\' && /^N(?![\w$\u0080-\uffff])/.test(sql.slice(part.end, part.end + 2));
}
