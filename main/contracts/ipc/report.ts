import { z } from 'zod';
import { call, nothing } from './call.ts';

/** The report that a user can send: made anew by each call. */
export const reportCalls = {
  'report.read': call(nothing, z.string()),
  /** Into the clipboard. */
  'report.copy': call(nothing, nothing),
  /** Into a file that the user picks in the system's own dialog; false where they pick none. */
  'report.save': call(nothing, z.boolean()),
} as const;
