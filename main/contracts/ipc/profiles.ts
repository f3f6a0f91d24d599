import { z } from 'zod';
import { secretNames, type SecretName } from '../profile-document.ts';
import { secretText } from '../prompt.ts';
import { profileId, storedProfile } from '../stored-profile.ts';
import { call, nothing } from './call.ts';
import { weighsAtMost } from './weight.ts';

const named = z.strictObject({ id: profileId });
const secretName = z.enum(secretNames as [SecretName, ...SecretName[]]);
const secretsGiven = z.strictObject(
  Object.fromEntries(secretNames.map((name) => [name, secretText.exactOptional()])) as Record<
    SecretName,
    z.ZodExactOptional<typeof secretText>
  >,
);

const longestProfile = 2 ** 20;
/** Judged by the profile's own contract where it is saved, so that what is wrong is said member by member. */
const unjudgedProfile = z
  .record(z.string(), z.unknown())
  .refine((members) => weighsAtMost(members, longestProfile), 'expected at most 1 MiB');

/** Where secrets go now, and why not into a keychain. */
const keeping = z.strictObject({
  place: z.enum(['keychain', 'sealed', 'locked', 'session']),
  why: z.string().exactOptional(),
});

/** Secrets go in and never out: the window sees where one is, and whether there is one. */
export const profileCalls = {
  'profiles.read': call(named, storedProfile),
  /** What is left out of `profile` has its default, of a new one also the name; `secrets` are kept, the others left as they are. */
  'profiles.save': call(
    z.strictObject({
      existing: z.strictObject({ id: profileId, revision: z.string().max(128) }).exactOptional(),
      profile: unjudgedProfile,
      secrets: secretsGiven,
    }),
    named,
  ),
  'profiles.duplicate': call(named, named),
  /** With its secrets. */
  'profiles.remove': call(named, nothing),
  'profiles.reorder': call(z.strictObject({ ids: z.array(profileId).max(1000) }), nothing),

  /** Without an ID: where those of a new profile would go. */
  'profiles.secrets': call(
    z.strictObject({ id: profileId.exactOptional() }),
    z.strictObject({ keeping, kept: z.partialRecord(secretName, z.enum(['keychain', 'sealed', 'session'])) }),
  ),
  'profiles.forgetSecret': call(z.strictObject({ id: profileId, name: secretName }), nothing),
  /** What a passphrase sealed is open until the app ends. */
  'profiles.unlock': call(z.strictObject({ passphrase: secretText }), nothing),
  'profiles.choosePassphrase': call(z.strictObject({ passphrase: secretText }), nothing),
  /** Gives up what is sealed: its passphrase is lost. */
  'profiles.discardSealed': call(nothing, nothing),
  'profiles.lookForKeychain': call(nothing, nothing),

  /** Asks for a place and writes the file; with a passphrase its secrets go along, sealed. False: the user chose no place. */
  'profiles.export': call(z.strictObject({ id: profileId, passphrase: secretText.exactOptional() }), z.boolean()),
  'profiles.link': call(named, z.string()),

  /** The text of a file, or a culvert:// link; `importing` says what comes of it. */
  'profiles.considerImport': call(
    z.strictObject({ text: z.string().max(2 ** 20 + 1), source: z.string().max(255) }),
    nothing,
  ),
  'profiles.takeImport': call(z.strictObject({ id: z.int(), passphrase: secretText.exactOptional() }), named),
  /** Of the question with this number; without one, of whatever is shown. */
  'profiles.dropImport': call(z.strictObject({ id: z.int().exactOptional() }), nothing),
} as const;
