import type { RunCall } from './question.ts';

/** Whether two calls would look at the same thing. */
export function isSame(one: RunCall, other: RunCall): boolean {
  return (
    one.agent.name === other.agent.name && one.target === other.target && keyOf(one.params) === keyOf(other.params)
  );
}

function keyOf(params: RunCall['params']): string {
  return JSON.stringify(Object.entries(params).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
