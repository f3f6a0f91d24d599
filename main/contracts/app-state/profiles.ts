import { z } from 'zod';
import { failureSchema } from '../events.ts';
import { securityLevels } from '../profile.ts';
import { importPlan, profileId } from '../stored-profile.ts';

export { profileId };

/** What the window knows of a profile without asking: no secret, and not the whole of it. */
export const profileEntry = z.strictObject({
  id: profileId,
  /** What people call it: the profile's title, or else its name. */
  name: z.string(),
  gateway: z.string(),
  user: z.string().exactOptional(),
  mode: z.enum(['full', 'split']),
  killSwitch: z.boolean(),
  security: z.enum(securityLevels),
  /** Who manages it, and has locked some of it. */
  managedBy: z.string().exactOptional(),
  /** It comes with the computer: it cannot be removed here. */
  isComputers: z.literal(true).exactOptional(),
});

export const profilesSlice = z.strictObject({
  entries: z.array(profileEntry),
  /** Files that are no valid profiles, and what is the matter with them. */
  broken: z.array(z.strictObject({ id: profileId, file: z.string(), failure: failureSchema })),
});

/** A profile from elsewhere that waits for the user's yes or no. `source`: the file's name, or that it was a link. */
export const importingSlice = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('nothing') }),
  z.strictObject({ at: z.literal('asking'), id: z.int().min(1), source: z.string(), plan: importPlan }),
  z.strictObject({ at: z.literal('failed'), source: z.string(), failure: failureSchema }),
]);

export type ProfileEntry = z.infer<typeof profileEntry>;
export type ProfilesSlice = z.infer<typeof profilesSlice>;
export type ImportingSlice = z.infer<typeof importingSlice>;
