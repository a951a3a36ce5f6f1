import { editDistance } from '../../targets/registry.ts';

/** Questions are read up to here; what follows is pasted SQL or a log. */
const maxCharacters = 4_000;

/** A question made comparable: lower case, plain quotes, no Slack mentions, slips of the finger mended. */
export function normalise(text: string): string {
  const plain = text
    .slice(0, maxCharacters)
    .normalize('NFKC')
    .replaceAll(/<[@#!][^>]*>/g, ' ')
    .replaceAll(/[‘’]/g, "'")
    .replaceAll(/[“”]/g, '"')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  const written = fold(plain).replaceAll(/(?<![\w.`'"@-])[a-z]{2,6}(?![\w.`'"@-])/g, (word) => shorthand[word] ?? word);
  return written.replaceAll(/(?<![\w.`'@-])[a-z]{4,}(?![\w.`'@-])/g, mend);
}

/** Lower case without accents, character by character: "última" and "ultima" are one word, and positions stay. */
export function fold(text: string): string {
  return text.normalize('NFC').replaceAll(/[^\n]/gu, (character) => {
    const bare = character.normalize('NFD').charAt(0).toLowerCase();
    return /[a-z]/.test(bare) && bare.length === character.length ? bare : character.toLowerCase();
  });
}

/** Words that decide where a question goes. A word of the question that nearly is one of them is taken for it. */
const vocabulary = [
  'queries',
  'query',
  'running',
  'replication',
  'replica',
  'replicas',
  'connections',
  'connection',
  'backup',
  'backups',
  'indexes',
  'index',
  'configuration',
  'capacity',
  'healthy',
  'health',
  'blocking',
  'blocked',
  'blockers',
  'deadlock',
  'deadlocks',
  'transaction',
  'transactions',
  'durability',
  'settings',
  'restore',
  'recovery',
  'duplicate',
  'unused',
  'primary',
  'schema',
  'table',
  'tables',
  'slowest',
  'slower',
  'lagging',
  'database',
  'everything',
  'comprehensive',
  'forecast',
  'growing',
  'password',
  'patterns',
  'performance',
  'unresponsive',
  'restart',
  'crashed',
  'incident',
  'status',
  'thread',
  'process',
  'sleeping',
  'minutes',
  'seconds',
  'hours',
  'yesterday',
  'previous',
  'compare',
  'locks',
  'locked',
  'waiting',
  'stuck',
  'error',
  'errors',
  'thanks',
  'hello',
  'disk',
  'space',
  'again',
] as const;
/** What people type instead of the word. */
const shorthand: Readonly<Record<string, string>> = {
  qry: 'query',
  qrys: 'queries',
  qries: 'queries',
  stmt: 'statement',
  stmts: 'statements',
  repl: 'replication',
  cfg: 'config',
  idx: 'index',
  trx: 'transaction',
  tbl: 'table',
  tbls: 'tables',
  conns: 'connections',
};
const shortWords = ['slow', 'lock', 'disk', 'kill', 'long', 'user', 'last', 'logs', 'plan', 'what', 'with', 'that'];
const known: ReadonlySet<string> = new Set(vocabulary);
/** English words that are one slip away from the vocabulary but mean themselves. */
const innocent: ReadonlySet<string> = new Set([
  'progress',
  'primaria',
  'primaire',
  'tabelas',
  'tabla',
  'tablas',
  'tabelle',
  'tabellen',
  'replikation',
  'replicacion',
  'replicacao',
  'connexion',
  'connexions',
  'configuracion',
  'configuracao',
  'konfiguration',
  'transaktion',
  'minutos',
  'segundos',
  'secondes',
  'lockt',
  'cable',
  'stable',
  'fable',
  'sable',
  'wealthy',
  'stealth',
  'clocks',
  'blocks',
  'flocks',
  'looked',
  'backed',
  'tread',
  'threat',
  'threads',
  'spare',
  'share',
  'these',
  'those',
  'whole',
  'terror',
  'mirror',
  'large',
  'locker',
  'ruling',
  'cunning',
  'running',
  'gunning',
  'turning',
  'earning',
  'warning',
  'slover',
  'flower',
  'lower',
  'power',
  'shower',
  'eating',
  'wanting',
  'getting',
  'setting',
  'against',
  'gain',
  'hours',
  'house',
  'ours',
  'yours',
  'tours',
  'space',
  'place',
  'pace',
  'unused',
  'paused',
  'caused',
  'primary',
  'backlog',
  'crashes',
  'flashed',
  'restore',
  'restored',
  'restarts',
  'restarted',
  'connected',
  'replicate',
  'replicated',
  'duplicates',
  'duplicated',
  'grown',
  'growth',
  'growing',
  'going',
  'showing',
  'knowing',
  'blowing',
  'rowing',
  'stack',
  'stock',
  'stick',
  'stuff',
  'truck',
  'struck',
  'passwords',
  'schemas',
  'indexed',
  'statue',
  'states',
  'logged',
  'lagged',
  'tagging',
  'logging',
  'bagging',
  'dragging',
  'ending',
  'hello',
  'hell',
  'processes',
  'processed',
  'tabled',
  'patters',
  'compared',
  'performant',
  'forecasts',
  'sleeps',
  'sleeper',
  'sleepers',
]);

function mend(word: string): string {
  if (known.has(word) || innocent.has(word)) return word;
  const reach = word.length >= 8 ? 2 : 1;
  // In short words only two swapped neighbours are surely a slip.
  if (word.length === 4) return shortWords.find((candidate) => swapped(word, candidate)) ?? word;
  let best: string | undefined;
  let bestDistance = reach + 1;
  for (const candidate of vocabulary) {
    if (candidate.length < 5 || Math.abs(candidate.length - word.length) > reach) continue;
    // A plural or a verb's ending is grammar, not a slip.
    if (candidate.startsWith(word) || word.startsWith(candidate)) continue;
    // Two slips rarely hit the first letter: "application" is not "replication".
    if (candidate[0] !== word[0] && reach > 1) continue;
    const distance = swapped(word, candidate) ? 1 : editDistance(word, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best ?? word;
}

/** Two neighbours typed in the wrong order. */
function swapped(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  const at = [...a].findIndex((letter, index) => letter !== b[index]);
  return at >= 0 && a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2);
}

const units = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'fifteen',
  'twenty',
  'thirty',
  'fifty',
  'hundred',
];
const values = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 20, 30, 50, 100];

/** A number in digits or as a word, as a regular expression source with one group. */
export const numberSource = `(\\d+(?:[.,]\\d+)?|${units.join('|')}|a couple of|a couple|couple of|couple|a few|few|several|half an?|half|an?)`;

export function readNumber(word: string): number | undefined {
  if (/^\d/.test(word)) return Number(word.replace(',', '.'));
  if (word.startsWith('half')) return 0.5;
  if (word === 'a' || word === 'an') return 1;
  if (/^(a )?couple/.test(word)) return 2;
  if (['a few', 'few', 'several'].includes(word)) return 3;
  const at = units.indexOf(word);
  return at < 0 ? undefined : values[at];
}
