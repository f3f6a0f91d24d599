import { z } from 'zod';
import { securityLevels } from '../profile.ts';

export const profileId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

/** What the window knows of a profile without asking: no secret, and not the whole of it. */
export const profileEntry = z.strictObject({
  id: profileId,
  name: z.string(),
  gateway: z.string(),
  user: z.string().exactOptional(),
  mode: z.enum(['full', 'split']),
  killSwitch: z.boolean(),
  security: z.enum(securityLevels),
});

export const profilesSlice = z.strictObject({
  entries: z.array(profileEntry),
  /** Files that are no valid profiles, and what is the matter with them. */
  broken: z.array(z.strictObject({ file: z.string(), problem: z.string() })),
});

export type ProfileEntry = z.infer<typeof profileEntry>;
export type ProfilesSlice = z.infer<typeof profilesSlice>;
