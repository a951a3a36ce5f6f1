import { z } from 'zod';

const cap = (tokens: number) =>
  z.strictObject({ tokens: z.int().positive().default(tokens), usd: z.number().positive().optional() }).prefault({});

/**
 * The key `model` of dbcheck.yml: what models cost, and what may be spent on them.
 * The defaults of tokens are several times what the prompts' own limits allow, so that they end a fault, not a use:
 * a turn is at most two plans of 4,000 tokens and a summary of 12,000.
 */
export const modelSettings = z
  .strictObject({
    /** US dollars per million tokens, by the model's name. */
    prices: z
      .record(z.string(), z.strictObject({ input: z.number().nonnegative(), output: z.number().nonnegative() }))
      .default({}),
    caps: z.strictObject({ turn: cap(60_000), thread: cap(600_000), day: cap(6_000_000) }).prefault({}),
  })
  .prefault({});

export type BudgetSettings = z.output<typeof modelSettings>;
