import { nearestNames } from '../../targets/registry.ts';

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

/** Parts of names that are words of the trade too: they choose the server and still tell the topic. */
const kindWords: ReadonlySet<string> = new Set([
  'replica',
  'slave',
  'primary',
  'master',
  'standby',
  'backup',
  'reports',
]);

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
    if (only && members.length === 1)
      return { names: [only.name], unknown: undefined, rest: kindWords.has(part) ? text : text.replace(part, ' ') };
  }
  return undefined;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
