import { z } from 'zod';

/** A look-back window in hours; a minute at least, ninety days at most. */
export function hours(defaultHours: number) {
  return z
    .number()
    .min(1 / 60)
    .max(2_160)
    .default(defaultHours);
}

/** An identifier or account as people write it in a question. It is compared with values, never put into SQL unquoted. */
export function name() {
  return z.string().min(1).max(160);
}
