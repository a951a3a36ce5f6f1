/** What a question back may be about. */
export interface AskBackContext {
  readonly targets: readonly string[];
  /** The question as it was asked. */
  readonly question: string;
}

const markup = /https?:|www\.|[<>@#`*_~[\]{}|\\]|[\p{Cc}\p{Cf}]/u;
const orders =
  /\b(select|insert|update|delete|drop|alter|kill|set global|grant|truncate|restart|reboot|shut|stop|run|execute|rm|sudo|install|call|phone|dial|visit|open|click|download|send|e-?mail|paste|type)\b/i;
const secrets = /\b(passw\w*|passphrase|pin|login|log in|credentials?|tokens?|(?:api|access|private) key|secrets?)\b/i;
const verdicts =
  /\b(healthy|fine|okay|good|well|safe|over|resolved?|recovered|fixed|solved|down|dead|broken|corrupt\w*|hacked|critical|lost|sleep|ignore|false alarm)\b/i;

/**
 * Whether a model's question back may be read as it is: the one text of it that nobody can verify. So it is one question of
 * words alone; it judges nothing, orders nothing, wants no secret, and has no number or name that is not the asker's or a target's.
 */
export function isPlainQuestion(text: string, { targets, question }: AskBackContext): boolean {
  const known = new Set([...targets, ...(question.match(/[\w.-]+/g) ?? [])].map((word) => word.toLowerCase()));
  // What somebody said himself or named a target is no claim of the model.
  const rest = text
    .trim()
    .replaceAll(/[\w.-]*[\w-]/g, (word) => (known.has(word.toLowerCase()) && !isRisky(word) ? 'it' : word));
  const isOneQuestion = /^[^.!?。？；;\n]+[?？]$/.test(rest);
  return isOneQuestion && !markup.test(text) && !/\d/.test(rest) && !isRisky(rest) && !verdicts.test(rest);
}

function isRisky(text: string): boolean {
  return markup.test(text) || orders.test(text) || secrets.test(text);
}
