import type { Evidence } from '../report/evidence.ts';
import type { Finding } from '../report/finding.ts';
import type { Verdict } from '../report/report.ts';
import { type Basis, basisOf } from './verify-basis.ts';
import { mixture, wrongCause } from './verify-links.ts';
import { wrongDuration, wrongNumber, wrongOwner, wrongPair } from './verify-measures.ts';
import { wrongList, wrongQualifier } from './verify-qualifiers.ts';
import { unknownWord } from './verify-words.ts';
import { claimWords, foreignWords, orderVerbs } from './vocabulary.ts';

/** A sentence of the model with the ids of the findings that it rests on. */
export interface CitedSentence {
  readonly text: string;
  readonly findings: readonly string[];
}

export interface Support {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly evidence: readonly Evidence[];
}

export interface Verified {
  readonly kept: readonly CitedSentence[];
  /** What was dropped and why; for the evals; neither for the reader nor for the log, for it repeats words of the sentence. */
  readonly dropped: readonly { readonly sentence: CitedSentence; readonly reason: string }[];
}

/**
 * Keeps the sentences whose every number, name, statement, order and claim occurs in the findings that they cite.
 * It errs on the side of dropping: a lost sentence costs style, a false one costs trust.
 */
export function verifySentences(sentences: readonly CitedSentence[], support: Support): Verified {
  const kept: CitedSentence[] = [];
  const dropped: { sentence: CitedSentence; reason: string }[] = [];
  for (const sentence of sentences) {
    const reason = unsupported(sentence, support);
    if (reason === undefined) kept.push(sentence);
    else dropped.push({ sentence, reason });
  }
  return { kept, dropped };
}

/** Why a sentence must go, or undefined where everything in it is supported. */
export function unsupported(sentence: CitedSentence, support: Support): string | undefined {
  const cited = support.findings.filter(({ id }) => sentence.findings.includes(id));
  if (cited.length === 0 || cited.length < new Set(sentence.findings).size)
    return 'cites no finding, or one that does not exist';
  const basis = basisOf(cited, support.evidence);
  const supports = (clause: string, { id }: Finding) =>
    unsupported({ text: clause.trim(), findings: [id] }, support) === undefined;
  return (
    markup(sentence.text, basis) ??
    foreignLanguage(sentence.text) ??
    verdictWord(sentence.text, support.verdict, cited) ??
    wrongNumber(sentence.text, basis) ??
    wrongPair(sentence.text, cited, basis) ??
    wrongOwner(sentence.text, cited, basis) ??
    wrongQualifier(sentence.text, cited, basis) ??
    wrongList(sentence.text, basis) ??
    wrongDuration(sentence.text, cited, basis) ??
    unknownName(sentence.text, basis) ??
    unknownOrder(sentence.text, cited, basis) ??
    unknownClaim(sentence.text, basis) ??
    negation(sentence.text, basis) ??
    relation(sentence.text, basis) ??
    unknownWord(sentence.text, basis) ??
    wrongCause(sentence.text, cited, supports) ??
    mixture(sentence.text, cited, supports)
  );
}

