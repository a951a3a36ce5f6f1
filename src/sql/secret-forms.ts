/** What must not leave the process, by its form. */
export type SecretKind = 'email' | 'secret' | 'card' | 'host' | 'name' | 'text';

export interface SecretRule {
  readonly kind: SecretKind;
  readonly pattern: RegExp;
  /** Which group holds the secret; the whole match when absent. */
  readonly group?: number;
  readonly accepts?: (value: string) => boolean;
}

const secretWord = String.raw`\w*(?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)s?`;
const quoted = String.raw`'(?:[^'\\]|\\.|'')*'?|"(?:[^"\\]|\\.|"")*"?`;

export const secretRules: readonly SecretRule[] = [
  { kind: 'secret', pattern: /-----BEGIN [A-Z ]*KEY(?: BLOCK)?-----[^-]*(?:-----END [A-Z ]*KEY(?: BLOCK)?-----)?/g },
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
    pattern: new RegExp(String.raw`\b${secretWord}["'\`\\]*\s*(?:[:=]|%3[ad])\s*[\\"]*([^\s'"\`,;)\\]+)`, 'gi'),
    group: 1,
    // "using password: YES" is what the server says of a refused login.
    accepts: (value) => !/^(yes|no)$/i.test(value),
  },
  // As people say it, and as a shell is given it. A plain word after "is" is a state: empty, missing, expired.
  {
    kind: 'secret',
    pattern: new RegExp(String.raw`\b${secretWord}\s+(?:is|was|ist|es|est)\s+([^\s'"\`,;)]{4,})`, 'gi'),
    group: 1,
    accepts: isMixed,
  },
  { kind: 'secret', pattern: /\b(?:mysql|mariadb)[\w-]*\b[^\n|;]{0,200}?\s-p(?![\s-])(\S+)/gi, group: 1 },
  { kind: 'secret', pattern: /--password[ =]+([^\s'"]+)/gi, group: 1 },
  {
    kind: 'secret',
    pattern:
      /(?<![\p{L}\p{N}_])(?:passwort|kennwort|passcode|contraseña|mot de passe|wachtwoord|senha|hasło|пароль|密码|パスワード)\s*(?:[:=：]|\bist\b|\bes\b|\best\b)\s*([^\s'"`,;)]+)/giu,
    group: 1,
  },
  {
    kind: 'secret',
    pattern: /(?<![\w.`])(?:pw|pass|sig|sid|\w*sess(?:ion)?_?id)[:=]\s*([^\s'"`,;&)]+)/gi,
    group: 1,
    accepts: isMixed,
  },
  { kind: 'secret', pattern: /(?<![\w.`])(?:pin|otp)[:=]\s*(\d{4,})/gi, group: 1 },
  { kind: 'secret', pattern: /\b(?:set-)?cookie:\s*([^\n]+)/gi, group: 1 },
  { kind: 'secret', pattern: /\bauthorization:\s*(?:\w+\s+)?([^\s'",;]{6,})/gi, group: 1, accepts: isMixed },
  // Hashes of passwords as servers and programs keep them.
  { kind: 'secret', pattern: /\$(?:A\$005|[1256y]|2[aby]|argon2\w{1,2})\$[^\s'"]{8,}/g },
  { kind: 'secret', pattern: /\beyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g },
  {
    kind: 'secret',
    pattern:
      /\b(?:sk|pk|rk)[-_][\w-]{16,}|\bxox[a-z]-[\w-]{8,}|\bxapp-[\w-]{8,}|\bgh[a-z]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{12,}/g,
  },
  {
    kind: 'secret',
    pattern:
      /\b(?:whsec|npm|hf|dop_v1|doo_v1|shp[a-z]{2}|pypi|figd|lin_api|sq0[a-z]{3}|GOCSPX)[-_][\w-]{16,}|\b(?:hv[sbr]|SG)\.[\w.-]{16,}|\b(?:SK|AC)[0-9a-f]{32}\b/g,
  },
  { kind: 'secret', pattern: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}/g },
  { kind: 'secret', pattern: /\*[0-9A-F]{40}\b|(?<![0-9a-f])[0-9a-f]{32,}(?![0-9a-z])/gi },
  { kind: 'secret', pattern: /(?<![\w/+=-])[\w/+-]{28,}={0,2}(?![\w/+=-])/g, accepts: isOpaque },
  { kind: 'email', pattern: /[\p{L}\p{N}._%+-]{1,64}(?:@|%40)(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/giu },
  { kind: 'email', pattern: /"[^"@\n]{1,64}"@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}/gu },
  { kind: 'card', pattern: /(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.]*\d)/g, accepts: isCardNumber },
  { kind: 'card', pattern: /(?<![\d.])\d{4}(?:\.\d{4}){3}(?![\d.]*\d)/g, accepts: isCardNumber },
  {
    kind: 'card',
    pattern: /(?<!\w)[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?!\w)/g,
    accepts: isAccountNumber,
  },
];

export const hostRules: readonly SecretRule[] = [
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

/** Not a plain word: letters with digits or signs among them. */
function isMixed(value: string): boolean {
  return /\d/.test(value) && /\p{L}/u.test(value);
}

/** An IBAN by its check digits (ISO 13616): 97 divides it, but for 1. */
function isAccountNumber(value: string): boolean {
  const bare = value.replaceAll(' ', '');
  const turned = bare.slice(4) + bare.slice(0, 4);
  return [...turned].reduce((rest, sign) => Number(`${rest}${Number.parseInt(sign, 36)}`) % 97, 0) === 1;
}
