import type { Failure, Result } from '../../contracts/failure.ts';
import type { SecretName } from '../../contracts/profile-document.ts';
import { fromMembers, membersOf, type ProfileInput, secretMembers } from '../../contracts/profile-members.ts';
import type { Profile } from '../../contracts/profile.ts';
import { Secret } from '../../contracts/secret.ts';
import type { ImportPlan, StoredProfile } from '../../contracts/stored-profile.ts';
import { unsealImported } from '../kept-secrets/passphrase.ts';
import { parseProfile } from '../load.ts';
import { fingerprintOf } from '../managed/signing.ts';
import type { ProfileStore } from '../store/store.ts';
import { effectsOf } from './effects.ts';
import { refuseWhatNamesFiles } from './foreign.ts';
import { type ForeignProfile, readDocument } from './read.ts';

export interface Imported {
  readonly stored: StoredProfile;
  readonly secrets: readonly { readonly name: SecretName; readonly secret: Secret<string> }[];
}

/** A profile that was looked at, and not yet taken. */
export interface PendingImport {
  readonly plan: ImportPlan;
  /**
   * Takes it, once the user has confirmed the plan. `passphrase` opens its sealed secrets; without one they are left out.
   * The secrets are the caller's to keep.
   */
  take(passphrase: Secret<string> | undefined): Promise<Result<Imported>>;
}

/** Reads and judges a profile from elsewhere; changes nothing. `file` is what it is called in a failure. */
export function considerImport(
  text: string,
  file: string,
  store: ProfileStore,
  nowMs: () => number,
): Result<PendingImport> {
  const document = readDocument(text, file);
  if (!document.ok) return document;
  return document.value.kind === 'signed'
    ? considerSigned(document.value, file, store, nowMs)
    : considerPlain(document.value, file, store);
}

function considerPlain(
  { profile, sealedSecrets }: Extract<ForeignProfile, { kind: 'plain' }>,
  file: string,
  store: ProfileStore,
): Result<PendingImport> {
  const foreign = refuseWhatNamesFiles(profile, file);
  if (foreign !== undefined) return { ok: false, failure: foreign };
  const { input, clear } = withoutSecrets(profile);
  const parsed = parseProfile(input, file);
  if (!parsed.ok) return parsed;
  const name = store.freeName(parsed.value.name);
  const sealedOrNot = sealedSecrets === undefined ? 'none' : 'sealed';
  return {
    ok: true,
    value: {
      plan: planOf(parsed.value, name, 'add', clear.length > 0 ? 'clear' : sealedOrNot),
      take: async (passphrase) => {
        const opened = await openSecrets(sealedSecrets, passphrase, file);
        if (!opened.ok) return opened;
        const stored = await store.create({ ...(input as ProfileInput), name: store.freeName(parsed.value.name) });
        return stored.ok ? { ok: true, value: { stored: stored.value, secrets: [...clear, ...opened.value] } } : stored;
      },
    },
  };
}

function considerSigned(
  { verified }: Extract<ForeignProfile, { kind: 'signed' }>,
  file: string,
  store: ProfileStore,
  nowMs: () => number,
): Result<PendingImport> {
  const considered = store.considerManaged(verified, nowMs());
  if (!considered.ok) return considered;
  const { payload, signed, members } = verified;
  const parsed = parseProfile(fromMembers(members), file);
  if (!parsed.ok) return parsed;
  const { replaces, isKeyKnown } = considered.value;
  const name = replaces?.profile.name ?? store.freeName(parsed.value.name);
  const { organisation, serial, notAfter, locked, secrets } = payload;
  const managed = {
    organisation,
    fingerprint: fingerprintOf(signed.key),
    isKeyKnown,
    serial,
    ...(notAfter !== undefined && { notAfter }),
    locked,
  };
  const action = replaces === undefined ? 'add' : 'replace';
  return {
    ok: true,
    value: {
      plan: { ...planOf(parsed.value, name, action, secrets === undefined ? 'none' : 'sealed'), managed },
      take: async (passphrase) => {
        const opened = await openSecrets(secrets, passphrase, file);
        if (!opened.ok) return opened;
        const stored = await store.addManaged(verified, nowMs());
        return stored.ok ? { ok: true, value: { stored: stored.value, secrets: opened.value } } : stored;
      },
    },
  };
}

function planOf(
  profile: Profile,
  name: string,
  action: ImportPlan['action'],
  secrets: ImportPlan['secrets'],
): ImportPlan {
  return { action, name, title: profile.title ?? name, effects: effectsOf(profile), secrets };
}

/** People write secrets into profiles: they go where secrets are kept, and not into the store. */
function withoutSecrets(profile: object): { readonly input: object; readonly clear: Imported['secrets'] } {
  const members = membersOf(profile);
  const clear = (Object.entries(secretMembers) as [keyof typeof secretMembers, string][]).flatMap(([name, path]) => {
    const value = members.get(path);
    members.delete(path);
    return typeof value === 'string' ? [{ name, secret: new Secret(value) }] : [];
  });
  return { input: fromMembers(members), clear };
}

async function openSecrets(
  sealed: Parameters<typeof unsealImported>[0] | undefined,
  passphrase: Secret<string> | undefined,
  file: string,
): Promise<Result<Imported['secrets']> | { readonly ok: false; readonly failure: Failure }> {
  if (sealed === undefined || passphrase === undefined) return { ok: true, value: [] };
  const opened = await unsealImported(sealed, passphrase, file);
  if (!opened.ok) return opened;
  const secrets = (Object.entries(opened.value) as [SecretName, string][]).map(([name, text]) => ({
    name,
    secret: new Secret(text),
  }));
  return { ok: true, value: secrets };
}
