/** A statement that a message asks to be run, and the words around it, which say where. */
export interface StatementInText {
  readonly sql: string;
  readonly rest: string;
}

/** Messages are read up to here; a statement that goes on behind it is not run in half. */
const maxCharacters = 20_000;

/** Words that begin a statement. Those that write are among them: they are refused with a reason, not misunderstood. */
const verb = String.raw`(?:select|show|explain|describe|desc|with|values|table|help|analyze|check|update|delete|insert|replace|create|drop|alter|truncate|set|call|grant|revoke|kill|flush|load|do|use|lock|rename|handler|execute|prepare|begin|start|commit|rollback|optimize|repair|purge|reset|stop|shutdown|install)\b`;
const beginsStatement = new RegExp(String.raw`^(?:--\s.*\n|#.*\n|/\*[\s\S]*?\*/|[\s(;])*${verb}`, 'i');
const politely = String.raw`^\s*(?:(?:please|pls|can you|could you|now|just|hey)[\s,]+)*`;
/** "run: …", "run on orders-prod: …", "query orders-prod: …". */
const behindColon = new RegExp(
  String.raw`${politely}((?:run|execute|query|inspect|sql)\b[^:\n]{0,80}?)\s*:\s*([\s\S]+)$`,
  'i',
);
/** "run SELECT …": only what no sentence about a statement has behind the verb. */
const behindVerb = new RegExp(
  String.raw`${politely}(run|execute)\s+((?:select\b|with\s+\S+\s+as\b|values\s*\(|explain\s+(?:select|format|extended|with)\b|show\s+(?!me\b|us\b|the\b))[\s\S]+)$`,
  'i',
);
const fenced = /```(?:sql|mysql|mariadb)?[ \t]*\n?([\s\S]+?)```/i;
const inlineCode = /^([^`]*)`([^`\n]{6,})`([^`]*)$/;
/** A message that is a statement and says so by its end. */
const alone = /^\s*\(*(?:select|explain|with|show|describe|values)\b[\s\S]*;\s*$/i;

/** Words around a block of code that is to be run; any other word asks something about it. */
const fillers =
  /\b(?:please|pls|can|could|you|now|just|hey|run|execute|query|inspect|sql|this|that|it|the|following|statement|on|at|against|show|me|results?|of|thanks|thx|try)\b/gi;

/**
 * The statement of a message that asks for it to be run: behind "run:", in a block of code that stands for itself, or
 * alone and closed by a semicolon. A statement inside a question ("why is `SELECT …` slow?") is not to be run.
 */
export function statementIn(message: string, targetNames: readonly string[] = []): StatementInText | undefined {
  if (message.length > maxCharacters) return undefined;
  const text = message.replaceAll(/<@[A-Z0-9]+>/g, ' ');
  const found = inBlock(text) ?? behindOrder(text) ?? byItself(text);
  if (!found || !beginsStatement.test(found.sql) || !isFiller(found.rest, targetNames)) return undefined;
  return splitPlace({ sql: plainQuotes(found.sql).trim(), rest: found.rest }, targetNames);
}

function inBlock(text: string): StatementInText | undefined {
  const block = fenced.exec(text);
  if (block) {
    const rest = `${text.slice(0, block.index)} ${text.slice(block.index + block[0].length)}`;
    return { sql: block[1] ?? '', rest };
  }
  const [, before, sql, after] = inlineCode.exec(text) ?? [];
  // Names stand in backticks too, so a short message must consist of the statement and of an order to run it.
  return sql === undefined || !/\s/.test(sql) ? undefined : { sql, rest: `${before} ${after}` };
}

function behindOrder(text: string): StatementInText | undefined {
  const [, order, sql] = behindColon.exec(text) ?? behindVerb.exec(text) ?? [];
  return order === undefined || sql === undefined ? undefined : { sql, rest: order };
}

function byItself(text: string): StatementInText | undefined {
  return alone.test(text) ? { sql: text, rest: '' } : undefined;
}

function isFiller(rest: string, targetNames: readonly string[]): boolean {
  let left = rest;
  for (const name of targetNames)
    left = left.replaceAll(new RegExp(`(?<![\\w.-])${escaped(name)}(?![\\w-])`, 'gi'), ' ');
  return left.replaceAll(fillers, ' ').replaceAll(/[\s:;.,!?-]/g, '') === '';
}

/** "SELECT 1 on orders-prod": a place behind the statement is no part of it. */
function splitPlace({ sql, rest }: StatementInText, targetNames: readonly string[]): StatementInText {
  for (const name of targetNames) {
    const place = new RegExp(String.raw`;?\s+(?:on|at|against)\s+${escaped(name)}[\s.!?]*$`, 'i').exec(sql);
    if (place) return { sql: sql.slice(0, place.index), rest: `${rest} ${place[0]}` };
  }
  return { sql, rest };
}

/** Phones and chats write quotes that no server knows. */
function plainQuotes(text: string): string {
  return text.replaceAll(/[‘’]/g, "'").replaceAll(/[“”]/g, '"').replaceAll('\u00a0', ' ');
}

function escaped(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
