import { type CertificateStore, storeFailure, type StoreResult } from '../../certificates/index.ts';
import type { CertificatesSlice } from '../../contracts/app-state/certificates.ts';
import type { StoredCertificate } from '../../contracts/certificates.ts';
import { failure, type Result } from '../../contracts/failure.ts';
import type { ArgumentTaken, ValueGiven } from '../../contracts/ipc/index.ts';
import type { Profile } from '../../contracts/profile.ts';
import type { Secret } from '../../contracts/secret.ts';
import { fileNameOf } from '../../files/file-name.ts';
import { describeWriteError } from '../../files/system-error.ts';
import { KeychainFailure } from '../../profiles/kept-secrets/keychain.ts';
import type { ProfileStore } from '../../profiles/store/store.ts';
import { watchFolders } from '../../profiles/store/watch.ts';
import { askWhereTo, askWhichFiles, save } from '../files/dialogs.ts';
import { type Chosen, readChosen } from './chosen.ts';
import { withUses } from './uses.ts';

type Importing = ValueGiven<'certificates.choose'>;

const importable = ['p12', 'pfx', 'pem', 'crt', 'cer', 'key'];
const filters = [
  { name: importable.join(', '), extensions: importable },
  { name: '*', extensions: ['*'] },
];

/** The user's certificates as the window uses them. */
export class CertificateDesk {
  readonly #store: CertificateStore;
  readonly #profiles: ProfileStore;
  readonly #onChange: (slice: CertificatesSlice) => void;
  /** Waits for its passphrase. */
  #chosen: Chosen | undefined;

  constructor(store: CertificateStore, profiles: ProfileStore, onChange: (slice: CertificatesSlice) => void) {
    this.#store = store;
    this.#profiles = profiles;
    this.#onChange = onChange;
  }

  /** From now on every change is told, whoever makes it. */
  begin(): void {
    this.#store.makeFolder();
    const tell = (): void => {
      this.tell();
    };
    watchFolders([this.#store.folder], tell);
    this.#profiles.onChange(tell);
    tell();
  }

  /** Also what nobody changed: time passes. */
  tell(): void {
    const { certificates, damaged } = this.#store.list();
    const profiles = this.#profiles.list().profiles.map(({ profile }): Profile => profile);
    const at = Date.now();
    this.#onChange({ at, entries: withUses(certificates, profiles, at), damaged: [...damaged] });
  }

  async choose(): Promise<Result<Importing>> {
    this.drop();
    const files = await askWhichFiles({ properties: ['openFile', 'multiSelections'], filters });
    if (files.length === 0) return { ok: true, value: { at: 'cancelled' } };
    const chosen = readChosen(files);
    if (!chosen.ok) return chosen;
    this.#chosen = chosen.value;
    return this.#import(undefined);
  }

  /** Of what was chosen. */
  open(passphrase: Secret<string>): Promise<Result<Importing>> | Result<Importing> {
    return this.#chosen === undefined ? { ok: true, value: { at: 'cancelled' } } : this.#import(passphrase);
  }

  drop(): void {
    this.#chosen = undefined;
  }

  async request(wanted: ArgumentTaken<'certificates.request'>): Promise<Result<boolean>> {
    const { commonName, organization, names, key } = wanted;
    const place = await askForPlace(commonName, 'csr');
    if (place === undefined) return { ok: true, value: false };
    const subject = { commonName, ...(organization !== undefined && { organization }) };
    const made = await this.#done(commonName, () => this.#store.request({ subject, names, key }));
    return made.ok ? write(place, made.value.pem) : made;
  }

  async export({ id, passphrase, encryption }: ArgumentTaken<'certificates.export'>): Promise<Result<boolean>> {
    const { name } = this.#known(id);
    const exported = await this.#done(name, () => this.#store.export(id, passphrase, encryption));
    return exported.ok ? writeWhereAsked(name, 'p12', exported.value) : exported;
  }

  async exportPublic(id: string): Promise<Result<boolean>> {
    const { name, kind } = this.#known(id);
    const exported = await this.#done(name, () => this.#store.exportPublic(id));
    return exported.ok ? writeWhereAsked(name, kind === 'request' ? 'csr' : 'pem', exported.value) : exported;
  }

  remove(id: string): Promise<Result<undefined>> {
    return this.#done(this.#known(id).name, () => this.#store.delete(id));
  }

  async #import(passphrase: Secret<string> | undefined): Promise<Result<Importing>> {
    const { name, certificate, key } = this.#chosen ?? { name: '', certificate: new Uint8Array() };
    const imported = await this.#done(name, () => this.#store.import(certificate, passphrase, key));
    if (imported.ok) {
      this.drop();
      return { ok: true, value: { at: 'imported', names: imported.value.map((each) => each.name) } };
    }
    const isLocked = imported.failure.code === 'certificates.passphrase';
    if (isLocked && passphrase === undefined) return { ok: true, value: { at: 'passphrase', file: name } };
    if (!isLocked) this.drop();
    return imported;
  }

  /** One that is not there any more goes by its number: what is done to it fails by itself. */
  #known(id: string): { readonly name: string; readonly kind?: StoredCertificate['kind'] } {
    return this.#store.list().certificates.find((each) => each.id === id) ?? { name: id.slice(0, 12) };
  }

  /** In the words of failures, also where the system or the keychain fails. */
  async #done<Value>(
    what: string,
    act: () => Promise<StoreResult<Value>> | StoreResult<Value>,
  ): Promise<Result<Value>> {
    try {
      const result = await act();
      return result.ok ? result : { ok: false, failure: storeFailure(result.reason, what) };
    } catch (error) {
      if (error instanceof KeychainFailure) return { ok: false, failure: failure('certificates.locked') };
      return {
        ok: false,
        failure: failure('certificates.notWritten', { what, reason: describeWriteError(error) }),
      };
    } finally {
      this.tell();
    }
  }
}

async function writeWhereAsked(
  name: string,
  extension: string,
  content: string | Uint8Array,
): Promise<Result<boolean>> {
  const place = await askForPlace(name, extension);
  return place === undefined ? { ok: true, value: false } : write(place, content);
}

function write(file: string, content: string | Uint8Array): Result<boolean> {
  const saved = save(file, content);
  return saved.ok ? { ok: true, value: true } : saved;
}

function askForPlace(name: string, extension: string): Promise<string | undefined> {
  const defaultPath = `${fileNameOf(name) || 'certificate'}.${extension}`;
  return askWhereTo({ defaultPath, filters: [{ name: extension, extensions: [extension] }] });
}
