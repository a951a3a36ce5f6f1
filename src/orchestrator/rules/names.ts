import { nearestNames } from '../../targets/registry.ts';
import { fold } from './question-text.ts';

export interface KnownTarget {
  readonly name: string;
  readonly tags: readonly string[];
  readonly replicas: readonly string[];
}

export interface NamedTargets {
  readonly names: readonly string[];
  /** A word that looks like a server's name and is none, with the nearest names. */
  readonly unknown: { readonly name: string; readonly nearest: readonly string[] } | undefined;
  /** The question without the names, so that `orders-replica-1` is not read as a question about replicas. */
  readonly rest: string;
}

/** What a host name of a database often ends with. */
const hostLike =
  /(?<![\w.`@/-])[a-z][a-z0-9]*(?:-[a-z0-9]+)*-(?:prod|production|replica|slave|primary|master|db|dr|stage|staging|test|dev|qa|uat|node|\d+)(?:-?\d+)*(?![\w-]|\.\w)/g;

/** The targets that a normalised question names: exactly, by a part that only one has, or all of a kind. */
export function readTargets(text: string, targets: readonly KnownTarget[]): NamedTargets {
  const found: { readonly name: string; readonly at: number }[] = [];
  let rest = text;
  for (const { name } of targets.toSorted((a, b) => b.name.length - a.name.length)) {
    const pattern = new RegExp(
      `(?<![\\w.-])${escapePattern(name.toLowerCase()).replaceAll('-', '[- ]?')}(?![\\w-]|\\.\\w)`,
    );
    const match = pattern.exec(rest);
    if (!match) continue;
    found.push({ name, at: text.indexOf(match[0]) });
    rest = rest.replaceAll(new RegExp(pattern, 'g'), ' ');
  }
  const unknownHost = [...rest.matchAll(hostLike)].map(([word]) => word).find((word) => !isWord(word));
  if (unknownHost !== undefined) {
    if (targets.length === 0)
      return {
        names: [...found.map(({ name }) => name), unknownHost],
        unknown: undefined,
        rest: rest.replaceAll(unknownHost, ' '),
      };
    const nearest = nearestNames(
      unknownHost,
      targets.map(({ name }) => name),
    );
    return {
      names: found.map(({ name }) => name),
      unknown: { name: unknownHost, nearest },
      rest: rest.replaceAll(unknownHost, ' '),
    };
  }
  if (found.length > 0)
    return { names: found.toSorted((a, b) => a.at - b.at).map(({ name }) => name), unknown: undefined, rest };
  const group = readGroup(rest, targets);
  if (group) return group;
  return readPart(rest, targets) ?? { names: [], unknown: undefined, rest };
}

/** Hyphenated words of the trade that end like a host. */
function isWord(word: string): boolean {
  return /^(auto|semi|multi|point|long|full|read|non|pre|post|re|in|up|top|last|past|next|follow|day|covid|utf|sha|tls|log|error|code|version|v|mariadb|mysql|page|step|part|phase|level)-/.test(
    word,
  );
}

function readGroup(text: string, targets: readonly KnownTarget[]): NamedTargets | undefined {
  const all =
    /\b(?:all|every|each)(?: of)?(?: the| our| my)? ?([a-z]*) ?(?:databases?|servers?|targets?|instances?|hosts?|dbs?|fleet)\b|\b(?:whole|entire) fleet\b/.exec(
      text,
    );
  if (!all) return undefined;
  const kind = all[1] ?? '';
  const members = targets.filter(
    ({ name, tags }) =>
      kind === '' ||
      ['mariadb', 'the', 'our', 'my'].includes(kind) ||
      tags.includes(kind) ||
      name
        .toLowerCase()
        .split('-')
        .includes(kind.replace(/uction$/, '')),
  );
  if (members.length === 0) return undefined;
  return { names: members.map(({ name }) => name), unknown: undefined, rest: text.replace(all[0], ' ') };
}

/** "and on billing?": a part of a name, after a preposition, that exactly one target has. */
function readPart(text: string, targets: readonly KnownTarget[]): NamedTargets | undefined {
  const places =
    /^([a-z][a-z0-9]{2,})(?= ?[:,])|[,:;–] ?([a-z][a-z0-9]{2,})(?=[\s?!.]*$)|\b(?:health ?check|check|diagnose|inspect) ([a-z][a-z0-9]{2,})(?=[\s?!.]*$)|\b(?:on|for|of|about|is|at|in|to|with) (?:the )?([a-z][a-z0-9]{2,})(?! ?(?:table|schema|quer|log|index|user|column))(?![\w.-])/g;
  for (const match of text.matchAll(places)) {
    const part = match.slice(1).find((group) => group !== undefined) as string;
    const members = targets.filter(
      ({ name, tags }) => name.toLowerCase().split(/[-_.]/).includes(part) || tags.includes(part),
    );
    const [only] = members;
    if (only && members.length === 1) return { names: [only.name], unknown: undefined, rest: text.replace(part, ' ') };
  }
  return undefined;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

export interface NamedThings {
  readonly processId: number | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly user: string | undefined;
  readonly host: string | undefined;
  readonly channel: string | undefined;
}

const name = '[`\'"]?([\\w$]+(?:[.-][\\w$]+)*)[`\'"]?';
const tableWord = new RegExp(
  `(?<!which )(?<!what )(?<!any )(?<!every )(?<!each )(?<!welche )\\b(?:table|tabelle|tabla|tabela) (?:named |called )?${name}(?![\\w$]| (?:size|scan|lock))`,
  'g',
);
/** Everyday words that after "table" are a table's name. */
const tableLike = new Set(['account', 'accounts', 'report', 'reports', 'sessions', 'connections', 'errors', 'load']);
const notANames = new Set([
  'is',
  'are',
  'was',
  'has',
  'have',
  'with',
  'without',
  'that',
  'and',
  'or',
  'in',
  'on',
  'of',
  'the',
  'a',
  'an',
  'to',
  'from',
  'for',
  'by',
  'size',
  'sizes',
  'scan',
  'scans',
  'locks',
  'lock',
  'name',
  'names',
  'health',
  'change',
  'changes',
  'design',
  'which',
  'what',
  'who',
  'report',
  'reports',
  'account',
  'accounts',
  'statistics',
  'queries',
  'query',
  'sessions',
  'connections',
  'level',
  'corrupted',
  'corrupt',
  'growth',
  'crashed',
  'full',
  'slow',
  'healthy',
  'ok',
  'down',
  'up',
  'server',
  'servers',
  'error',
  'errors',
  'problems',
  'load',
  'can',
  'should',
  'will',
  'do',
  'does',
  'did',
  'using',
  'it',
  'this',
  'there',
  'right',
  'now',
  'today',
  'still',
  'grew',
  'growing',
  'alter',
  'create',
  'drop',
  'same',
  'whole',
  'big',
  'biggest',
  'largest',
  'marked',
  'hangs',
  'please',
  'pls',
  'definition',
  'structure',
  'metadata',
  'cannot',
  "can't",
  'cant',
  'review',
  'audit',
  'check',
  'checks',
  'stats',
  'bloat',
  'fragmentation',
  'corruption',
  'innodb',
  'myisam',
  'aria',
]);

const named = new RegExp(
  `(?:^|\\b(?:in|on|of|for|from|by|only|just|with|at|touching|auf|im|en|dans|de|do|da|no|na|the|log|queries|statements|patterns|indexes|indices|locks) )(?:schema|table|user|host|channel) ${name}(?![\\w$])`,
  'g',
);

/** The question without what names a schema, a table or an account: "schema shop" there is a value, not a topic. */
export function withoutNamed(text: string): string {
  return text.replaceAll(named, (all, word) => (notANames.has(word) ? all : ' '));
}

/** Identifiers of a question, spelled as in the original text where case matters. */
export function readNames(original: string, normalised: string): NamedThings {
  const spelled = (value: string | undefined) => {
    if (value === undefined || notANames.has(value)) return undefined;
    const composed = original.normalize('NFC');
    const at = fold(composed).indexOf(value);
    return at < 0 ? value : composed.slice(at, at + value.length);
  };
  const first = (...patterns: readonly RegExp[]) => {
    for (const pattern of patterns) {
      for (const match of normalised.matchAll(pattern)) {
        const found = pattern === tableWord && tableLike.has(match[1] ?? '') ? match[1] : spelled(match[1]);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  };
  const id =
    /\b(?:thread|process|processlist|connection|session|query|pid|id|conn|kill(?: query| connection)?)(?: ?(?:id|number|no\.?|#))? ?#?(\d{1,19})\b/.exec(
      normalised,
    )?.[1];
  const account =
    /[`'"]([\w$-]+)[`'"]@[`'"]([\w.%:-]+)[`'"]/.exec(original) ??
    /(?<![\w.])([\w$-]+)@(\d{1,3}(?:\.\d{1,3}){3})(?![\w.])/.exec(original);
  const quoted = /[`"']([\w$-]+)[`"']\.[`"']([\w$-]+)[`"']/.exec(normalised);
  const qualified = quoted
    ? `${quoted[1]}.${quoted[2]}`
    : first(/(?<![\w@./`'"-])([a-z_$][\w$]*\.[a-z_$][\w$]*)(?![\w(./-]|\.\w)/g);
  const isFile =
    qualified !== undefined &&
    /\.(log|cnf|err|ya?ml|sql|gz|py|js|ts|txt|csv|com|net|org|io|test|sh|conf|json|php|java|rb|local)$/.test(
      qualified.toLowerCase(),
    );
  return {
    processId: id === undefined ? undefined : Number(id),
    schema: first(
      new RegExp(`\\b(?:schemas?|schemata|esquema|datenbankschema) (?:named |called )?${name}`, 'g'),
      new RegExp(`\\b(?:in|of|for|on) (?:the )?database ${name}(?=$|[?.,!]| (?:please|pls|last|over|since))`, 'g'),
    ),
    table:
      (isFile ? undefined : (spelled(qualified) ?? qualified)) ??
      first(tableWord, new RegExp(`\\b(?:on|the|of) ${name} table\\b`, 'g')),
    user:
      account?.[1] ??
      /\b(?:for|by|of|from) user (reports?)\b/.exec(normalised)?.[1] ??
      first(
        new RegExp(
          `(?<!which )(?<!what )(?<!any )(?<!every )(?<!each )(?<!welche )\\b(?:users?|account|benutzer|utilisateur|usuario) (?:named |called )?${name}`,
          'g',
        ),
      ),
    host:
      (account?.[2]?.includes('%') ? undefined : account?.[2]) ??
      first(
        /\b(?:from|host|client) (\d{1,3}(?:\.\d{1,3}){3})\b/g,
        new RegExp(
          `(?<!which )(?<!what )(?<!any )(?<!every )(?<!each )(?<!welche )\\bhost (?:named |called )?${name}`,
          'g',
        ),
      ),
    channel: first(new RegExp(`\\bchannel ${name}`, 'g')),
  };
}
