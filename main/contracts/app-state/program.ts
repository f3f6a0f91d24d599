import { z } from 'zod';
import { profileId } from './profiles.ts';

/** About the program itself. */
export const programSlice = z.strictObject({
  version: z.string(),
  platform: z.enum(['linux', 'darwin', 'win32']),
  /** The last run ended without a goodbye while it was connected; the network is as it was before. */
  interrupted: z.strictObject({ profile: profileId, name: z.string(), since: z.number() }).exactOptional(),
});

export type ProgramSlice = z.infer<typeof programSlice>;
