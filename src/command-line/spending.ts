import { loadConfig } from '../config.ts';
import { readSpending } from '../llm/ledger.ts';
import { openStoreToRead } from '../store/open-store.ts';
import { commonOptions, parseArguments, type Terminal, text, UsageError } from './options.ts';

const defaultDays = 7;

/** `dbcheck spending`: what the bot's model cost, by day, purpose and model. It reads beside the running bot. */
export async function spending(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArguments(argv, { ...commonOptions, days: { type: 'string' } } as const);
  if (positionals.length > 0) throw new UsageError(`spending takes no "${positionals[0]}"; see dbcheck --help`);
  const days = Number(text(values, 'days') ?? defaultDays);
  if (!Number.isInteger(days) || days < 1) throw new UsageError('--days: expected a number of days');
  const store = await openStoreToRead(loadConfig(text(values, 'config')));
  try {
    const spent = await readSpending(store, days);
    if (values['json']) terminal.out(`${JSON.stringify(spent)}\n`);
    else if (spent.length === 0) terminal.out('No model was asked in this time.\n');
    for (const { date, uses } of values['json'] ? [] : spent)
      for (const { purpose, model, calls, inputTokens, outputTokens, costUsd } of uses)
        terminal.out(
          `${date}  ${purpose.padEnd(8)} ${model}  ${calls} ${calls === 1 ? 'call' : 'calls'}  ${inputTokens} tokens in, ${outputTokens} out  ${costUsd > 0 ? `$${costUsd.toFixed(4)}` : 'no price known'}\n`,
        );
    return 0;
  } finally {
    await store.close();
  }
}
