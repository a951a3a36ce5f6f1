import MiniSearch from 'minisearch';
import type { Agent } from '../../agents/agent.ts';
import { withoutNamed } from './names.ts';
import { fold } from './question-text.ts';
import { readDurations } from './windows.ts';

/** What is asked of the time before and after something, such as a deployment. */
export const changeWords =
  /\b(what|whats|what's|anything|something|was|que|qu'est-ce qui)( is| has| have| was| hat sich| a| ha)?( been)?( all)? (changed|changes|different|new since|geandert|change depuis|cambiado)\b|\bchanged? (since|after|with the)\b|\bdifferent (since|from|than|to) (yesterday|before|last|this morning|\d)|\b(before and after|since) (the|our|last) (deploy\w*|release|roll-?out|upgrade|migration)\b.{0,15}\b(different|new|changed)|\b(anything|something) new (since|after|today)\b|^(please )?compare (it |this |that |everything )?(with|to|against) (yesterday|last (week|night)|the day before|before)/;

/** Questions that several agents answer together, as on-call people ask them. The first that fits wins. */
interface Workflow {
  readonly name: string;
  readonly when: RegExp;
  /** Not where one of these words shows that something narrower is meant. */
  readonly unless?: RegExp;
  /** `all` runs the whole registry. */
  readonly agents: 'all' | readonly string[];
}

