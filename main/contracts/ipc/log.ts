import { z } from 'zod';
import { logLine } from '../app-state/log.ts';
import { call, nothing } from './call.ts';

export const logCalls = {
  /** Lines with a number above `after`, oldest first; the newest `limit` of them. `redacted`: without names and public addresses. */
  'log.read': call(
    z.strictObject({ after: z.int().min(0), limit: z.int().min(1).max(5000), redacted: z.boolean() }),
    z.array(logLine),
  ),
  'log.clear': call(nothing, nothing),
} as const;
