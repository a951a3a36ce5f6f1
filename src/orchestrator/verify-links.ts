import type { Finding } from '../report/finding.ts';

/** Words between a cause and its effect, and the other way round. */
const toEffect =
  /\b(?:leads? to|led to|causes|caused|results? in|resulted in|triggers|triggered|makes|made|pushe[sd]|which is why|therefore|thus|hence|so that)\b/i;
const toCause =
  /\b(?:because(?: of)?|due to|(?:is |are |was |were |been )?(?:caused|triggered|made|explained) by|results? from|resulted from|(?:comes?|came|follows?|followed) from)\b/i;
const separators = /;|,|\band\b|\balso\b|\bbesides\b|\bwhile\b|\bwith\b(?= \d)/i;

const ties =
  /\b(because|cause[sd]?|due to|leads? to|led to|result(s|ed)? (in|from)|root cause|triggers?|triggered|explains?|explained|blame|which is why)\b/i;
/** Of one finding these tell no cause: a session comes from a host. */
const looseTies = /\b(makes?|made|(comes?|came|follows?|followed) from|pushe[sd]|therefore|thus|hence|so that)\b/i;

/** Whether a clause is supported by one finding alone. */
export type Supports = (clause: string, finding: Finding) => boolean;

/** A cause that code does not know: between findings that it keeps apart, or the effect taken for the cause. */
export function wrongCause(text: string, cited: readonly Finding[], supports: Supports): string | undefined {
  if (!ties.test(text) && (cited.length < 2 || !looseTies.test(text))) return undefined;
  if (!areLinked(cited)) return 'ties findings together that code keeps apart';
  // "Is caused by" holds "caused", so that what points back is looked for first.
  const isBack = toCause.test(text);
  const [left, right, more] = halves(text, isBack);
  if (left === undefined || right === undefined || more !== undefined) return undefined;
  const [cause, effect] = isBack ? [right, left] : [left, right];
  const isTied = cited.some(
    (one) => supports(cause, one) && cited.some((other) => other.causedBy.includes(one.id) && supports(effect, other)),
  );
  return isTied ? undefined : 'takes the effect for the cause';
}

function halves(text: string, isBack: boolean): readonly string[] {
  const parts = text.split(isBack ? toCause : toEffect);
  if (!isBack || parts.length !== 2 || parts[0]?.trim() !== '') return parts;
  // "Because of this, 143 connections are in use": the effect comes after the cause.
  const [cause = '', ...effect] = (parts[1] ?? '').split(',');
  return effect.length > 0 ? [effect.join(','), cause] : parts;
}

/** Each clause must be true of one finding by itself: no name of one with the fact of another. */
export function mixture(text: string, cited: readonly Finding[], supports: Supports): string | undefined {
  if (cited.length < 2) return undefined;
  const clauses = text
    .split(areLinked(cited) ? new RegExp(`${separators.source}|${toCause.source}|${toEffect.source}`, 'i') : separators)
    .filter((clause) => clause.trim() !== '');
  const isOfOne = (clause: string) => cited.some((one) => supports(clause, one));
  return clauses.every(isOfOne) ? undefined : 'mixes what is true of different findings';
}

function areLinked(cited: readonly Finding[]): boolean {
  const ids = new Set(cited.map(({ id }) => id));
  return cited.some(({ causedBy }) => causedBy.some((id) => ids.has(id)));
}
