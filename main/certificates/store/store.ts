import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { OwnCertificateFault, StoredCertificate } from '../../contracts/certificates.ts';
import type { KeyDerivation, Sealed } from '../../contracts/sealed.ts';
import { Secret } from '../../contracts/secret.ts';
import { makePrivateFolder, removeUnfinished, syncFolder } from '../../files/durable.ts';
import { seal, unseal } from '../../files/sealed.ts';
import { loadKey, newDerivation, type KeyFailure, type KeySource } from '../../files/sealing-key.ts';
import { certificateLabels, derBlocks, isDer, pemBlocks, pemText } from '../files/pem.ts';
import { writePkcs12File, type Pkcs12Encryption } from '../files/write-pkcs12.ts';
import type { Subject } from '../issue/forms.ts';
import { newPrivateKey, type KeyKind } from '../issue/keys.ts';
import { certificateRequest } from '../issue/request.ts';
import { assemble, ownFromPem, ownFromPkcs12, type Assembled } from '../own.ts';
import type { OwnCertificate } from '../types.ts';
import { readable, subjectText, summaryOf, type Certificate } from '../x509/certificate.ts';
import { attributeOf } from '../x509/distinguished-name.ts';
import { certificateMeant, isNamed } from './choice.ts';
import { entryFile, keyFormat, readEntry, writeEntry, type Entry } from './entry.ts';
import { vouchersOf } from './vouchers.ts';

export type StoreFault =
  OwnCertificateFault | KeyFailure | 'unknown' | 'exists' | 'damaged' | 'wrongKeyOrChanged' | 'full' | 'legacyNeedsRsa';
export type StoreResult<Value> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly reason: StoreFault };

export interface Listed {
  readonly certificates: readonly StoredCertificate[];
  /** Files that cannot be used, and are left alone. */
  readonly damaged: readonly string[];
}

export interface NewRequest {
  readonly subject: Subject;
  readonly names: readonly string[];
  readonly key: KeyKind;
}

const mostEntries = 500;

/**
 * The certificates of a user: a folder of their own, a file for each. What is public can be listed without the key that the private
 * ones are sealed with. Throws on system errors only.
 *
 * @param sealingKey  asked where a private key is opened or put in: the system's keychain, or a file of its owner's
 */
export class CertificateStore {
  readonly #folder: string;
  readonly #sealingKey: () => Promise<KeySource>;

  constructor(folder: string, sealingKey: () => Promise<KeySource>) {
    this.#folder = folder;
    this.#sealingKey = sealingKey;
  }

  get folder(): string {
    return this.#folder;
  }

