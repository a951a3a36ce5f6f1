/** Something that others hold for as long as they live, and whose present version is replaced under their hands. */
export interface Live<T extends object> {
  /** Every access goes to the present version. */
  readonly now: T;
  replace(next: T): void;
}

export function createLive<T extends object>(first: T): Live<T> {
  let present = first;
  const now = new Proxy(first, {
    get(_, name) {
      const member: unknown = Reflect.get(present, name);
      return typeof member === 'function' ? member.bind(present) : member;
    },
    has: (_, name) => Reflect.has(present, name),
  });
  return {
    now,
    replace(next) {
      present = next;
    },
  };
}
