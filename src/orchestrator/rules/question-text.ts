import { mend, shorthand } from './spelling.ts';

/** Questions are read up to here; what follows is pasted SQL or a log. */
const maxCharacters = 4_000;

/** As Alertmanager and others name alerts: `FIRING: DiskSpaceLow`, `[ALERT] ReplicaLagHigh`, `alertname=TooManyLocks`. */
const alertName =
  /(?<=\b(?:firing|alert|alertname|alertmanager|prometheus|grafana|problem|triggered|critical|warning|resolved|alerting)\b[^\w]{1,4})(?:[A-Z][a-z\d]+){2,}\b/gi;

/** A question made comparable: lower case, plain quotes, no Slack mentions, slips of the finger mended. */
export function normalise(text: string): string {
  const plain = text
    .slice(0, maxCharacters)
    .normalize('NFKC')
    .replaceAll(/<[@#!][^>]*>/g, ' ')
    .replaceAll(/[‘’]/g, "'")
    .replaceAll(/[“”]/g, '"')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(alertName, (name) => name.replaceAll(/(?<=[a-z\d])(?=[A-Z])/g, ' '))
    .replaceAll(/\s+/g, ' ')
    .trim();
  const written = fold(plain).replaceAll(/(?<![\w.`'"@-])[a-z]{2,6}(?![\w.`'"@-])/g, (word) => shorthand[word] ?? word);
  const mended = written.replaceAll(/(?<![\w.`'@-])[a-z]{4,}(?![\w.`'@-])/g, mend);
  // "longer then 30 s"
  return mended.replaceAll(/\b(longer|more|slower|older|less|greater|bigger|higher|shorter) then\b/g, '$1 than');
}

/** Lower case without accents, character by character: "última" and "ultima" are one word, and positions stay. */
export function fold(text: string): string {
  return text.normalize('NFC').replaceAll(/[^\n]/gu, (character) => {
    const bare = character.normalize('NFD').charAt(0).toLowerCase();
    return /[a-z]/.test(bare) && bare.length === character.length ? bare : character.toLowerCase();
  });
}
