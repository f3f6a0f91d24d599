import { createHash } from 'node:crypto';
import { failure, type Result } from '../../contracts/failure.ts';
import type { ManagedPayload } from '../../contracts/profile-document.ts';
import {
  fromMembers,
  isLocked,
  memberPaths,
  type Members,
  membersOf,
  secretMembers,
} from '../../contracts/profile-members.ts';
import type { Profile, SecretSource } from '../../contracts/profile.ts';
import type { Management, StoredProfile } from '../../contracts/stored-profile.ts';
import { refuseSecrets } from '../documents/foreign.ts';
import { readDocument } from '../documents/read.ts';
import { parseProfile } from '../load.ts';
import { effectiveProfile, type Overlay, type VerifiedProfile, verifyManaged } from '../managed/managed-profile.ts';
import { fingerprintOf } from '../managed/signing.ts';
import type { ComputerFile } from './computer.ts';
import { readRecord } from './record.ts';

/** One profile of the store, as far as it can be used. */
export interface Entry {
  readonly id: string;
  readonly file: string;
  readonly revision: string;
  readonly profile: Profile;
  readonly footing: Footing;
}

export type Footing =
  | { readonly kind: 'own' }
  | {
      readonly kind: 'managed';
      /** As the organisation wrote it. */
      readonly members: Members;
      readonly own: Overlay;
      readonly locked: ManagedPayload['locked'];
      readonly organisation: string;
      readonly source: Management['source'];
      /** Where it is signed. */
      readonly verified?: VerifiedProfile;
      /** With what the computer gives: where its secrets are. */
      readonly secrets?: GivenSecrets;
    };

export type GivenSecrets = Partial<Readonly<Record<keyof typeof secretMembers, SecretSource>>>;

const computersOwner = 'The administrator of this computer';

export function entryFromFile(id: string, file: string, text: string): Result<Entry> {
  const record = readRecord(text, file);
  if (!record.ok) return record;
  const revision = revisionOf(text);
  switch (record.value.kind) {
    case 'own': {
      const held = refuseSecrets(record.value.profile, file);
      if (held !== undefined) return { ok: false, failure: held };
      const profile = parseProfile(record.value.profile, file);
      return profile.ok
        ? { ok: true, value: { id, file, revision, profile: profile.value, footing: { kind: 'own' } } }
        : profile;
    }
    case 'managed': {
      const verified = verifyManaged(record.value.managed, file);
      if (!verified.ok) return verified;
      const { own } = record.value;
      return managedEntry({ id, file, revision }, { ...footingOf(verified.value, 'signed'), own });
    }
    case 'computer':
      return { ok: false, failure: failure('profile.notFound', { name: id }) };
  }
}

/** `changes` is the text of the file with what the user changed in it. */
export function entryFromComputer(id: string, given: ComputerFile, changes: string | undefined): Result<Entry> {
  if (!given.text.ok) return given.text;
  const { file } = given;
  const record = changes === undefined ? undefined : readRecord(changes, file);
  const own = record?.ok === true && record.value.kind === 'computer' ? record.value.own : {};
  const document = readDocument(given.text.value, file);
  if (!document.ok) return document;
  const revision = revisionOf(given.text.value + (changes ?? ''));
  if (document.value.kind === 'signed') {
    return managedEntry({ id, file, revision }, { ...footingOf(document.value.verified, 'computer'), own });
  }
  const { members, secrets } = apart(document.value.profile);
  const footing = {
    kind: 'managed',
    members,
    secrets,
    own,
    locked: 'all',
    organisation: computersOwner,
    source: 'computer',
  } as const;
  return managedEntry({ id, file, revision }, footing);
}

function footingOf(
  verified: VerifiedProfile,
  source: Management['source'],
): Omit<Extract<Footing, { kind: 'managed' }>, 'own'> {
  const { locked, organisation } = verified.payload;
  return { kind: 'managed', members: verified.members, locked, organisation, source, verified };
}

function managedEntry(
  where: Pick<Entry, 'id' | 'file' | 'revision'>,
  footing: Extract<Footing, { kind: 'managed' }>,
): Result<Entry> {
  const profile = effectiveProfile(footing.members, footing.own, footing.locked, where.file);
  return profile.ok ? { ok: true, value: { ...where, profile: profile.value, footing } } : profile;
}

/** Whoever administers the computer may give secrets in the file, or name the files they are in. */
function apart(written: object): { readonly members: Members; readonly secrets: GivenSecrets } {
  const members = membersOf(written);
  const profile = parseProfile(fromMembers(members), '');
  for (const path of Object.values(secretMembers)) members.delete(path);
  if (!profile.ok) return { members, secrets: {} };
  const { ipsec, l2tp } = profile.value;
  return {
    members,
    secrets: {
      ...(ipsec.preSharedKey !== undefined && { preSharedKey: ipsec.preSharedKey }),
      ...(l2tp.tunnelSecret !== undefined && { tunnelSecret: l2tp.tunnelSecret }),
    },
  };
}

/** As the store shows it. */
export function shown({ id, revision, profile, footing }: Entry): StoredProfile {
  return { id, revision, profile, ...(footing.kind === 'managed' && { management: managementOf(footing) }) };
}

function managementOf({ organisation, source, locked, verified }: Extract<Footing, { kind: 'managed' }>): Management {
  const { serial, notAfter } = verified?.payload ?? {};
  return {
    organisation,
    source,
    ...(verified !== undefined && { fingerprint: fingerprintOf(verified.signed.key) }),
    ...(serial !== undefined && { serial }),
    ...(notAfter !== undefined && { notAfter }),
    locked: memberPaths.filter((path) => isLocked(path, locked)),
  };
}

function revisionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
