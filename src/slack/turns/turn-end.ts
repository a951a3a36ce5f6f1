import type { Report } from '../../report/report.ts';
import { stopPatienceMs } from '../posting/limits.ts';

/** Why a turn is aborted; the reason of its signal. */
export class TurnEnd extends Error {
  readonly by: 'person' | 'shutdown';

  constructor(by: 'person' | 'shutdown') {
    super(`the turn was ended by a ${by}`);
    this.by = by;
  }
}

/** The report, or undefined where the turn was ended and the answer does not come soon. */
export async function orEnded(answered: Promise<Report>, signal: AbortSignal): Promise<Report | undefined> {
  answered.catch(() => {});
  const late = Promise.withResolvers<undefined>();
  let timer: NodeJS.Timeout | undefined;
  const lose = () => {
    const patienceMs = endOf(signal) === 'person' ? stopPatienceMs : 0;
    timer = setTimeout(() => late.resolve(undefined), patienceMs);
  };
  if (signal.aborted) lose();
  else signal.addEventListener('abort', lose, { once: true });
  try {
    return await Promise.race([answered, late.promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', lose);
  }
}

export function endOf(signal: AbortSignal): TurnEnd['by'] | undefined {
  return signal.reason instanceof TurnEnd ? signal.reason.by : undefined;
}
