import { z } from 'zod';
import { failureSchema } from './events.ts';
import { managedPayload } from './profile-document.ts';
import { lockablePaths, memberPaths } from './profile-members.ts';
import { profile, shownText } from './profile.ts';

/** The profiles that this user has, as the store shows them: never with a secret. */

export const profileId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/);

/** Who manages a profile, and which members that locks. */
const management = z.strictObject({
  organisation: shownText(80),
  /** `signed`: imported by the user, who confirmed the key. `computer`: given by whoever administers this computer. */
  source: z.enum(['signed', 'computer']),
  /** Of the key that signed it. */
  fingerprint: z.string().exactOptional(),
  serial: z.int().exactOptional(),
  notAfter: z.string().exactOptional(),
  locked: z.array(z.enum(memberPaths as [string, ...string[]])),
});
export type Management = z.infer<typeof management>;

export const storedProfile = z.strictObject({
  id: profileId,
  /** Changes with every change: whoever edits says which one they looked at. */
  revision: z.string(),
  profile,
  management: management.exactOptional(),
});
export type StoredProfile = z.infer<typeof storedProfile>;

/** A file of the store that cannot be used; it is left as it is. */
export const brokenProfile = z.strictObject({ id: profileId, file: z.string(), failure: failureSchema });
export type BrokenProfile = z.infer<typeof brokenProfile>;

export const profileList = z.strictObject({ profiles: z.array(storedProfile), broken: z.array(brokenProfile) });
export type ProfileList = z.infer<typeof profileList>;

/** What a profile will do to this computer, a line each. `notable`: worth a second look. */
const effect = z.strictObject({ text: z.string(), isNotable: z.boolean() });
export type ProfileEffect = z.infer<typeof effect>;

/** What an import would do: shown before it is done. */
export const importPlan = z.strictObject({
  /** `replace`: a later version of a managed profile that is here. */
  action: z.enum(['add', 'replace']),
  /** What it will be called: its own name may be taken. */
  name: z.string(),
  title: z.string(),
  effects: z.array(effect),
  /** `clear`: whoever had the file could read them. */
  secrets: z.enum(['none', 'sealed', 'clear']),
  managed: z
    .strictObject({
      organisation: managedPayload.shape.organisation,
      fingerprint: z.string(),
      /** Not a first: profiles signed by this key, or by one that endorsed it, are here. */
      isKeyKnown: z.boolean(),
      serial: z.int(),
      notAfter: z.string().exactOptional(),
      locked: z.union([z.literal('all'), z.array(z.enum(lockablePaths as [string, ...string[]]))]),
    })
    .exactOptional(),
});
export type ImportPlan = z.infer<typeof importPlan>;