  makeFolder(): void {
    makePrivateFolder(this.#folder);
  }

  list(): Listed {
    const found: Opened[] = [];
    const damaged: string[] = [];
    for (const name of this.#files()) {
      const file = join(this.#folder, name);
      const read = readEntry(file);
      const opened =
        read === undefined || read === 'damaged' ? undefined : openedOf(name.slice(0, -'.json'.length), read);
      if (opened !== undefined) found.push(opened);
      else if (read !== undefined) damaged.push(file);
    }
    const authorities = found.flatMap(({ shown, content }) => (shown.kind === 'authority' ? content : []));
    const certificates = found.map((each) => withVouchers(each, authorities));
    return { certificates: certificates.sort((a, b) => a.name.localeCompare(b.name)), damaged };
  }

  /**
   * Takes what a file holds: PKCS#12, or PEM with a private key, is one's own, and the authority at the end of its chain comes along;
   * certificates alone are the answer to a request, or authorities.
   *
   * @param separateKey  the private key, where it is in a file of its own
   */
  async import(
    bytes: Uint8Array,
    passphrase: Secret<string> | undefined,
    separateKey?: Uint8Array,
  ): Promise<StoreResult<readonly StoredCertificate[]>> {
    if (separateKey !== undefined) return this.#importOwn(ownFromPem(bytes, separateKey, passphrase));
    const certificates = certificatesIn(bytes);
    const hasKey =
      !isDer(bytes) &&
      pemBlocks(Buffer.from(bytes).toString('latin1')).some(({ label }) => label.endsWith('PRIVATE KEY'));
    if (hasKey) return this.#importOwn(ownFromPem(bytes, bytes, passphrase));
    if (certificates.length === 0)
      return isDer(bytes) ? this.#importOwn(ownFromPkcs12(bytes, passphrase)) : fail('noCertificate');
    return (await this.#answerRequest(certificates)) ?? this.#importAuthorities(certificates);
  }

  /** Makes a key that never leaves the store, and a request for its certificate. @returns PEM */
  async request({
    subject,
    names,
    key: kind,
  }: NewRequest): Promise<StoreResult<{ readonly stored: StoredCertificate; readonly pem: string }>> {
    const key = await newPrivateKey(kind);
    const der = await certificateRequest(key, subject, names);
    const stored = await this.#add('request', subject.commonName, [der], key);
    return stored.ok ? { ok: true, value: { stored: stored.value, pem: pemText('CERTIFICATE REQUEST', der) } } : stored;
  }

  /** One's own, by its name or the beginning of its number. `ambiguous`: there are several, of different authorities. */
  find(which: string, nowMs: number): StoredCertificate | 'ambiguous' | undefined {
    const { certificates } = this.list();
    const meant = certificateMeant(certificates, which, nowMs);
    return meant === undefined && isNamed(certificates, which) ? 'ambiguous' : meant;
  }

  /** Those of the list that vouch for this one of one's own. DER. */
  authoritiesOf({ vouchedBy = [] }: StoredCertificate): readonly Uint8Array[] {
    return vouchedBy.flatMap((id) => {
      const entry = this.#entry(id);
      return entry?.kind === 'authority' ? entry.content.map(bytesOf) : [];
    });
  }

  /** Ready for IKE. */
  async own(id: string): Promise<StoreResult<OwnCertificate>> {
    const entry = this.#entry(id);
    if (entry === undefined || entry.kind !== 'identity') return fail('unknown');
    const key = await this.#open(entry.key);
    if (!key.ok) return key;
    const assembled = assemble([key.value], entry.content.map(bytesOf));
    return assembled.ok ? { ok: true, value: assembled.own } : fail(assembled.reason);
  }

  /** With its private key. @returns PKCS#12 */
  async export(id: string, passphrase: Secret<string>, encryption: Pkcs12Encryption): Promise<StoreResult<Uint8Array>> {
    const entry = this.#entry(id);
    if (entry === undefined || entry.kind !== 'identity') return fail('unknown');
    const key = await this.#open(entry.key);
    if (!key.ok) return key;
    const pkcs8 = new Secret(new Uint8Array(key.value.export({ type: 'pkcs8', format: 'der' })));
    const written = await writePkcs12File({
      key: pkcs8,
      chain: entry.content.map(bytesOf),
      passphrase,
      name: entry.name,
      encryption,
    });
    return written === undefined ? fail('legacyNeedsRsa') : { ok: true, value: written };
  }

  /** What is public. @returns PEM */
  exportPublic(id: string): StoreResult<string> {
    const entry = this.#entry(id);
    if (entry === undefined) return fail('unknown');
    const label = entry.kind === 'request' ? 'CERTIFICATE REQUEST' : 'CERTIFICATE';
    return { ok: true, value: entry.content.map((text) => pemText(label, bytesOf(text))).join('') };
  }

  delete(id: string): StoreResult<undefined> {
    const file = entryFile(this.#folder, id);
    if (!/^[0-9a-f]{64}$/.test(id) || !existsSync(file)) return fail('unknown');
    rmSync(file);
    syncFolder(this.#folder);
    return { ok: true, value: undefined };
  }

  async #importOwn(assembled: Assembled): Promise<StoreResult<readonly StoredCertificate[]>> {
    if (!assembled.ok) return fail(assembled.reason);
    const { chain, key, summary } = assembled.own;
    const added = await this.#add('identity', summary.subject, chain, key);
    if (!added.ok) return added;
    const { anchor } = assembled;
    const authorities = anchor === undefined ? [] : readable(anchor);
    const along = authorities.length === 0 ? undefined : await this.#importAuthorities(authorities);
    return { ok: true, value: [added.value, ...(along?.ok === true ? along.value : [])] };
  }

  /** The answer to a request has its key. `undefined`: it is none. */
  async #answerRequest(
    certificates: readonly Certificate[],
  ): Promise<StoreResult<readonly StoredCertificate[]> | undefined> {
    for (const { id } of this.list().certificates.filter(({ kind }) => kind === 'request')) {
      const key = await this.#open(this.#entry(id)?.key);
      if (!key.ok || !certificates.some((one) => one.publicKey.equals(createPublicKey(key.value)))) continue;
      const imported = await this.#importOwn(
        assemble(
          [key.value],
          certificates.map(({ der }) => der),
        ),
      );
      if (imported.ok) this.delete(id);
      return imported;
    }
    return undefined;
  }

  async #importAuthorities(certificates: readonly Certificate[]): Promise<StoreResult<readonly StoredCertificate[]>> {
    if (!certificates.every(({ isAuthority }) => isAuthority)) return fail('noPrivateKey');
    const added: StoredCertificate[] = [];
    for (const certificate of certificates) {
      const one = await this.#add('authority', subjectText(certificate), [certificate.der], undefined);
      if (one.ok) added.push(one.value);
      else if (one.reason !== 'exists') return one;
    }
    return added.length === 0 ? fail('exists') : { ok: true, value: added };
  }

  async #add(
    kind: Entry['kind'],
    name: string,
    content: readonly Uint8Array[],
    key: KeyObject | undefined,
  ): Promise<StoreResult<StoredCertificate>> {
    makePrivateFolder(this.#folder);
    const id = createHash('sha256')
      .update(content[0] ?? new Uint8Array())
      .digest('hex');
    const file = entryFile(this.#folder, id);
    if (existsSync(file)) return fail('exists');
    if (this.#files().length >= mostEntries) return fail('full');
    const sealedKey = key === undefined ? undefined : await this.#seal(key);
    if (sealedKey?.ok === false) return sealedKey;
    const entry: Entry = {
      version: 1,
      kind,
      name,
      addedAt: new Date().toISOString(),
      content: content.map((der) => Buffer.from(der).toString('base64')),
      ...(sealedKey !== undefined && { key: sealedKey.value }),
    };
    removeUnfinished(this.#folder, id);
    writeEntry(file, entry);
    const opened = openedOf(id, entry);
    return opened === undefined ? fail('malformed') : { ok: true, value: opened.shown };
  }

  async #seal(key: KeyObject): Promise<StoreResult<Sealed>> {
    const source = await this.#sealingKey();
    const derivation: KeyDerivation = newDerivation(source);
    const loaded = await loadKey(source, derivation, true);
    if (!loaded.ok) return fail(loaded.reason);
    const plain = key.export({ type: 'pkcs8', format: 'der' });
    const value = seal(keyFormat, plain, loaded.key, derivation);
    plain.fill(0);
    return { ok: true, value };
  }

  async #open(sealedKey: Sealed | undefined): Promise<StoreResult<KeyObject>> {
    if (sealedKey?.format !== keyFormat) return fail('damaged');
    const loaded = await loadKey(await this.#sealingKey(), sealedKey.key, false);
    if (!loaded.ok) return fail(loaded.reason);
    const plain = unseal(sealedKey, loaded.key);
    if (plain === undefined) return fail('wrongKeyOrChanged');
    const key = createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' });
    plain.fill(0);
    return { ok: true, value: key };
  }

  #entry(id: string): Entry | undefined {
    const read = /^[0-9a-f]{64}$/.test(id) ? readEntry(entryFile(this.#folder, id)) : undefined;
    return read === 'damaged' ? undefined : read;
  }

  #files(): readonly string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
  }
}

interface Opened {
  readonly shown: StoredCertificate;
  /** Its own certificate first; none of a request. */
  readonly content: readonly Certificate[];
}

function openedOf(id: string, { kind, name, addedAt, content: ders }: Entry): Opened | undefined {
  if (kind === 'request') return { shown: { id, kind, name, addedAt }, content: [] };
  const content = ders.map(bytesOf).flatMap(readable);
  const [own] = content;
  if (own === undefined) return undefined;
  const commonName = attributeOf(own.subject, 'CN') ?? name;
  return { shown: { id, kind, name: commonName, addedAt, certificate: summaryOf(own) }, content };
}

function withVouchers({ shown, content }: Opened, authorities: readonly Certificate[]): StoredCertificate {
  const [own, ...along] = content;
  if (shown.kind !== 'identity' || own === undefined) return shown;
  return { ...shown, vouchedBy: vouchersOf(own, along, authorities).map(({ fingerprint }) => fingerprint) };
}

/** Whether there is a certificate in it that can be read as it is, and not only after a passphrase. */
export function holdsCertificate(bytes: Uint8Array): boolean {
  return certificatesIn(bytes).length > 0;
}

function certificatesIn(bytes: Uint8Array): readonly Certificate[] {
  return derBlocks(bytes, ...certificateLabels).flatMap(readable);
}

function bytesOf(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

function fail(reason: StoreFault): { readonly ok: false; readonly reason: StoreFault } {
  return { ok: false, reason };
}
