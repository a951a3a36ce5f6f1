import { z } from 'zod';

/** The key `watch` of dbcheck.yml: looks that nobody asks for, at targets that a channel owns. */
export const watchSettings = z
  .strictObject({
    enabled: z.boolean().default(true),
    /** Minutes between two looks at a target. */
    everyMinutes: z.number().min(1).max(1_440).default(10),
  })
  .prefault({});

export type WatchSettings = z.output<typeof watchSettings>;
