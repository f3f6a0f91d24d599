import type { Result } from '../../contracts/failure.ts';
import { profileDocument, type ProfileDocument } from '../../contracts/profile-document.ts';
import type { Sealed } from '../../contracts/sealed.ts';
import { isDocument, newerThanKnown, parseAs, parseJson, parseProfile } from '../load.ts';
import { isSignedProfile, type VerifiedProfile, verifyManaged } from '../managed/managed-profile.ts';

/** A profile from a file, a link, or whatever else brings text: checked as far as it can be by itself. */
export type ForeignProfile =
  | {
      readonly kind: 'plain';
      /** Valid; as it is written, with whatever secrets and names of files it has. */
      readonly profile: Readonly<Record<string, unknown>>;
      readonly sealedSecrets?: Sealed;
    }
  | { readonly kind: 'signed'; readonly verified: VerifiedProfile };

/** `file` is what it is called in a failure. */
export function readDocument(text: string, file: string): Result<ForeignProfile> {
  const json = parseJson(text, file);
  if (!json.ok) return json;
  if (!isDocument(json.value)) return plain(json.value, file, undefined);
  const document = parseDocument(json.value, file);
  if (!document.ok) return document;
  if (!isSignedProfile(document.value)) return plain(document.value.profile, file, document.value.secrets);
  const verified = verifyManaged(document.value, file);
  return verified.ok ? { ok: true, value: { kind: 'signed', verified: verified.value } } : verified;
}

function parseDocument(json: { readonly culvertProfile: unknown }, file: string): Result<ProfileDocument> {
  const newer = newerThanKnown(json.culvertProfile, file);
  if (newer !== undefined) return { ok: false, failure: newer };
  const [exported, signed] = profileDocument.options;
  return parseAs<ProfileDocument>('signed' in json ? signed : exported, json, file);
}

function plain(json: unknown, file: string, sealedSecrets: Sealed | undefined): Result<ForeignProfile> {
  const parsed = parseProfile(json, file);
  if (!parsed.ok) return parsed;
  const profile = json as Record<string, unknown>;
  return { ok: true, value: { kind: 'plain', profile, ...(sealedSecrets !== undefined && { sealedSecrets }) } };
}
