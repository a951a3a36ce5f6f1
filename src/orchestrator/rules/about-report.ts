/** Words that mean the last report even where a topic is named beside them: "the second one", "finding 2", "roll that back". */
export function meansReport(text: string): boolean {
  const trimmed = text.trim();
  return (
    /^(and |ok,? |so )*how (do|can|should) (i|we) (?!check|know|see|find)\w+ (it|that|this|them)\b|\b(why is|about|explain) #?\d{1,2}\b(?! ?(h|min|s|d|hour|day)\w*\b)|\bto (fix|solve|resolve|repair) (it|that|this|them)\b|\b(first|second|third|fourth|last|other|top|worst|main|biggest) (one|finding|problem|issue)\b|\bfinding #?\d+|\bnumber \d+\b|\btell me more\b|\bwhere (to|do|should) (i |we )?(start|begin)\b|\broot cause\b/.test(
      text,
    ) ||
    /\b(with|about|of|is|in|on) the (first|second|third|fourth|fifth|last)\s*[?.!]*$|\bthings? to (fix|do|change)\b/.test(
      trimmed,
    ) ||
    /\broll (it|that|this|them) back\b|\bwhat (happens|would happen|will happen|breaks) (if|when|to)\b/.test(text) ||
    /\b(which|what|any|none|all|some|most|one) of (these|those|them)\b/.test(text) ||
    /^(and |but |so |ok,? |hm+,? )*(is|are|was|were) (it|that|this|these|those|they) (really |so |very |too |still |a )*(normal|usual|serious|severe|urgent|safe|dangerous|risky|expected|bad|critical|common|problem|worth)\b(?! now)/.test(
      trimmed,
    ) ||
    /^(i |we )?(need |show |give |send |zeig |muestra |montre )?(me |mir |us )?(the |das |el |la |le )?(kill |fix |rollback |exact )?(sql|commands?|evidence)( pls| please| bitte)?\s*[?.!]*$/.test(
      trimmed,
    ) ||
    /\b(generate|give|write|show|send|print|paste|get)( me| us)?( the| a| that| its)?( (full|whole|complete|exact|drop|alter|create|kill|set|fix|same))* (statements?|sql|ddl|commands?)( for (it|that|this|them|all|\d+))?\s*[?.!]*$/.test(
      trimmed,
    )
  );
}

const questionWords =
  'what|whats|why|how|hows|which|who|whos|whom|whose|when|where|is|are|was|were|does|do|did|can|could|should|would|will|has|have|had|any|anything|' +
  'was|warum|wieso|wie|wer|wen|welche[rsn]?|wann|wo|ist|sind|hat|gibt|kann|que|quel(le)?s?|qui|pourquoi|comment|combien|quand|est-ce|' +
  'cual(es)?|quien(es)?|por que|porque|como|cuando|cuant[oa]s?|donde|hay|es|esta|estan|qual|quais|quem|quando|onde|ha';
const requests =
  'show|give|tell|list|explain|describe|check|look|run|compare|summari[sz]e|generate|only|just|more|details?|fix|help|sort|group|filter|recommend|suggest|find|get|print|write|draft|analy[sz]e|inspect|investigate|diagnose|review|go|dig|drill|repeat|again|kill|stop|' +
  'zeig|prufe?|liste|erklare?|schau|mach|vergleiche?|montre|explique|verifie|regarde|muestra|explica|revisa|mira|compara|mostra|verifica';
const request = new RegExp(
  `^(?:(?:and|but|so|ok|okay|then|now|also|well|hm+|please|pls|bitte|hey|hi|und|y|et|e|can you|could you)[\\s,:]+)*(?:${questionWords}|${requests})\\b`,
  'u',
);
/** What a report consists of. */
const parts =
  /\b(findings?|reports?|summary|evidence|recommendations?|advice|rollback|actions?|causes?|root|severity|verdict|critical|warnings?|sql|statement)\b/;

/** Whether it asks for something, as against what colleagues say to each other in a thread: "on it", "Anna is restarting the app". */
export function isRequest(text: string): boolean {
  const trimmed = text.trim();
  return /\?/.test(trimmed) || request.test(trimmed) || parts.test(trimmed);
}

/** "false alarm", "app recovered": what is said when it is over, whatever else its words could mean. */
export function saysItIsOver(text: string): boolean {
  return (
    !/\?/.test(text) &&
    /\b(false alarm|all clear|recovered|resolved|back to normal|we('re| are) back( up)?|clos(e|ed|ing) (the|this) (incident|ticket|case))\b/.test(
      text,
    )
  );
}