const workflows: readonly Workflow[] = [
  {
    name: 'full health, all domains',
    when: /\beverything (check|inspect|scan|test|review|analy[sz]e)\b|\bcheck (\S+ )?(completely|entirely|from top)\b|\b(alles|komplett) (prufen|checken|testen)\b|\b(check|analy[sz]e|inspect|scan|look at|review) (absolutely )?(everything|it all|all of it|all (the )?things)\b|\b(full|complete|comprehensive|thorough|deep|entire|vollstandige[rn]?|complet|completo) (health |system |db |database )?(check(-?up)?|analysis|audit|report|review|diagnosis|picture|prufung)\b|\beverything about\b|^(please |pls |just )*(do|run) (it all|everything|all of it)\b|\b(everything|all|every (check|test)) (that )?(you|u)('ve| have| ve)?( got| have| can| know)?( do| check| run)?\b(?! (told|said|remember|know about me))|\bthe works\b|\band everything\b(?! (is|was|seems|looks|feels|got|gets|hangs|slow))|\b(every|all|all nine|nine) agents?\b|\ball (the )?(agents|checks)\b|\b(complete|full|entire|whole) (set|suite|range|round|list) of\b|\b(top to bottom|head to toe|end to end|soup to nuts)\b/,
    agents: 'all',
  },
  {
    name: 'lag and slow together',
    when: /\b(lag|lagging|behind)\b.*\b(slow|slowly|sluggish)\b|\b(slow|sluggish)\b.*\b(lag|lagging|behind)\b/,
    agents: ['replication_health', 'running_query', 'slow_query'],
  },
  {
    name: 'what changed',
    when: changeWords,
    unless:
      /\b(variables?|settings?|config\w*|parameters?|schemas?|index(es)?|tables?|columns?|replica\w*|lag|backups?|connections?|disks?|accounts?|users?|grants?|passwords?)\b/,
    agents: ['incident_triage', 'slow_query'],
  },
];

/** Why slow, app slow: only where no narrower topic is named. */
const slowness =
  /\b(slow|slower|slow(s|ed|ing)? .{0,12}down|slowdown|sluggish|crawling|crawls|laggy|hang(s|ing)?|hung|times? ?out|timing out|timeouts?|unresponsive|takes? (forever|ages)|performance|bad response times?|high (load|cpu)|response times?|latenc(y|ies)|p9\d+|through the roof|cpu|hammer(s|ed|ing)?|overload(ed)?|load (is )?(high|spike)|spik(e|es|ing)|langsam|lahm|trage|lent[es]?|lente|lento|lenta|lentas|lentos|rame)\b/;

const statements = /\b(quer(y|ies)|statements?|sql|selects?|abfragen?|requetes?|consultas?)\b/;

const generalHealth =
  /\b(healthy|health check|health(?!y)|status|state of|check-?up|ok(ay)?\?|(is|are|it|still|all|everything|db|database|server)\b.{0,25} ok(ay)?|alright|all good|all right|is it (up|alive)|alive|wrong|weird|strange|issues?|problems?|trouble|incident|emergency|help me(?! \w)|broken|on fire|burning|what('s| is) (going on|happening|up with)|where do i start|quick check|sanity check|look(ing)? (ok|fine|good)|gesund|in ordnung|sante|sain|estado|saludable|still up|complain\w*|va bien|tudo bem|esta bien|geht es .{0,20}gut|fine|normal|(un)?usual|dead|unhappy|wobbly|acting up|misbehav\w+|500s|5xx|errors?|triage|pager|paged|warnings?|worr(y|ied|ying)|scary|oddly|odd|sick|woke me|nothing works|not working|(does|is) (it|that|this) hurt\w*|alert(ed|s|ing)?)\b/;

export interface Intent {
  readonly agents: readonly string[];
  /** How it was found; a search by words alone is a guess. */
  readonly by: 'topic' | 'workflow' | 'search' | 'none';
}

/** Which agents a question is for. `text` is normalised and free of target names. */
export function readIntent(question: string, agents: readonly Agent[]): Intent {
  // "including sleeping connections" is a parameter; what is compared with what and what went before no topic.
  const text = question.replaceAll(
    /\b(after|since|before|following) (the|our|last|that|this|a) (\w+ )?(fail-?over|switch-?over)\b|\bbetween\b.{0,40}?\band (its |the |their |all |our )*(replicas?|slaves?)\b|\b(including|include|incl\.?|with|and|plus)( the)? ((sleeping|idle) (connections|sessions|threads|ones)|sleepers)\b/g,
    ' ',
  );
  if (whatRan.test(text) && readDurations(text, new Date()).windowSeconds !== undefined)
    return { agents: existing(['slow_query'], agents), by: 'topic' };
  const workflow = workflows.find(({ when, unless }) => when.test(text) && !unless?.test(text));
  if (workflow?.agents === 'all') return { agents: agents.map(({ name }) => name), by: 'workflow' };
  const beside = topicsOf(withoutNamed(text), agents);
  const topics = beside.length > 0 ? beside : topicsOf(text, agents);
  if (workflow)
    return {
      agents: existing([...workflow.agents, ...(topics.includes('schema_health') ? ['schema_health'] : [])], agents),
      by: 'workflow',
    };
  if (topics.join() === 'running_query' && isOver(text))
    return { agents: existing(['slow_query'], agents), by: 'topic' };
  if (topics.length === 0 && rightNow.test(text) && readDurations(text, new Date()).atLeastSeconds !== undefined)
    return { agents: existing(['running_query'], agents), by: 'topic' };
  if (topics.length === 0 && statements.test(text)) {
    const { windowSeconds, atLeastSeconds, maxAgeSeconds } = readDurations(text, new Date());
    if (((atLeastSeconds ?? maxAgeSeconds) !== undefined && !slowness.test(text)) || rightNow.test(text))
      return { agents: existing(['running_query'], agents), by: 'topic' };
    // What is over stands in the digest of statements, not in the process list.
    if (windowSeconds !== undefined) return { agents: existing(['slow_query'], agents), by: 'topic' };
    if (slowness.test(text)) return { agents: existing(['running_query', 'slow_query'], agents), by: 'workflow' };
    if (!generalHealth.test(text)) return { agents: existing(['slow_query'], agents), by: 'search' };
  }
  if (topics.length === 0 && /\b(slower|faster)\b.{0,40}\b(than|vs|versus|compared)\b/.test(text))
    return { agents: existing(['slow_query'], agents), by: 'topic' };
  const counter = topics.length === 0 ? counters.find(({ names }) => names.test(text)) : undefined;
  if (counter) return { agents: existing(counter.agents, agents), by: 'topic' };
  if (topics.length === 0 && slowness.test(text))
    return { agents: existing(['incident_triage', 'running_query', 'slow_query'], agents), by: 'workflow' };
  if (topics.length === 0 && generalHealth.test(text))
    return { agents: existing(['incident_triage', 'running_query'], agents), by: 'workflow' };
  // "is the slow query log enabled" asks for a setting, whatever the setting is about.
  if (topics.includes('configuration') && topics.includes('slow_query') && asksForSetting.test(text))
    return { agents: existing(['configuration'], agents), by: 'topic' };
  const withHealth = topics.length > 0 && healthAsTopic.test(text) ? ['incident_triage', ...topics] : topics;
  const slowToo = alsoSlow(text, withHealth) ? [...withHealth, 'slow_query'] : withHealth;
  if (slowToo.length > 0) return { agents: existing(slowToo, agents), by: 'topic' };
  return search(text, agents);
}

/** Statements of a time that is over, as in "queries over 500 ms in the last hour": the process list has forgotten them. */
function isOver(text: string): boolean {
  if (
    !statements.test(text) ||
    /\b(now|running|runs|active|current(ly)?|still|at the moment|open|block\w*|lock\w*|wait\w*|transactions?)\b/.test(
      text,
    )
  )
    return false;
  return readDurations(text, new Date()).windowSeconds !== undefined;
}

/** Status variables of MariaDB that people and monitors name, and who reads them. */
const counters: readonly { readonly names: RegExp; readonly agents: readonly string[] }[] = [
  { names: /\bthreads_running\b/, agents: ['incident_triage', 'running_query'] },
  { names: /\b(innodb_row_lock|table_locks|innodb_deadlocks)\w*/, agents: ['running_query'] },
  {
    names:
      /\b(slow_queries|select_(scan|range|full)\w*|sort_\w+|handler_read_\w+|created_tmp_\w+|rows_(read|sent)\w*)\b/,
    agents: ['slow_query'],
  },
  { names: /\b(threads|connection_errors|aborted|max_used_connections|access_denied)\w*_\w+/, agents: ['connections'] },
  { names: /\b(slave|rpl|relay|gtid|seconds_behind|semi_sync)_\w+/, agents: ['replication_health'] },
  { names: /\b(key|open|opened|table_open|binlog)_(blocks|files|tables|cache|read)\w*/, agents: ['configuration'] },
  { names: /\b(com|handler|uptime|queries|questions)_\w+/, agents: ['incident_triage'] },
];

/** "health, replication and backups": health as one item of a list, not as a quality of another topic. */
const healthAsTopic =
  /(^|[:,;]|\band|\bcheck|\bthe) ?health( check| status)?\s*($|[,;&]|and\b|\?|(all )?(ok|okay|fine|good|right|green)\b)/;

const rightNow = /\b(now|at the moment|atm|currently|this (second|minute))\b/;
const whatRan =
  /\bwhat (else )?(ran|has run|was running|got executed|was (being )?executed|were (we|they|you) running|happened in sql)\b/;
const asksForSetting =
  /\b(enabled|disabled|activated?|(turned|switched) (on|off)|configured|set (to|right|correctly|sanely)|(is|are) .{0,30}\b(on|off)\b)/;

/** "connections, and why is it slow": slowness beside a topic that is not about statements. */
function alsoSlow(text: string, topics: readonly string[]): boolean {
  if (topics.some((topic) => ['slow_query', 'running_query', 'incident_triage'].includes(topic))) return false;
  return topics.length > 0 && /\b(slow|slower|sluggish|slowly)\b/.test(text);
}

/** Words that name a topic only where no other one is named: "the sql thread is down", "which schema uses most space". */
const weakWords: Readonly<Record<string, string>> = {
  incident_triage: '(?:down|in a crash)',
  replication_health:
    '(?:(?:its|the|our|all|both|each|every) )?(?:replicas?|slaves?|standbys?)(?! (?:is|are|was|has|have|of|health|status))',
  connections: 'connecting',
  backup: 'bin(?:ary)?[ -]?logs?',
  schema_health: 'schemas?(?! (?:health|change|design|review|audit|check|issue|problem))',
};

function topicsOf(text: string, agents: readonly Agent[]): string[] {
  const found = agents.filter((agent) => isNamedIn(text, agent));
  if (found.length < 2) return found.map(({ name }) => name);
  const strong = found.filter((agent) => isNamedIn(withoutWeak(text, agent.name), agent));
  if (strong.length > 0) return strong.map(({ name }) => name);
  // "which binlog is the replica reading": of two weak words the replica is the topic.
  const names = found.map(({ name }) => name);
  return names.includes('replication_health') ? names.filter((name) => name !== 'backup') : names;
}

function isNamedIn(text: string, { routing }: Agent): boolean {
  return routing.some((source) => new RegExp(fold(source), 'u').test(text));
}

/** The text without the weak words of an agent; as an item of a list, "schema, capacity and backups", a word is strong. */
function withoutWeak(text: string, agent: string): string {
  const weak = weakWords[agent];
  if (weak === undefined) return text;
  const item = new RegExp(
    `(?:^|[,;:+&/]|\\b(?:and|check|the|plus|review))\\s*(?:${weak})\\s*(?:$|[,;:+&/?!.]|and\\b|please)`,
  );
  return item.test(text) ? text : text.replaceAll(new RegExp(`\\b(?:${weak})(?![\\w-])`, 'g'), ' ');
}

function existing(names: readonly string[], agents: readonly Agent[]): string[] {
  return agents.filter(({ name }) => names.includes(name)).map(({ name }) => name);
}

/** Below this BM25 score a match is chance: one common word in one use case. */
const minScore = 6;

function search(text: string, agents: readonly Agent[]): Intent {
  const index = new MiniSearch({
    idField: 'name',
    fields: ['description', 'useCases', 'checks'],
    searchOptions: { fuzzy: 0.15, prefix: (term) => term.length > 4 },
  });
  index.addAll(
    agents.map(({ name, description, useCases, checks }) => ({
      name,
      description,
      useCases: useCases.join('. '),
      checks: checks.join('. '),
    })),
  );
  const words = text.split(/[^\p{L}\p{N}_]+/u).filter((word) => word.length > 3 && !stopWords.has(word));
  const [best] = index.search(words.join(' '));
  return best && best.score >= minScore ? { agents: [String(best.id)], by: 'search' } : { agents: [], by: 'none' };
}

const stopWords: ReadonlySet<string> = new Set([
  'what',
  'when',
  'where',
  'which',
  'would',
  'could',
  'should',
  'this',
  'that',
  'there',
  'with',
  'from',
  'have',
  'does',
  'about',
  'please',
  'database',
  'server',
  'mariadb',
  'show',
  'tell',
  'give',
  'need',
  'want',
  'some',
  'them',
  'they',
  'your',
  'long',
  'many',
  'much',
  'right',
  'still',
  'just',
  'like',
  'into',
  'than',
  'then',
  'only',
  'other',
  "it's",
  'best',
  'good',
  'last',
  'first',
  'next',
  'time',
  'times',
  'take',
  'make',
  'other',
  'write',
  'sort',
  'sorts',
  'list',
  'lists',
]);
