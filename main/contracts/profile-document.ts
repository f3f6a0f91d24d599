import { z } from 'zod';
import { lockablePaths } from './profile-members.ts';
import { shownText } from './profile.ts';
import { sealed } from './sealed.ts';

/**
 * What travels between people and machines: a profile as it is written by hand, one that Culvert exported (with its secrets, sealed,
 * where they were asked for), or one that an organisation signed. Members named `profile` are judged by `contracts/profile.ts` apart,
 * so that what is wrong in them is said member by member.
 */

const ed25519Key = z.base64().length(44);
const ed25519Signature = z.base64().length(88);

/** The holder of the former key says that the next one speaks for the organisation too. */
const endorsement = z.strictObject({ key: ed25519Key, signature: ed25519Signature });
export type Endorsement = z.infer<typeof endorsement>;

const exportedProfile = z.strictObject({
  culvertProfile: z.literal(1),
  profile: z.record(z.string(), z.unknown()),
  secrets: sealed.optional(),
});

export const signedProfile = z.strictObject({
  culvertProfile: z.literal(1),
  /** The very bytes that are signed: base64 of the JSON of a `managedPayload`. */
  signed: z.base64().max(1_400_000),
  signature: ed25519Signature,
  key: ed25519Key,
  /** From an earlier key to `key`, oldest first: each endorses the next. The first is signed by the earlier key. */
  endorsements: z.array(endorsement).max(8).optional(),
});
export type SignedProfile = z.infer<typeof signedProfile>;

export const managedPayload = z.strictObject({
  managedProfile: z.literal(1),
  organisation: shownText(80),
  /** Which profile of the organisation's: a later one of the same name replaces it. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and dashes, at most 63'),
  /** A lower one never replaces a higher one. */
  serial: z.int().min(1),
  notAfter: z.iso.datetime().optional(),
  locked: z.union([
    z.literal('all'),
    z.array(z.enum(lockablePaths as [string, ...string[]])).max(lockablePaths.length),
  ]),
  profile: z.record(z.string(), z.unknown()),
  secrets: sealed.optional(),
});
export type ManagedPayload = z.infer<typeof managedPayload>;

export const profileDocument = z.union([exportedProfile, signedProfile]);
export type ProfileDocument = z.infer<typeof profileDocument>;

/** What is sealed in `secrets`. */
export const profileSecrets = z.strictObject({
  password: z.string().min(1).max(1024).exactOptional(),
  preSharedKey: z.string().min(1).max(1024).exactOptional(),
  tunnelSecret: z.string().min(1).max(1024).exactOptional(),
});
export type SecretName = keyof z.infer<typeof profileSecrets>;
export const secretNames = Object.keys(profileSecrets.shape) as SecretName[];
