import { z } from 'zod';
import { logLine } from '../app-state/log.ts';
import { call, nothing } from './call.ts';

export const logCalls = {
  /** Lines with a number above `after`, oldest first; the newest `limit` of them. */
  'log.read': call(z.strictObject({ after: z.int().min(0), limit: z.int().min(1).max(5000) }), z.array(logLine)),
  'log.clear': call(nothing, nothing),
} as const;
