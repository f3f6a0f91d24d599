import { z } from 'zod';
import { failureSchema } from '../events.ts';
import { hostStatus } from '../host-control.ts';

/**
 * Host mode as the window shows it. What is long (sessions, users, the audit log) is read by calls: `revision` grows whenever any
 * of it may have changed.
 */
export const hostSlice = z.discriminatedUnion('at', [
  /** Nobody has set a host up yet. */
  z.strictObject({ at: z.literal('absent') }),
  /** Set up. `failure`: why it did not start, or ended by itself. */
  z.strictObject({ at: z.literal('off'), revision: z.int(), failure: failureSchema.exactOptional() }),
  z.strictObject({ at: z.literal('starting') }),
  z.strictObject({ at: z.literal('on'), revision: z.int(), status: hostStatus }),
  z.strictObject({ at: z.literal('stopping') }),
  /** The user runs it already, from the command line. */
  z.strictObject({ at: z.literal('elsewhere'), processId: z.int() }),
]);

export type HostSlice = z.infer<typeof hostSlice>;