/** Nothing that could link, ping, format or carry markup may pass, whatever it says. */
function markup(text: string, basis: Basis): string | undefined {
  if (text.length > 600) return 'too long for a sentence';
  if (/https?:|www\.|[<>]|\]\(|```|[\p{Cc}\p{Cf}]/u.test(text)) return 'markup or a link';
  const accounts = text.match(/\S*@\S*/g) ?? [];
  const stranger = accounts.find((account) => !basis.text.includes(trimmed(account).toLowerCase()));
  return stranger === undefined ? undefined : 'an account or mention that no finding has';
}

/** What cannot be read cannot be checked: summaries are in English. */
function foreignLanguage(text: string): string | undefined {
  const isForeign =
    /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u.test(text) ||
    (text.toLowerCase().match(/\p{L}+/gu) ?? []).some((word) => foreignWords.has(word));
  return isForeign ? 'a language that the checks do not know' : undefined;
}

function verdictWord(text: string, verdict: Verdict, cited: readonly Finding[]): string | undefined {
  if (
    verdict !== 'healthy' &&
    /\b(healthy|all (is )?(good|fine|well)|in order|no (problem|issue|action)s?|nothing (is )?wrong|ignore|false alarm|resolved|recovered)\b/i.test(
      text,
    )
  ) {
    return "a verdict that is not the report's";
  }
  for (const word of ['critical', 'warning'] as const) {
    if (new RegExp(`\\b${word}\\b`, 'i').test(text) && !cited.some(({ severity }) => severity === word))
      return 'a severity that no cited finding has';
  }
  if (
    /\b(safe|harmless|risk-free|without risk)\b/i.test(text) &&
    !cited.some(({ recommendations }) => recommendations.some(({ risk }) => risk === 'safe'))
  ) {
    return 'calls something safe that is not';
  }
  return /\b(certain(ly)?|definitely|proven?|surely)\b/i.test(text) &&
    cited.some(({ confidence }) => confidence !== 'certain')
    ? 'more certain than the finding'
    : undefined;
}

function unknownName(text: string, basis: Basis): string | undefined {
  const names = [
    ...(text.match(/`[^`]+`/g) ?? []),
    ...(text.match(/['"][^'"]{2,}['"]/g) ?? []),
    ...(text.match(/[\w$]+(?:[._-][\w$]+)+/g) ?? []).filter(
      (name) => !/^\d+([.-]\d+)*$/.test(name) && !isCommonHyphen(name),
    ),
    ...(text.match(/\b(?=\w*\d)(?=\w*[a-z])\w+\b/gi) ?? []).filter(
      (name) => !/^\d+(s|ms|st|nd|rd|th|k|m|g|gb|mb|kb|%)$/i.test(name),
    ),
    ...(text.match(/\b[A-Z][A-Z_]{3,}\b/g) ?? []),
    ...(text.match(/(?<!^)(?<![.!?:] )\b[A-Z][a-z]+[A-Z]\w*/g) ?? []),
  ];
  const strange = names.find((name) => !basis.text.includes(trimmed(name).toLowerCase()));
  return strange === undefined ? undefined : `the name ${trimmed(strange)} is in no cited finding`;
}

/** Hyphenated English is no identifier. */
function isCommonHyphen(name: string): boolean {
  return (
    /^[a-z]+(-[a-z]+)+$/i.test(name) &&
    !name.includes('_') &&
    !/-(prod|replica|db|test|stage|dev|primary)\b/i.test(name)
  );
}

/** An order to do something must be one that code recommends for a cited finding; a verb that code itself uses of it is a description. */
function unknownOrder(text: string, cited: readonly Finding[], basis: Basis): string | undefined {
  const advised = cited
    .flatMap(({ recommendations }) => recommendations.flatMap(({ action, sql }) => [action, sql ?? '']))
    .join('\n')
    .toLowerCase();
  const remedy =
    /\b(fix|solution|remedy|cure|please|must|should|needs? to|have to|has to|ought|recommend\w*|advi[sc]e\w*|suggest\w*|urgent(ly)?|immediately|at once|right away)\b/i.test(
      text,
    );
  const ordered = orderVerbs.find((verb) => {
    if (!new RegExp(`\\b${verb}(s|es|d|ed|ing|ping|ning)?\\b`, 'i').test(text) || advised.includes(verb)) return false;
    // Strangers' words are part of a finding, so that a verb stands there makes it a description but never an order.
    return remedy || isImperative(text, verb) || !basis.text.includes(verb);
  });
  if (ordered !== undefined) return `"${ordered}" is recommended nowhere`;
  return wrongObject(text, cited, advised);
}

