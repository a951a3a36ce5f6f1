/** A text from which one piece of meaning after the other is taken out; what nobody took is left. */
export interface Words {
  /** Takes out the first match and gives it; undefined where there is none. */
  take(pattern: RegExp): RegExpExecArray | undefined;
  readonly left: string;
}

export function wordsOf(text: string): Words {
  // Commas and quotes only part the pieces.
  let left = ` ${text
    .replaceAll(/[`"“”„]/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()} `;
  return {
    take(pattern) {
      const found = pattern.exec(left) ?? undefined;
      // A mark stands where something was taken, so that its neighbours do not become one piece.
      if (found) left = `${left.slice(0, found.index)} ; ${left.slice(found.index + found[0].length)}`;
      return found;
    },
    get left() {
      return left.replaceAll(/[\s;:,.]+/g, ' ').trim();
    },
  };
}

/** Not in the middle of a word or of a name such as inv-db-2. */
export const before = '(?<![\\w.:/-])';
export const after = '(?![\\w/-]|:\\d)';
