import { z } from 'zod';

export const logLine = z.strictObject({
  /** Counts from 1; lines are forgotten from the front. */
  number: z.int().min(1),
  /** Milliseconds since 1970. */
  at: z.number(),
  level: z.enum(['debug', 'info', 'warning', 'error']),
  source: z.string(),
  text: z.string(),
});

/** The log itself is read by a call; this says that there is something to read. */
export const logSlice = z.strictObject({ newest: z.int().min(0), oldest: z.int().min(0) });

export type LogLine = z.infer<typeof logLine>;
export type LogSlice = z.infer<typeof logSlice>;
