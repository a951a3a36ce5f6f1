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

type Kind = 'email' | 'secret' | 'card' | 'host' | 'name' | 'text';

interface Rule {
  readonly kind: Kind;
  readonly pattern: RegExp;
  /** Which group holds the secret; the whole match when absent. */
  readonly group?: number;
  readonly accepts?: (value: string) => boolean;
}

const secretWord = String.raw`\w*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)s?`;
const quoted = String.raw`'(?:[^'\\]|\\.|'')*'?|"(?:[^"\\]|\\.|"")*"?`;

const secretRules: readonly Rule[] = [
  { kind: 'secret', pattern: /-----BEGIN [A-Z ]*KEY-----[^-]*(?:-----END [A-Z ]*KEY-----)?/g },
  { kind: 'secret', pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@]{0,100}:([^\s/@]{1,200})@/gi, group: 1 },
  { kind: 'secret', pattern: /\b(?:bearer|basic|digest)\s+([\w.~+/=-]{8,})/gi, group: 1 },
  {
    kind: 'secret',
    pattern: new RegExp(
      String.raw`\bidentified\s+(?:by(?:\s+password)?|(?:via|with)\s+\w+\s+(?:using|as|by))\s*\(?\s*(${quoted})`,
      'gi',
    ),
    group: 1,
    accepts: isFilledIn,
  },
  {
    kind: 'secret',
    pattern: new RegExp(String.raw`\b${secretWord}["'\`]?\s*(?:=>|:=|[:=(]|\bis\b|\bto\b)?\s*(${quoted})`, 'gi'),
    group: 1,
    accepts: isFilledIn,
  },
  {
    kind: 'secret',
    pattern: new RegExp(String.raw`\b${secretWord}["'\`]?\s*[:=]\s*([^\s'"\`,;)]+)`, 'gi'),
    group: 1,
    // "using password: YES" is what the server says of a refused login.
    accepts: (value) => !/^(yes|no)$/i.test(value),
  },
  { kind: 'secret', pattern: /\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g },
  {
    kind: 'secret',
    pattern:
      /\b(?:sk|pk|rk)[-_][\w-]{16,}|\bxox[a-z]-[\w-]{8,}|\bxapp-[\w-]{8,}|\bgh[a-z]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{12,}/g,
  },
  { kind: 'secret', pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}/g },
  { kind: 'secret', pattern: /\*[0-9A-F]{40}\b|\b[0-9a-f]{32,}\b/gi },
  { kind: 'secret', pattern: /(?<![\w/+=-])[\w/+-]{28,}={0,2}(?![\w/+=-])/g, accepts: isOpaque },
  { kind: 'email', pattern: /[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu },
  { kind: 'card', pattern: /(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.]*\d)/g, accepts: isCardNumber },
];

const hostRules: readonly Rule[] = [
  { kind: 'host', pattern: /(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\w)/g },
  { kind: 'host', pattern: /(?<![\w:.])(?=[\da-f:]*:[\da-f:]*:)[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}(?![\w:])/gi },
  {
    kind: 'host',
    pattern: /@\s*['"`]?([\p{L}\p{N}%_][\p{L}\p{N}.%_-]{0,253})/gu,
    group: 1,
    accepts: (it) => it !== '%',
  },
  {
    kind: 'host',
    pattern:
      /\b(?:[a-z\d][a-z\d-]{0,62}\.){1,8}(?:com|net|org|io|dev|cloud|local|localdomain|internal|intra|intranet|lan|corp|home|test|example|svc|eu|de|uk|us|fr)\b/gi,
  },
  { kind: 'host', pattern: /\b(?:master_)?host(?:name)?["'`]?\s*[:=]\s*['"]?([\w.-]+)/gi, group: 1 },
];

/** Something of every rule; most cells have nothing of any, and are not worth a dozen searches. */
const suspicious =
  /[@:=[]|-----|eyJ|\d[\d -]{11}|[\w+/-]{16}|bearer|basic|digest|identif|passw|pwd|passphrase|secret|token|key|credential/i;

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

  function markOf(kind: Kind, value: string): string {
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
  rule: Rule,
  markOf: (kind: Kind, value: string) => string,
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

function nameRules(names: readonly string[]): Rule[] {
  const escaped = names.filter((name) => name !== '').map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  if (escaped.length === 0) return [];
  const longestFirst = escaped.sort((a, b) => b.length - a.length).join('|');
  return [{ kind: 'name', pattern: new RegExp(`(?<![\\p{L}\\p{N}_])(?:${longestFirst})(?![\\p{L}\\p{N}_])`, 'gu') }];
}

/** False of the gap that a statement leaves for a password: `'…'` or `'?'`. */
function isFilledIn(value: string): boolean {
  return !/^(['"])[…?]\1$/.test(value);
}

/** Small letters, capitals and digits in a disorder that no name, path or number has; of a path, in one of its names. */
function isOpaque(value: string): boolean {
  if (/^\/[^/]+\//.test(value)) {
    return value.split('/').some((name) => name.length >= 28 && isOpaque(name));
  }
  const kinds = [...value].map((sign) =>
    /[a-z]/.test(sign) ? 'a' : /[A-Z]/.test(sign) ? 'A' : /\d/.test(sign) ? '1' : '-',
  );
  const changes = kinds.filter((kind, i) => i > 0 && kind !== kinds[i - 1]).length;
  return new Set(kinds.filter((kind) => kind !== '-')).size === 3 && changes >= value.length / 4;
}

/** By the Luhn check and the first digits of the card networks: byte counters have as many digits. */
function isCardNumber(value: string): boolean {
  const digits = value.replace(/\D/g, '');
  if (!/^(?:3[0-9]|4|5[0-9]|6[0-9]|2[2-7])/.test(digits) || digits.length > 19) return false;
  // With 14 digits only Diners Club has cards; 2026… is a date.
  if (digits.length === 14 && !/^3[0689]/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
}
