import { notANames } from './not-names.ts';
import { fold } from './question-text.ts';

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

const named = new RegExp(
  `(?:^|\\b(?:in|is|are|on|of|for|from|by|only|just|with|at|touching|auf|im|en|dans|de|do|da|no|na|the|log|queries|statements|patterns|indexes|indices|locks) )(?:schema|table|user|host|channel) ${name}(?![\\w$])`,
  'g',
);

/** The question without what names a schema, a table or an account: "schema shop" there is a value, not a topic. */
export function withoutNamed(text: string): string {
  return text.replaceAll(named, (all, word) => (notANames.has(word) ? all : ' '));
}

/** What lists are grouped or sorted by, and what "by" goes on with otherwise: nobody's account. */
const groupings =
  'user|users|account|host|hosts|client|clients|ip|app|application|schema|schemas|database|table|time|rows|count|number|size|state|age|command|total|type|default|far|hand|mistake|accident|itself|whom|who|what|which|any|each|design|one|a|an|it|them|us|me|you|something|someone|somebody|anyone|another|other|others';
const person = `(?!(?:${groupings})\\b)${name}`;

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
      new RegExp(
        `(?<!which )(?<!what )(?<!any )(?<!every )(?<!each )\\b(?:schemas?|schemata|esquema|datenbankschema) (?:named |called )?${name}`,
        'g',
      ),
      new RegExp(
        `\\b(?:in|of|within) (?!(?:this|that|our|my|your|their|each|every|any|all|whole|same|default|entire|live|prod|db|database)\\b)${name} schema\\b`,
        'g',
      ),
      new RegExp(
        `\\bschema (?:review|check|health|audit|analysis|issues|problems) (?:of|for|in|on) (?:the )?${name}(?=$|[?.,!]| (?:please|pls|schema))`,
        'g',
      ),
      new RegExp(
        `\\b(?:in|of|for|on|from) (?:the )?(?:database|db) ${name}(?=$|[?.,!]| (?:please|pls|last|over|since))`,
        'g',
      ),
    ),
    table:
      (isFile ? undefined : (spelled(qualified) ?? qualified)) ??
      first(
        tableWord,
        new RegExp(`\\b(?:on|the|of) ${name} table\\b`, 'g'),
        // What is scanned is a table; a target is no longer in the text.
        new RegExp(`\\bscans? (?:on|of|over) (?:the )?${name}(?![\\w$-])`, 'g'),
      ),
    user:
      account?.[1] ??
      first(
        new RegExp(
          `\\b(?:the|from|by|of|for) ${person} (?:user|account|login|benutzer)\\b(?! (?:is|has|was|limit))`,
          'g',
        ),
        new RegExp(
          `\\b(?:quer(?:y|ies)|statements?|transactions?|trx|sessions?|connections?|opened|open|held|started|issued|executed|owned|run|running)\\b[^?.,;]{0,40}?\\bby (?:the )?${person}(?=\\s*(?:$|[?.!,;]|(?:in|on|over|since|for|during|right|now|last|today)\\b))`,
          'g',
        ),
      ) ??
      // An underscore makes it an identifier; a target is no longer in the text.
      first(/\bwho(?: is|'?s) ([a-z][a-z0-9]*_[a-z0-9_]+)(?![\w$.-])/g) ??
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
