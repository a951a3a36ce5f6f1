import { hostRules, type SecretKind, type SecretRule, secretRules } from './secret-forms.ts';

export interface RedactOptions {
  /** Addresses and host names too. */
  readonly hosts?: boolean;
  /** Words that are to be masked wherever they stand, such as user names. */
  readonly names?: readonly string[];
  /** Values that are known to everybody and stay, such as names of targets and ids of ours. */
  readonly except?: readonly string[];
}

export interface Redacted {
  readonly text: string;
  /** How many places were masked. */
  readonly masked: number;
}

/** Masks text for somebody outside the process, and gives back the originals inside it. */
export interface Redactor {
  /** Equal values get equal marks, over all texts of this redactor. */
  redact(text: string): Redacted;
  /** Puts the originals back in place of the marks; other text stays as it is. */
  restore(text: string): string;
}

/** Something of every rule; most cells have nothing of any, and are not worth a dozen searches. */
const suspicious =
  /[@:=[]|-----|eyJ|\d[\d -]{11}|[\w+/-]{16}|\d{4}\.\d{4}\.|\$\w|%40|%3[ad]|\s-p\S|bearer|basic|digest|identif|passw|pwd|passphrase|secret|token|key|credential/i;

/** What a mark looks like; text that already does is masked too, so that `restore` cannot be led astray. */
const mark = /\[(?:email|secret|card|host|name|text)-\d+\]/g;

/** Masks e-mail addresses, passwords, keys and tokens, card numbers, and hosts if asked, in any text. Never throws. */
export function redactText(text: string, options: RedactOptions = {}): Redacted {
  return createRedactor(options).redact(text);
}

export function createRedactor(options: RedactOptions = {}): Redactor {
  const marks = new Map<string, string>();
  const originals = new Map<string, string>();
  const kept = new Set(options.except?.map((name) => name.toLowerCase()));
  const names = nameRules(options.names ?? []);
  const rules = [
    { kind: 'text' as const, pattern: mark },
    ...secretRules,
    ...(options.hosts ? hostRules : []),
    ...names,
  ];

  function markOf(kind: SecretKind, value: string): string {
    const key = `${kind} ${value}`;
    let text = marks.get(key);
    if (text === undefined) {
      text = `[${kind}-${marks.size + 1}]`;
      marks.set(key, text);
      originals.set(text, value);
    }
    return text;
  }

  return {
    redact(text) {
      if (!options.hosts && names.length === 0 && !suspicious.test(text)) return { text, masked: 0 };
      let pieces: readonly Piece[] = [{ text, isMark: false }];
      for (const rule of rules) pieces = applyRule(pieces, rule, markOf, kept);
      return {
        text: pieces.map((piece) => piece.text).join(''),
        masked: pieces.filter((piece) => piece.isMark).length,
      };
    },
    restore: (text) => text.replace(mark, (found) => originals.get(found) ?? found),
  };
}

/** What is masked is left alone by the rules that follow. */
interface Piece {
  readonly text: string;
  readonly isMark: boolean;
}

function applyRule(
  pieces: readonly Piece[],
  rule: SecretRule,
  markOf: (kind: SecretKind, value: string) => string,
  kept: ReadonlySet<string>,
): Piece[] {
  const result: Piece[] = [];
  for (const piece of pieces) {
    if (piece.isMark) {
      result.push(piece);
      continue;
    }
    let done = 0;
    for (const match of piece.text.matchAll(rule.pattern)) {
      const value = rule.group === undefined ? match[0] : (match[rule.group] ?? '');
      if (value === '' || rule.accepts?.(value) === false) continue;
      if (kept.has(value.toLowerCase())) continue;
      const start = match.index + match[0].lastIndexOf(value);
      if (start > done) result.push({ text: piece.text.slice(done, start), isMark: false });
      result.push({ text: markOf(rule.kind, value), isMark: true });
      done = start + value.length;
    }
    if (done < piece.text.length) result.push({ text: piece.text.slice(done), isMark: false });
  }
  return result;
}

function nameRules(names: readonly string[]): SecretRule[] {
  const escaped = names.filter((name) => name !== '').map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (escaped.length === 0) return [];
  const longestFirst = escaped.sort((a, b) => b.length - a.length).join('|');
  return [{ kind: 'name', pattern: new RegExp(`(?<![\\p{L}\\p{N}_])(?:${longestFirst})(?![\\p{L}\\p{N}_])`, 'gu') }];
}
