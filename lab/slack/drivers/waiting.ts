import type { State } from '../state.ts';

export interface WaitOptions {
  /** 10,000 ms by default. */
  readonly timeoutMs?: number;
  /** What is waited for, for the message of the failure. */
  readonly what?: string;
}

/** Conditions may depend on more than the workspace, so they are also asked again this often. */
const pollMs = 25;

/**
 * Resolves with the first value of `condition` that is neither undefined, null nor false. Asks again on each change
 * of the workspace. Rejects after the timeout with `describe()`.
 */
export function waitFor<T>(
  state: Pick<State, 'listeners'>,
  condition: () => T | undefined | null | false,
  options: WaitOptions,
  describe: () => string,
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? 10_000;
  return new Promise((resolve, reject) => {
    const poll = setInterval(ask, pollMs);
    const timer = setTimeout(() => {
      settle();
      reject(new Error(`waited ${timeoutMs} ms for ${options.what ?? 'a condition'}\n${describe()}`));
    }, timeoutMs);
    state.listeners.add(ask);
    ask();

    function settle(): void {
      clearInterval(poll);
      clearTimeout(timer);
      state.listeners.delete(ask);
    }

    function ask(): void {
      try {
        const value = condition();
        if (value === undefined || value === null || value === false) return;
        settle();
        resolve(value);
      } catch (error) {
        settle();
        reject(error);
      }
    }
  });
}
