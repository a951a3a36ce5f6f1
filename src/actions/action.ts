import type { Kill } from '../report/finding.ts';

/** The two things that dbcheck may do to a server, and there are no others. */
export type ActionKind = Kill['kind'];

/** A target of this tag takes two people to act on. */
const prodTag = 'prod';

export function needsSecondPerson({ tags }: { readonly tags: readonly string[] }): boolean {
  return tags.some((tag) => tag.toLowerCase() === prodTag);
}
