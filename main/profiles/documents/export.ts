import { fromMembers, membersOf, withoutDefaults } from '../../contracts/profile-members.ts';
import type { Profile } from '../../contracts/profile.ts';
import type { Secret } from '../../contracts/secret.ts';
import { type ProfileSecretTexts, sealForExport } from '../kept-secrets/passphrase.ts';

/**
 * A profile as a file for somebody else: what differs from the defaults, and no secret unless some are given with a passphrase
 * that seals them.
 */
export async function exportProfile(
  profile: Profile,
  sealing?: { readonly secrets: ProfileSecretTexts; readonly passphrase: Secret<string> },
): Promise<string> {
  const written = fromMembers(withoutDefaults(membersOf(profile)));
  const secrets = sealing && (await sealForExport(sealing.secrets, sealing.passphrase));
  const document = secrets === undefined ? written : { culvertProfile: 1, profile: written, secrets };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
