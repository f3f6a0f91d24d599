import { z } from 'zod';
import { profileId } from './profiles.ts';

/** A run that ended without a goodbye while it was connected. `since`: milliseconds since 1970. */
export const interruption = z.strictObject({ profile: profileId, name: z.string(), since: z.number() });

/** About the program itself. */
export const programSlice = z.strictObject({
  version: z.string(),
  platform: z.enum(['linux', 'darwin', 'win32']),
  /** The last run was killed; the helper has put the network back as it was before. */
  interrupted: interruption.exactOptional(),
  /** There is a newer release. */
  update: z.strictObject({ version: z.string().max(100), installsOnQuit: z.boolean() }).exactOptional(),
});

export type Interruption = z.infer<typeof interruption>;
export type ProgramSlice = z.infer<typeof programSlice>;