/** "End the 14 sessions" where code advises to end one thread: what is to be done must be done to just that. */
function wrongObject(text: string, cited: readonly Finding[], advised: string): string | undefined {
  const actions = cited.flatMap(({ recommendations }) => recommendations.map(({ action }) => action));
  const firsts = new Set(actions.flatMap((action) => action.toLowerCase().match(/^[a-z]+/) ?? []));
  const known: Basis = {
    text: `${advised}\n${cited.map(({ target }) => target).join('\n')}`,
    prose: '',
    words: new Set(),
    numbers: [],
    measured: new Set(),
  };
  for (const clause of text.split(/[.;:](?:\s|$)/)) {
    const words = clause.trim().toLowerCase();
    const first =
      /^(?:first|then|now|do first|please|on [\w.-]+),? ([a-z]+)/.exec(words)?.[1] ?? /^[a-z]+/.exec(words)?.[0];
    if (first === undefined || (!firsts.has(first) && !/^`?kill\b/.test(words))) continue;
    // A description may begin with the same word: "Kill of thread 8412 rolls back 1 row".
    const strange = unknownWord(clause, known) ?? unknownNumber(clause, advised);
    if (strange !== undefined) return `an order that is not recommended: ${strange}`;
  }
  return undefined;
}

function unknownNumber(clause: string, advised: string): string | undefined {
  const number = clause.match(/\d+/g)?.find((one) => !new RegExp(`(?<!\\d)${one}(?!\\d)`).test(advised));
  return number === undefined ? undefined : `the number ${number}`;
}

/** The bare verb at the start of a clause. In capitals and with a predicate it names a statement: "ALTER TABLE waits". */
function isImperative(text: string, verb: string): boolean {
  const clause = new RegExp(
    `(?:^|[.,;:!?(–—-]\\s*|\\b(?:to|and|then|now|can|could|first|just|run|execute)\\s+)(${verb})\\b(.*)`,
    'i',
  );
  const [, found, rest] = clause.exec(text.trim()) ?? [];
  if (found === undefined || rest === undefined) return false;
  const isStatement = found === found.toUpperCase() && found !== found.toLowerCase();
  return !(
    isStatement && /\b(waits?|holds?|blocks?|runs?|is|has|was|took|takes|failed|fails|copies|stands)\b/.test(rest)
  );
}

/** Words that claim a fact of the trade must come from code. */
function unknownClaim(text: string, basis: Basis): string | undefined {
  const lower = text.toLowerCase();
  const strange = claimWords.find((word) => new RegExp(`\\b${word}`, 'i').test(lower) && !basis.text.includes(word));
  if (strange !== undefined) return `"${strange}" is claimed by no cited finding`;
  // Nobody has done anything yet, and nobody in person speaks.
  const deed = /\b(already|fixed|solved|done|ended|killed|mended|repaired|cleared|gone|rolled back|restarted)\b/.exec(
    lower,
  )?.[0];
  if (deed !== undefined && !basis.text.includes(deed)) return `"${deed}" is claimed by no cited finding`;
  return /\b(dbcheck|we|we've|i've|i)\b/.test(lower) ? 'speaks of somebody who did something' : undefined;
}

function negation(text: string, basis: Basis): string | undefined {
  const negated =
    /\b(no|not|none|never|neither|nor|without|nobody|nothing|isn't|aren't|doesn't|don't|wasn't|cannot|can't|unrelated|instead)\b/i;
  if (negated.test(text)) return negated.test(basis.text) ? undefined : 'denies something that no cited finding denies';
  const lacking = [...basis.text.matchAll(/\bno ([a-z]+ [a-z]+)\b/g)].map(([, what]) => what);
  return lacking.some((what) => new RegExp(`\\b(?:has|have|with) (?:an?|the|its) ${what}\\b`, 'i').test(text))
    ? 'claims what a cited finding denies'
    : undefined;
}

/** Who waits and who holds, the other way round, has the same words and numbers. */
function relation(text: string, basis: Basis): string | undefined {
  const lower = text.toLowerCase();
  const waiters = [...lower.matchAll(/\bthread (\d+)\b[^.;,]{0,60}?\bwait(?:s|ing|ed)?\b/g)].map(
    ([, thread]) => thread,
  );
  const isWrong = waiters.some(
    (thread) => !new RegExp(`\\bthread ${thread}\\b[^.;,\n]{0,60}?\\bwait`).test(basis.text),
  );
  const holding = /\bsessions? (that )?(hold|holds|holding|block|blocks|blocking|own|owns)\b/;
  if (isWrong || (holding.test(lower) && !holding.test(basis.text))) return 'turns round who waits and who holds';
  return undefined;
}

function trimmed(name: string): string {
  return name.replace(/^[`'"(\s]+|[`'"),.;:!?\s]+$/g, '');
}
