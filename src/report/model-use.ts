/** What a model is asked for in a turn: each is an agent of its own with its own bill. */
export type Purpose = 'plan' | 'replan' | 'narrate' | 'inspect';

/** Calls of one model for one purpose, and what they cost. */
export interface ModelUse {
  readonly purpose: Purpose;
  readonly model: string;
  readonly calls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** By the price table; 0 where no price is known. */
  readonly costUsd: number;
}

/** The list with a use counted in: one entry for each purpose and model, in the order in which they came. */
export function addUse(uses: readonly ModelUse[], added: ModelUse): readonly ModelUse[] {
  const at = uses.findIndex(({ purpose, model }) => purpose === added.purpose && model === added.model);
  const before = uses[at];
  if (!before) return [...uses, added];
  return uses.with(at, {
    ...before,
    calls: before.calls + added.calls,
    inputTokens: before.inputTokens + added.inputTokens,
    outputTokens: before.outputTokens + added.outputTokens,
    costUsd: before.costUsd + added.costUsd,
  });
}

/** One call as an entry. */
export function oneCall(
  purpose: Purpose,
  model: string,
  {
    inputTokens,
    outputTokens,
    costUsd = 0,
  }: Pick<ModelUse, 'inputTokens' | 'outputTokens'> & { readonly costUsd?: number },
): ModelUse {
  return { purpose, model, calls: 1, inputTokens, outputTokens, costUsd };
}
