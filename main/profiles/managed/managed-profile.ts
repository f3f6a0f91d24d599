import { failure, type Result } from '../../contracts/failure.ts';
import {
  managedPayload,
  type ManagedPayload,
  type ProfileDocument,
  type SignedProfile,
} from '../../contracts/profile-document.ts';
import { fromMembers, isLocked, type Members, membersOf } from '../../contracts/profile-members.ts';
import type { Profile } from '../../contracts/profile.ts';
import { parseAs, parseJson, parseProfile } from '../load.ts';
import { refuseWhatNamesFiles, refuseSecrets } from '../documents/foreign.ts';
import { verifiedPayload } from './signing.ts';

/** A signed profile whose signature and content were checked. */
export interface VerifiedProfile {
  readonly signed: SignedProfile;
  readonly payload: ManagedPayload;
  /** As the organisation wrote it. */
  readonly members: Members;
}

/** Checks signature first, then content: what was not signed is not even parsed. `file` is what it is called in a failure. */
export function verifyManaged(signed: SignedProfile, file: string): Result<VerifiedProfile> {
  const bytes = verifiedPayload(signed);
  if (bytes === undefined) return { ok: false, failure: failure('managed.signature', { file }) };
  const json = parseJson(bytes.toString('utf8'), file);
  if (!json.ok) return json;
  const payload = parseAs(managedPayload, json.value, file);
  if (!payload.ok) return payload;
  const written = payload.value.profile;
  const foreign = refuseWhatNamesFiles(written, file) ?? refuseSecrets(written, file);
  if (foreign !== undefined) return { ok: false, failure: foreign };
  const profile = parseProfile(written, file);
  if (!profile.ok) return profile;
  return { ok: true, value: { signed, payload: payload.value, members: membersOf(written) } };
}

/** @returns `undefined` while it may be used. */
export function expiryOf({ payload }: VerifiedProfile, nowMs: number): Result<never> | undefined {
  const { notAfter, id, organisation } = payload;
  if (notAfter === undefined || nowMs <= Date.parse(notAfter)) return undefined;
  return { ok: false, failure: failure('managed.expired', { id, notAfter, organisation }) };
}

/**
 * What the user changed, by path; null takes a member away. Only members that are not locked count: a lock that a later version
 * brings holds against what was changed before it.
 */
export type Overlay = Readonly<Record<string, unknown>>;

export function withOverlay(members: Members, own: Overlay, locked: ManagedPayload['locked']): Members {
  const whole = new Map(members);
  for (const [path, value] of Object.entries(own)) {
    if (isLocked(path, locked)) continue;
    if (value === null) whole.delete(path);
    else whole.set(path, value);
  }
  return whole;
}

/**
 * The profile in force. What the user changed may not go with what the organisation changed later; then the organisation's holds,
 * with the user's name for it.
 */
export function effectiveProfile(
  members: Members,
  own: Overlay,
  locked: ManagedPayload['locked'],
  file: string,
): Result<Profile> {
  const whole = parseProfile(fromMembers(withOverlay(members, own, locked)), file);
  if (whole.ok) return whole;
  const labels = Object.fromEntries(Object.entries(own).filter(([path]) => isLabel(path)));
  return parseProfile(fromMembers(withOverlay(members, labels, locked)), file);
}

function isLabel(path: string): boolean {
  return path === 'name' || path === 'title' || path === 'user';
}

export function isSignedProfile(document: ProfileDocument): document is SignedProfile {
  return 'signed' in document;
}
