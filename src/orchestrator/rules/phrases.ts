/** Kinds of talk that need no server. All take a normalised question. */

const greeting =
  /^(hi|hello|hey|hallo|moin|bonjour|hola|(good )?(morning|evening|afternoon|night)|good day|yo|servus|ciao|salut|bonsoir|guten (tag|morgen|abend)|buen[oa]s (dias|tardes|noches)|bom dia|ola|namaste|gruezi|hej)\b[\s!.,a-z']{0,25}$/;
const thanks =
  /^(ok(ay)?,? |great,? |perfect,? |cool,? |awesome,? |super,? )?(thanks?( you)?|thank u|thx|ty|cheers|merci|danke|gracias|much appreciated|well done|good (job|bot|work)|nice( one| work)?|great( job| work)?|perfect|awesome|cool|got it|ok(ay)?|bye|good ?bye|see you)\b[\s!.,a-z']{0,30}$/;
/** "ok and what is running there" begins like thanks and goes on with a question. */
const asksMore =
  /\b(check|show|run(s|ning)?|what|which|who|how|why|when|where|look|list|tell me|give|explain|compare|analy\w*|slow|quer\w*|replica\w*|lag|lock\w*|connection\w*|back-?ups?|disk|index\w*|schema|config\w*|(first|second|third|fourth|fifth|last|other|next) one)\b/;

export function isSmalltalk(text: string): boolean {
  const bare = text.replaceAll(/[\p{Emoji_Presentation}\p{Extended_Pictographic}]/gu, '').trim();
  return (
    greeting.test(bare) ||
    /^(hi|hello|hey|hallo|hola)\s*\?+$/.test(bare) ||
    /^(you('re| are| r)?|u r|that was|this is) (so |really |very )?(awesome|great|the best|amazing|a (star|hero|lifesaver)|helpful|brilliant|cool|good)\b[\s!.a-z]{0,20}$/.test(
      bare,
    ) ||
    (thanks.test(bare) && !asksMore.test(bare)) ||
    /^(you|u|dbcheck) (really |totally |so )?(rock|rule|saved|are a star|made my (day|night))\b[\s!.a-z]{0,20}$/.test(
      bare,
    ) ||
    /^how are you( doing)?( today)?\??$/.test(bare) ||
    (bare === '' && text !== '')
  );
}

export function isHelp(text: string): boolean {
  return /^(?:please |pls )?(help|hilfe|aide|ayuda|commands?|usage|\?)(?: please| pls)?[!?.\s]*$|\bwhat (can|do|could|else can) (?:you|u) (do|help|check|know|answer|look|see|offer)|\bhow (do|can|should) (i|we) (use|talk to|ask) you|\bhow (can|could|do) (you|u) help\b(?! .{0,12}(with|to)\b)|\b(who|what) (are|r) (you|u)\b|\bwho (built|made|wrote|created|owns|maintains|runs) (you|u|this bot)\b|\b(your|ur) (capabilit|feature|skill|abilit|function)|\bhow do you work\b|\b(which|what) (agents|checks|questions)\b.*\b(have|can|there|support|you know)|\b(which|what) commands\b|\b(what|which) (kind of |sort of )?(questions|things) (can|could|may|should) (i|we)\b|\bwas kannst du\b|\bque puedes hacer\b|\bque peux-tu faire\b|\bo que voce (faz|pode)\b/.test(
    text,
  );
}

const otherSystems =
  /\b(redis|valkey|postgres(ql)?|psql|mongo(db)?|oracle|sql ?server|mssql|elastic(search)?|opensearch|cassandra|kafka|rabbitmq|dynamodb|sqlite|clickhouse|snowflake|memcached|etcd|couchbase|neo4j|influx(db)?)\b/;
/** Things around a database: an alert may come from them, a question about them alone is not ours. */
const surroundings =
  /\b(kubernetes|k8s|nginx|apache|docker|jenkins|terraform|grafana|prometheus|ansible|git(hub|lab)?|jira)\b/;
const databaseWords =
  /quer(y|ies)|replica|\blag|\block|connection|database|\bdbs?\b|\bdisk|backup|\bindex|\btables?\b|slow|mariadb|mysql/;
const ourSystem = /\b(mariadb|innodb|galera|slow (query|log)|processlist|buffer pool|binlog)\b/;
const strangeTopics =
  /\b(weather|wetter|cook(ing)?|bak(e|ing)|meteo|temperature in|news|forecast for (berlin|london|paris|tomorrow)|joke|poem|song|recipe|lunch|dinner|football|soccer|bitcoin|stock price|capital of|translate|president|movie|horoscope|restaurant|pizza|flights?|hotel|taxi|match (yesterday|tonight|today)|world cup|dance|sing|birthday|vacation|holiday|essay|python|javascript|java|typescript|php|golang|rust|bash|regex|html|css|excel|powerpoint|homework|email to|write (me )?(a|an|some) (script|program|function|code|letter|story|class|app|test))\b/;
const errands =
  /^(?:(?:please|pls|can you|could you|now) )*write (me |us )?(a|an|some) (?!quer|sql|report|summary)|^(?:(?:please|pls|can you|could you) )*(generate|create|make|code|build|draw) (me |us )?(a|an|some) (\w+ )?(program|script|app|website|function|class|game|story|image|picture)\b|^(?:(?:please|pls|can you|could you|now) )*(book|order|buy|call|cook|sing|play|invite) (me|us|a|an|some)\b/;
/** "how do I center a div": how something is done that is not said to be of a database. */
const howTo =
  /^(?:(?:and|ok|so|hey|please|pls) )*how (?:do|can|could|should|would) (?:i|you|we|one) (?!use|ask|talk|work|start|begin|fix|solve|know|see|check|find|tell|get|prevent|avoid)\w+ (?:a|an|the|my) \w+/;
const ourWords =
  /quer|sql|replica|lag|lock|connect|database|\bdbs?\b|disk|back-?up|restor|index|table|slow|mariadb|mysql|innodb|server|user|account|schema|thread|session|transaction|binlog|log|buffer|memory|pool|config|variable|key|column|\bone\b|finding|problem|issue/;
/** What stands in a table is read by a statement in words of its own, where the schema is open, and not by asking. */
const contents =
  /\b(show|list|print|dump|give|export|send|display)( me| us)?( all| the| some| every| \d+)* (rows?|data|contents?|records?) (of|from|in) (the )?(table )?[`"]?[a-z_]+/;
/** Asking for our own secrets or for other rules. */
const secrets =
  /\b((ignore|disregard|forget|override) (all |everything |your |the )*(previous|prior|above|rules|instructions)|(your|the) (system )?(instructions|prompt|rules)|system prompt|jailbreak|developer mode|pretend (to be|you)|act as)\b|\b(print|show|reveal|tell me|give me|what is|what's|dump|leak|send)\b.*\b(your|the|root|admin|db|database|a|my|all) (\w+ ){0,2}(password|passwords|credentials?|secrets?|api keys?|token|tokens)\b(?!.{0,20}(expire|policy|empty|missing))/;
/** Orders to change data or a server; nothing of that is done by asking. */
const orders =
  /^(?:(?:please|pls|can you|could you|just|now|go ahead and|bitte) )*(drop|delete|truncate|alter|create|insert|update|(?:change|modify|increase|decrease|raise|lower|enable|disable|turn on|turn off|switch on|switch off|rotate|install|upgrade|downgrade)(?= (?:the|my|our|a|an|all|its|max_|innodb_|it\b|to \d))|grant|revoke|rename|replace|shut ?down|reboot|restart|purge|reset|stop|start|promote|set global|set |flush|kill all|kill every|optimize table|repair table|add an? (index|column|user)|remove (the |an? )?(index|column|user|row|table)|run (the )?(migration|alter)|execute|failover|fail over|switch ?over|restore (the )?(backup|table|database))\b/;

/** What people say of a statement that somebody else runs: "alter table hangs" is no order. */
const complaint =
  /\b(hang(s|ing)?|hung|stuck|waiting|waits|blocked|progress|fail(s|ed|ing)?|errors?|lag(s|ging)?|takes|taking|can'?t|cannot|won'?t|who|why|what|how|which|(is|are|was|were|got|gets|getting|became) (so |very |too |much )?slow(er)?|running|loops?|since|finish\w*|never|forever|(does|did|do|is|has|have|was|were)(n'?t| not))\b/;

/** `isAboutTarget`: a server of ours is named, so a graph or a pod beside it is only where the trouble was seen. */
export function isOutOfScope(text: string, isAboutTarget = false): boolean {
  if (errands.test(text) || (howTo.test(text) && !ourWords.test(text))) return true;
  if (contents.test(text)) return true;
  // "accounts without a password" is an audit, no request for one.
  if (secrets.test(text) && !/\b(without|empty|missing|no|weak|blank) (an? )?passwords?\b/.test(text)) return true;
  if (otherSystems.test(text) && !ourSystem.test(text)) return true;
  if (!isAboutTarget && surroundings.test(text) && !databaseWords.test(text)) return true;
  if (
    !isAboutTarget &&
    strangeTopics.test(text) &&
    !ourSystem.test(text) &&
    !/\b(quer(y|ies)|index(es)?|database|table|connections?|lock|slow)\b/.test(text)
  )
    return true;
  return (
    orders.test(text) &&
    !complaint.test(text) &&
    !/^(purge|delete|update|insert|truncate|optimize) (job|batch|statement|query|queries)\b/.test(text) &&
    !/\?\s*$/.test(text.replace(/^(?:please|pls|can you|could you)\b.*/, (found) => found.replace(/\?\s*$/, '')))
  );
}

/** "tell me about that table": a thing that a report named, and nothing else asked. */
export function pointsAtThing(text: string): boolean {
  return /^(and |ok,? |so |but )*(what about|how about|tell me (more )?about|explain|why|show( me)?|details (of|on|for)|more (on|about)|what('s| is)( with)?|how bad is)? ?(that|this|the) (table|replica|slave|thread|session|connection|query|statement|pattern|index|key|account|user|setting|variable|blocker|transaction|lock)\b( thing| one| again)?[\s?.!]*$/.test(
    text.trim(),
  );
}

const number = '(?:the )?(?:#\\d{1,2}|\\d{1,2}|first|second|third|fourth|fifth|last)(?: ones?)?';
/** "first and third please", "2 and 3". */
const listOfNumbers = new RegExp(
  `^(?:and |ok,? |so |then |please )*${number}(?:(?:,| and|, and| &| plus) ${number})*(?: then| please| pls| too)*[\\s?.!]*$`,
);

/** Points at something said before, without a topic of its own. */
export function pointsBack(text: string): boolean {
  return (
    pointsAtThing(text) ||
    listOfNumbers.test(text.trim()) ||
    /^(and |but |so |ok,? )*(which|what|whose) (table|user|account|host|query|statement|thread|session|connection|schema|index|server|replica)( exactly)? (is|was|are|were|does|did|has|holds?|causes?)( (it|that|this|they|those|these))?( (about|from|on|in|of|for))?\s*[?.!]*$/.test(
      text.trim(),
    ) ||
    /^(and |ok,? |please )*(who|what|which)( one| of them)? (is|was|are) (the )?(biggest|worst|largest|slowest|oldest|longest|main|top|first|most \w+)( one| culprit| offender| problem)?\s*[?.!]*$/.test(
      text.trim(),
    ) ||
    /^(and |ok,? |so |but )*who (started|opened|ran|runs|did|does|caused|owns|wrote|sent|holds) (it|that|this|them|those)( one)?\s*[?.!]*$/.test(
      text.trim(),
    ) ||
    /^(and |ok,? )*(the )?(next|first|second|third|fourth|fifth|last|both|full list|whole list|all of them)( one)?( then)?( please| pls)?\s*[?.!]*$|\b(do not|don'?t|didn'?t) (get|understand) (it|that|this)\b|\bnot sure (i|we) (understand|get)\b|\b(that|this) (thread|session|connection|query|table|user|account)'?s \w+|\bthe (owner|user|host|app) of (that|this|it)\b/.test(
      text.trim(),
    ) ||
    /^(and |ok,? |please |pls |can you )*(show|give|send|list)( me| us)? (a bit |some )?more( please| pls)?\s*[?.!]*$/.test(
      text.trim(),
    ) ||
    /^(and |ok,? |please |now )*(per|by|grouped by|split by|sorted by|for each|broken down by) \w+( please| pls)?\s*[?.!]*$/.test(
      text.trim(),
    ) ||
    /\bhow (do|can|could|should|would) (i|we|you) (?!check|know|see|find|make sure)\w+( \w+)? (it|that|this|them)\s*[?.!]*$/.test(
      text.trim(),
    ) ||
    /\b(the|number|about|on|of|no\.?) (first|second|third|fourth|fifth|1st|2nd|3rd|4th|last)\s*[?.!]*$/.test(
      text.trim(),
    ) ||
    /\b(is|are|was|does|did|about) (the )?(first|second|third|fourth|fifth|1st|2nd|3rd|4th) (so |too |really |that |still |even )*(bad|slow|urgent|serious|severe|important|critical|dangerous|safe|risky|new|worse|matter|hurt|happen\w*|mean)\b/.test(
      text,
    ) ||
    /^(but |and |so |ok,? |hm+,? )*(why|how come|how so|since when|how long)( (is|was|has) (that|this|it|so))?( (been )?(so|like (that|this)))?( already)?\s*[?!.]*$/.test(
      text.trim(),
    ) ||
    /\b(the )?(first|second|third|fourth|fifth|last|1st|2nd|3rd|4th|other|next|top|worst) (one|finding|problem|issue|item|point|two|thing|query|pattern|table|index|recommendation|action)\b|\b(finding|number|no\.?|item|point|rollback (for|of)|#) ?#?\d+\b|^#?\d+\??$|^(is|are|does|do|was|why is|explain|and|what about|details? (on|of|for|about)|show( me)?|more (on|about)) #?\d{1,2}\b(?! ?(s|sec|m|min|h|hour|day|week|month|quer|conn|pattern|statement|instead|rather|more|of them))/.test(
      text,
    ) ||
    /\b(tell me more|more (details?|info|about (it|that|this|them))|explain( (it|that|this|them|more))?|elaborate|(go |look |dig |drill )?(deeper|further down)|drill down|what (happens|would happen|will happen) (if|when) (i|we)|in detail|details?( please)?$|what does (that|this|it) mean|what do you mean|why is that|how so|why\?$|how do (i|we) (fix|solve|resolve|do) (it|that|this|them|the)|how (can|should) (i|we) (fix|solve|do) (it|that|this|them|the)|which (one )?(should|do) (i|we) (fix|do|start|look|tackle)|what should (i|we) (fix|do) (first|next|now)|what (do|can|should|shall|must) (i|we) do (about|with|now|against)|what first|where (to|do i|do we|should i|should we) (start|begin)|root cause|(show|give|send)( me)? the (sql|statements?|commands?|evidence|numbers)|summar(y|i[sz]e)|how (sure|certain) (are you|is (that|this|it))|roll ?back|way back|what('s| is) the risk|proof|side effects?|how bad is (it|that)|is (that|it|this) (bad|dangerous|safe|serious|urgent)|are you sure|what('s| is) the root cause|what (caused|causes|is behind) (this|that|it)|who (is|was) it|what changed|erklar|mehr dazu|explique|mas detalles)\b/.test(
      text,
    )
  );
}

/** "again", "re-check". */
export function asksAgain(text: string): boolean {
  // "killed it, check again"
  if (
    /^(but |and |hm+,? |ok,? |sorry,? )*((it|that|this)('s| is| came| comes| happens| happened| started)? (back|again|happening again|not gone|still there)|no change|nothing changed|(it |that |this )?(did not|didn'?t) help|no (better|difference)|(und|y|et) (jetzt|ahora|maintenant)|encore une fois|otra vez)\b[\s?.!]*$/.test(
      text.trim(),
    )
  )
    return true;
  if (
    /^(ok,? |so |we |i |just )*(killed|restarted|fixed|stopped|ended|did|done|applied|changed|dropped|added|increased|raised|committed)\b.{0,40}\b(better|good|ok|okay|fixed|gone|again|once more|now)\b[\s?.!]*$/.test(
      text.trim(),
    )
  )
    return true;
  if (/[,.;!] ?(please |now |so )?(check|look|run( it)?|try|ask)( it| that)? (again|once more)\s*[.!?]*$/.test(text))
    return true;
  return /^(and |ok,? |now |please |can you |could you |do (it|that|this) )*(again|(run|do|check|try) (it|that|this|them|the same)( all)? (again|once more|one more time)|re-?run( it| that)?|re-?check( it| that| now)?|check (it )?(once )?again|once more|repeat( it| that)?|refresh( it)?|same (again|thing|check|question)( again)?|try (it )?again|one more time|noch ?mal|encore|otra vez|still (there|the same|so|happening|bad|slow)|(is|are) (it|that|this|they|things) (getting|becoming|still getting) (better|worse|slower|faster)|is it (improving|recovering|catching up)|is it (still|better|fixed|gone)|any better|better now|and now|(how|what) about now|now)\b[\s?.!,]*(on|for|at|there|here|now|please|pls|plz|thx|thanks|everything|once more|with fresh data|for me|quickly)?[\s?.!,]*(now|please|pls|thanks)?[\s?.!,]*$/.test(
    text,
  );
}

/** "same for billing-prod", "and on the replica?": the former question for another server. */
export function asksElsewhere(text: string): boolean {
  return /^(and|same|also|what about|how about|now|then|do (it|that|the same)|check|compare( it| this| that)?|run (it|that)|the same|ok|okay|try|repeat( it| that)?)?[\s,]*((the|same|thing|check|too|also|and|now|then|it|that|about|what|how)\b ?)*(for|on|at|in|with|about)?[\s?!.,]*(['’]s)?[\s?!.,]*(please|too|as well|instead|pls)?[\s?!.,]*$/.test(
    text,
  );
}

/** "make that 24 hours", "last 12 hours instead", "only user app": the former question with other values. */
export function asksOtherwise(text: string): boolean {
  return (
    /^(ok,? |no,? |now |and |but |please |actually,? |hm+,? )*(make (that|it)|try|use|only|just|with|without|for|over|the|last|past|previous|since|top|in|instead|limit|change (it|that|the window) to|extend( it)?( to)?|rather|what about|how about|include|including|exclude|longer|shorter|\d)\b/.test(
      text,
    ) || /\b(instead|rather)\b[\s?.!]*$/.test(text)
  );
}
