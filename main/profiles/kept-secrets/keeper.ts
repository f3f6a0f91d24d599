import { failure, type Failure, type Result } from '../../contracts/failure.ts';
import { type SecretName, secretNames } from '../../contracts/profile-document.ts';
import { Secret } from '../../contracts/secret.ts';
import { KeychainFailure, type KeychainState, openKeychain } from './keychain.ts';
import { SealedFile } from './sealed-file.ts';

/** Where new secrets go. `session`: they are forgotten when Culvert ends. `locked`: sealed, and the passphrase has not been typed. */
export type Keeping =
  { readonly place: 'keychain' | 'sealed' | 'locked' } | { readonly place: 'session'; readonly why: Failure };

/**
 * Keeps the secrets of profiles: in the system's keychain; sealed with a passphrase where the user chose one; otherwise until Culvert
 * ends. Never in a file in the clear. Nothing here prints, and a keychain that fails or hangs costs its time-out once.
 */
export class SecretKeeper {
  readonly #sealed: SealedFile;
  readonly #open: () => Promise<KeychainState>;
  readonly #session = new Map<string, Secret<string>>();
  #keychain: Promise<KeychainState> | undefined;

  constructor(sealedFile: string, open: () => Promise<KeychainState> = openKeychain) {
    this.#sealed = new SealedFile(sealedFile);
    this.#open = open;
  }

  async keeping(): Promise<Keeping> {
    switch (this.#sealed.state) {
      case 'open':
        return { place: 'sealed' };
      case 'locked':
        return { place: 'locked' };
      case 'absent': {
        const state = await this.#keychainState();
        return state.works ? { place: 'keychain' } : { place: 'session', why: noKeychain(state.reason) };
      }
    }
  }

  /** Looks again: the user may have unlocked or installed one. */
  async lookAgain(): Promise<Keeping> {
    this.#keychain = undefined;
    return this.keeping();
  }

  /** `undefined` where none is kept. A failure where it cannot be looked at now: ask the user for the secret then. */
  async get(id: string, name: SecretName): Promise<Result<Secret<string> | undefined>> {
    const now = this.#session.get(account(id, name));
    if (now !== undefined) return { ok: true, value: now };
    if (this.#sealed.state !== 'absent') {
      const kept = this.#sealed.of(id);
      if (!kept.ok) return kept;
      const text = kept.value[name];
      return { ok: true, value: text === undefined ? undefined : new Secret(text) };
    }
    const text = await this.#ask((keychain) => keychain.get(account(id, name)));
    if (!text.ok) return text;
    return { ok: true, value: text.value === undefined ? undefined : new Secret(text.value) };
  }

  /** Keeps it as well as it can, and says where it is now. */
  async set(id: string, name: SecretName, secret: Secret<string>): Promise<Keeping> {
    const keeping = await this.keeping();
    const isKept =
      keeping.place === 'keychain'
        ? (await this.#ask((keychain) => keychain.set(account(id, name), secret.expose()))).ok
        : keeping.place === 'sealed' && this.#seal(id, name, secret).ok;
    if (isKept) {
      this.#session.delete(account(id, name));
      return keeping;
    }
    this.#session.set(account(id, name), secret);
    return keeping.place === 'keychain' || keeping.place === 'sealed' ? this.keeping() : keeping;
  }

  /** For this run alone. */
  setForSession(id: string, name: SecretName, secret: Secret<string>): void {
    this.#session.set(account(id, name), secret);
  }

  /** Where each secret of the profile is; those that are nowhere are left out. */
  async whereabouts(id: string): Promise<Partial<Record<SecretName, 'keychain' | 'sealed' | 'session'>>> {
    const keeping = await this.keeping();
    const found: Partial<Record<SecretName, 'keychain' | 'sealed' | 'session'>> = {};
    for (const name of secretNames) {
      if (this.#session.has(account(id, name))) found[name] = 'session';
      else if (keeping.place === 'keychain' || keeping.place === 'sealed') {
        const secret = await this.get(id, name);
        if (secret.ok && secret.value !== undefined) found[name] = keeping.place;
      }
    }
    return found;
  }

  /** Wherever it is. */
  async forget(id: string, names: readonly SecretName[] = secretNames): Promise<Result<undefined>> {
    for (const name of names) this.#session.delete(account(id, name));
    if (this.#sealed.state !== 'absent') {
      const kept = this.#sealed.of(id);
      if (!kept.ok) return kept;
      return this.#sealed.put(
        id,
        Object.fromEntries(Object.entries(kept.value).filter(([name]) => !names.includes(name as SecretName))),
      );
    }
    // Where no keychain works, none of ours was reached in this run.
    if (!(await this.#keychainState()).works) return { ok: true, value: undefined };
    for (const name of names) {
      const deleted = await this.#ask((keychain) => keychain.delete(account(id, name)));
      if (!deleted.ok) return deleted;
    }
    return { ok: true, value: undefined };
  }

  /** From now on, and what this run holds: sealed with a passphrase. What is in the keychain stays there. */
  async choosePassphrase(passphrase: Secret<string>): Promise<Result<undefined>> {
    const chosen = await this.#sealed.choose(passphrase);
    return chosen.ok ? this.#sealSession() : chosen;
  }

  async unlock(passphrase: Secret<string>): Promise<Result<undefined>> {
    const opened = await this.#sealed.open(passphrase);
    return opened.ok ? this.#sealSession() : opened;
  }

  lock(): void {
    this.#sealed.lock();
  }

  /** The passphrase is lost, or no longer wanted: what it sealed is gone. */
  discardSealed(): void {
    this.#sealed.discard();
  }

  #sealSession(): Result<undefined> {
    for (const [key, secret] of this.#session) {
      const [id = '', name] = key.split('/');
      const sealed = this.#seal(id, name as SecretName, secret);
      if (!sealed.ok) return sealed;
      this.#session.delete(key);
    }
    return { ok: true, value: undefined };
  }

  #seal(id: string, name: SecretName, secret: Secret<string>): Result<undefined> {
    const kept = this.#sealed.of(id);
    return kept.ok ? this.#sealed.put(id, { ...kept.value, [name]: secret.expose() }) : kept;
  }

  #keychainState(): Promise<KeychainState> {
    this.#keychain ??= this.#open();
    return this.#keychain;
  }

  /** A keychain that stops working is not asked again before somebody wants that. */
  async #ask<Value>(
    question: (keychain: Extract<KeychainState, { works: true }>['keychain']) => Promise<Value>,
  ): Promise<Result<Value>> {
    const state = await this.#keychainState();
    if (!state.works) return { ok: false, failure: noKeychain(state.reason) };
    try {
      return { ok: true, value: await question(state.keychain) };
    } catch (error) {
      const reason = error instanceof KeychainFailure ? error.message : String(error);
      this.#keychain = Promise.resolve({ works: false, reason });
      return { ok: false, failure: noKeychain(reason) };
    }
  }
}

function account(id: string, name: SecretName): string {
  return `${id}/${name}`;
}

function noKeychain(reason: string): Failure {
  return failure('secrets.noKeychain', { reason });
}
