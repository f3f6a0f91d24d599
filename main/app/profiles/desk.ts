import type { ProfileEntry, ProfilesSlice } from '../../contracts/app-state/profiles.ts';
import { failure, type Result } from '../../contracts/failure.ts';
import { type SecretName, secretNames } from '../../contracts/profile-document.ts';
import type { ProfileInput } from '../../contracts/profile-members.ts';
import type { Profile } from '../../contracts/profile.ts';
import type { Secret } from '../../contracts/secret.ts';
import type { StoredProfile } from '../../contracts/stored-profile.ts';
import type { CertificateStore } from '../../certificates/index.ts';
import { type AskPassphrase, type OpenedCertificates, openCertificates } from '../../dialling/client-certificates.ts';
import { storedSource } from '../../dialling/profile-source.ts';
import type { Learned } from '../../engine/credentials.ts';
import type { Helper } from '../../helper/index.ts';
import { exportProfile } from '../../profiles/documents/export.ts';
import { refuseOtherFiles } from '../../profiles/documents/foreign.ts';
import { linkOf } from '../../profiles/documents/link.ts';
import type { SecretKeeper } from '../../profiles/kept-secrets/keeper.ts';
import type { ProfileSecretTexts } from '../../profiles/kept-secrets/passphrase.ts';
import type { ProfileStore } from '../../profiles/store/store.ts';

/** A profile with what is known of its secrets; the rest is asked for. */
export interface Dialable {
  readonly profile: Profile;
  readonly preSharedKey?: Secret;
  readonly tunnelSecret?: Secret;
  readonly password?: string;
  /** What the profile names; `ask` is for the passphrase of a file. */
  readonly certificates: (ask: AskPassphrase) => Promise<Result<OpenedCertificates>>;
  /** Keeps what the gateway took; resolves with what the user has to know of it. */
  readonly learned: (learned: Learned) => Promise<string | undefined>;
  /** It does not concern this computer's network. `over`: the connection that it was found for is. */
  readonly trial?: {
    readonly openHelper: () => Promise<Result<Helper>>;
    readonly carrySomething: () => void;
    readonly over: () => Promise<void>;
  };
}

export type Secrets = Partial<Readonly<Record<SecretName, Secret<string>>>>;

/** The user's profiles and their secrets, as the window and the connections use them. */
export class ProfileDesk {
  readonly #store: ProfileStore;
  readonly #keeper: SecretKeeper;
  readonly #certificates: CertificateStore;
  readonly #onChange: (slice: ProfilesSlice) => void;

  constructor(
    store: ProfileStore,
    keeper: SecretKeeper,
    certificates: CertificateStore,
    onChange: (slice: ProfilesSlice) => void,
  ) {
    this.#store = store;
    this.#keeper = keeper;
    this.#certificates = certificates;
    this.#onChange = onChange;
  }

  /** From now on every change is told, whoever makes it. */
  begin(): void {
    const tell = (): void => {
      const { profiles, broken } = this.#store.list();
      this.#onChange({ entries: profiles.map(entryOf), broken: [...broken] });
    };
    this.#store.onChange(tell);
    tell();
  }

  get keeper(): SecretKeeper {
    return this.#keeper;
  }

  get store(): ProfileStore {
    return this.#store;
  }

  async find(id: string): Promise<Result<Dialable>> {
    const used = this.#store.use(id, Date.now());
    if (!used.ok) return used;
    const source = storedSource(used.value, this.#store, this.#keeper);
    const preSharedKey = await source.preSharedKey();
    if (preSharedKey?.ok === false) return preSharedKey;
    const tunnelSecret = await source.tunnelSecret();
    if (tunnelSecret?.ok === false) return tunnelSecret;
    const password = await source.password();
    return {
      ok: true,
      value: {
        profile: source.profile,
        ...(preSharedKey !== undefined && { preSharedKey: preSharedKey.value }),
        ...(tunnelSecret !== undefined && { tunnelSecret: tunnelSecret.value }),
        ...(password !== undefined && { password }),
        certificates: (ask) => openCertificates(source, this.#certificates, ask),
        learned: (learned) => source.learned(learned),
      },
    };
  }

  read(id: string): Result<StoredProfile> {
    const stored = this.#store.find(id);
    return stored === undefined ? notFound(id) : { ok: true, value: stored };
  }

  async save(
    existing: { readonly id: string; readonly revision: string } | undefined,
    profile: object,
    secrets: Secrets,
  ): Promise<Result<{ id: string }>> {
    const input = profile as ProfileInput;
    // The window lets nobody name a file; what is there already may stay, and be in a duplicate.
    const known = this.#store.list().profiles.map((stored) => stored.profile);
    const named = refuseOtherFiles(profile, known, nameOf(profile));
    if (named !== undefined) return { ok: false, failure: named };
    const saved = await (existing === undefined
      ? this.#store.create({ ...input, name: this.#store.freeName(nameOf(profile)) })
      : this.#store.edit(existing.id, existing.revision, input));
    if (!saved.ok) return saved;
    const { id } = saved.value;
    for (const name of secretNames) {
      const secret = secrets[name];
      if (secret !== undefined) await this.#keeper.set(id, name, secret);
    }
    return { ok: true, value: { id } };
  }

  async remove(id: string): Promise<Result<undefined>> {
    const removed = await this.#store.remove(id);
    return removed.ok ? this.#keeper.forget(id) : removed;
  }

  /** The text of a file for another computer. */
  async document(id: string, passphrase: Secret<string> | undefined): Promise<Result<string>> {
    const stored = this.#store.find(id);
    if (stored === undefined) return notFound(id);
    const signed = this.#store.signedDocument(id);
    if (signed !== undefined) return signed;
    if (passphrase === undefined) return { ok: true, value: await exportProfile(stored.profile) };
    const secrets: ProfileSecretTexts = {};
    let unknown: Result<never> | undefined;
    for (const name of secretNames) {
      const kept = await this.#keeper.get(id, name);
      if (!kept.ok) unknown = kept;
      else if (kept.value !== undefined) secrets[name] = kept.value.expose();
    }
    // Without a keychain, those that were typed in this run are all there are.
    if (unknown !== undefined && Object.keys(secrets).length === 0) return unknown;
    return { ok: true, value: await exportProfile(stored.profile, { secrets, passphrase }) };
  }

  async link(id: string): Promise<Result<string>> {
    const document = await this.document(id, undefined);
    return document.ok ? linkOf(document.value) : document;
  }
}

/** What a new profile is called by commands: as people call it, or else its gateway. */
function nameOf(profile: object): string {
  const { name, title, gateway } = profile as Partial<Record<'name' | 'title' | 'gateway', unknown>>;
  return (
    ([name, title, gateway].find((each) => typeof each === 'string' && each !== '') as string | undefined) ?? 'profile'
  );
}

function entryOf({ id, profile, management }: StoredProfile): ProfileEntry {
  const { name, title, gateway, user, network, ipsec } = profile;
  return {
    ...{ id, name: title ?? name, gateway },
    ...{ mode: network.mode, killSwitch: network.killSwitch, security: ipsec.security },
    ...(management?.source === 'computer' && { isComputers: true as const }),
    ...(user !== undefined && { user }),
    ...(management !== undefined && { managedBy: management.organisation }),
  };
}

function notFound(name: string): Result<never> {
  return { ok: false, failure: failure('profile.notFound', { name }) };
}
