import { z } from 'zod';
import { connectionSummary, failureSchema, phase } from '../events.ts';
import { profileId } from './profiles.ts';

/** The connection as the window shows it. Moments are milliseconds since 1970, since two processes compare them. */

const moment = z.number().describe('Milliseconds since 1970.');

export const connectionTarget = z.strictObject({ profile: profileId, name: z.string(), gateway: z.string() });

export const phaseView = z.discriminatedUnion('state', [
  z.strictObject({ phase, state: z.literal('running'), since: moment }),
  z.strictObject({ phase, state: z.literal('done'), tookMs: z.number(), detail: z.string() }),
  z.strictObject({ phase, state: z.literal('failed') }),
]);

export const noteView = z.strictObject({ at: moment, text: z.string() });

const dialled = { target: connectionTarget, phases: z.array(phaseView), notes: z.array(noteView) };

export const connectionSlice = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('idle') }),
  /** `attempt` counts from 1; above it, the connection was lost. `failure`: it has just failed, and what follows is not known yet. */
  z.strictObject({ at: z.literal('dialling'), ...dialled, attempt: z.int(), failure: failureSchema.exactOptional() }),
  z.strictObject({
    at: z.literal('connected'),
    ...dialled,
    since: moment,
    tookMs: z.number(),
    summary: connectionSummary,
  }),
  z.strictObject({
    at: z.literal('waiting'),
    ...dialled,
    until: moment,
    attempt: z.int(),
    failure: failureSchema.exactOptional(),
  }),
  z.strictObject({ at: z.literal('stopping'), target: connectionTarget }),
  z.strictObject({ at: z.literal('failed'), ...dialled, failure: failureSchema }),
]);

export type ConnectionTarget = z.infer<typeof connectionTarget>;
export type PhaseView = z.infer<typeof phaseView>;
export type NoteView = z.infer<typeof noteView>;
export type ConnectionSlice = z.infer<typeof connectionSlice>;
