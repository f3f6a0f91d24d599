import { dirname, resolve } from 'node:path';
import type { Result } from '../contracts/failure.ts';
import type { SecretName } from '../contracts/profile-document.ts';
import type { OwnCertificateForm, Profile, SecretSource } from '../contracts/profile.ts';
import type { Secret } from '../contracts/secret.ts';
import type { Learned } from '../engine/credentials.ts';
import type { SecretKeeper } from '../profiles/kept-secrets/keeper.ts';
import { loadProfile } from '../profiles/load.ts';
import { resolveSecret, secretFromText } from '../profiles/secrets.ts';
import type { ProfileStore, UsableProfile } from '../profiles/store/store.ts';

/** Where `culvert connect` has its profile and secrets from: a file, or the user's profiles. */
export interface ProfileSource {
  readonly profile: Profile;
  /** Absent: it has none; a failure: it has one that cannot be had. */
  preSharedKey(): Promise<Result<Secret> | undefined>;
  tunnelSecret(): Promise<Result<Secret> | undefined>;
  /** Of the certificate's private key. */
  passphrase(certificate: OwnCertificateForm | undefined): Promise<Result<Secret> | undefined>;
  /** What the files that the profile names are relative to. */
  readonly folder: string;
  password(): Promise<string | undefined>;
  /** Keeps what the gateway took; returns what the user has to know or do. */
  learned(learned: Learned): Promise<string | undefined>;
  /** Whether secrets can be kept. */
  readonly keeps: boolean;
}

const passphraseWords = 'passphrase of the certificate';

/** A path, and not a profile's name: it has a folder or an ending. */
export function isFile(argument: string): boolean {
  return argument.includes('/') || /\.(json|culvert)$/.test(argument);
}

export function fileSource(file: string): Result<ProfileSource> {
  const loaded = loadProfile(file);
  if (!loaded.ok) return loaded;
  const { ipsec, l2tp } = loaded.value;
  return {
    ok: true,
    value: {
      profile: loaded.value,
      preSharedKey: () => following(ipsec.preSharedKey, file, 'pre-shared key'),
      tunnelSecret: () => following(l2tp.tunnelSecret, file, 'L2TP tunnel secret'),
      passphrase: (certificate) => following(passphraseIn(certificate), file, passphraseWords),
      folder: dirname(resolve(file)),
      password: () => Promise.resolve(undefined),
      learned: (learned) => Promise.resolve(learned.what === 'remoteId' ? howToPin(learned) : undefined),
      keeps: false,
    },
  };
}

/** The profile is the user's file: they change it. */
function howToPin({ remoteId }: Extract<Learned, { what: 'remoteId' }>): string {
  return `Accepted this time. To be asked no more, put under "ipsec" in the profile: "remoteId": ${JSON.stringify(remoteId)}`;
}

export function storedSource(
  { stored, given }: UsableProfile,
  store: ProfileStore,
  keeper: SecretKeeper,
): ProfileSource {
  const { id, profile } = stored;
  const kept = async (name: SecretName): Promise<Secret<string> | undefined> => {
    const secret = await keeper.get(id, name);
    return secret.ok ? secret.value : undefined;
  };
  const givenOrKept = async (
    name: 'preSharedKey' | 'tunnelSecret',
    what: string,
  ): Promise<Result<Secret> | undefined> => {
    const fromComputer = await following(given.secrets[name], given.file, what);
    if (fromComputer !== undefined) return fromComputer;
    const secret = await kept(name);
    return secret && { ok: true, value: secretFromText(secret.expose()) };
  };
  return {
    profile,
    preSharedKey: () => givenOrKept('preSharedKey', 'pre-shared key'),
    tunnelSecret: () => givenOrKept('tunnelSecret', 'L2TP tunnel secret'),
    passphrase: (certificate) => following(passphraseIn(certificate), given.file, passphraseWords),
    folder: dirname(resolve(given.file)),
    password: async () => (await kept('password'))?.expose(),
    learned: (learned) => keepLearned(learned, id, store, keeper),
    keeps: true,
  };
}

function passphraseIn(certificate: OwnCertificateForm | undefined): SecretSource | undefined {
  return certificate !== undefined && 'passphrase' in certificate ? certificate.passphrase : undefined;
}

async function following(
  source: SecretSource | undefined,
  file: string,
  what: string,
): Promise<Result<Secret> | undefined> {
  return source === undefined ? undefined : resolveSecret(source, file, what);
}

/** What was typed replaces what is kept; what the user does not want kept takes with it what is kept, which was wrong. */
async function keepLearned(
  learned: Learned,
  id: string,
  store: ProfileStore,
  keeper: SecretKeeper,
): Promise<string | undefined> {
  if (learned.what === 'remoteId') return pin(learned, id, store);
  const secret = learned.what === 'password' ? learned.password : learned.preSharedKey;
  if (learned.what === 'password') await rename(learned.userName, id, store);
  if (!learned.remember) {
    await keeper.forget(id, [learned.what]);
    return undefined;
  }
  const { place } = await keeper.set(id, learned.what, secret);
  if (place !== 'session' && place !== 'locked') return undefined;
  const keeping = await keeper.keeping();
  return keeping.place === 'session' ? `Not kept: ${keeping.why.cause}` : 'Not kept: the secrets are locked.';
}

async function pin(
  { remoteId }: Extract<Learned, { what: 'remoteId' }>,
  id: string,
  store: ProfileStore,
): Promise<string | undefined> {
  const stored = store.find(id);
  if (stored === undefined) return undefined;
  const { profile, revision } = stored;
  const pinned = await store.edit(id, revision, { ...profile, ipsec: { ...profile.ipsec, remoteId } });
  return pinned.ok ? 'The profile expects this identity from now on.' : `Accepted this time. ${pinned.failure.cause}`;
}

async function rename(user: string, id: string, store: ProfileStore): Promise<void> {
  const stored = store.find(id);
  if (stored !== undefined && stored.profile.user !== user) {
    await store.edit(id, stored.revision, { ...stored.profile, user });
  }
}
