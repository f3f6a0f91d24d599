import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { OwnCertificateFault } from '../contracts/certificates.ts';
import { Secret } from '../contracts/secret.ts';
import { certificateLabels, derBlocks, isDer, pemBlocks } from './files/pem.ts';
import { readPkcs12 } from './files/pkcs12.ts';
import { readBounded } from '../files/read-bounded.ts';
import { isSignedBy } from './path/candidates.ts';
import type { OwnCertificate, OwnCertificateResult, OwnCertificateSource } from './types.ts';
import { readCertificate, summaryOf, type Certificate } from './x509/certificate.ts';
import { sameName } from './x509/distinguished-name.ts';
import { isIkeKey, keyText } from './x509/key.ts';
import { MalformedError } from './x509/malformed.ts';

/** The certificate and the key by which this machine or its user says who it is. */

export const largestFileBytes = 512 * 1024;
const longestOwnChain = 8;

interface OwnFault {
  readonly ok: false;
  readonly reason: OwnCertificateFault;
  readonly detail: string;
}
export type Assembled =
  | {
      readonly ok: true;
      readonly own: OwnCertificate;
      /** The self-signed authority at the end of its chain, where it came along. DER. */
      readonly anchor?: Uint8Array;
    }
  | OwnFault;

/** Never rejects. */
export function loadOwnCertificate(source: OwnCertificateSource): Promise<OwnCertificateResult> {
  return Promise.resolve(source.kind === 'pkcs12' ? loadPkcs12(source) : loadPem(source));
}

function loadPkcs12({ file, passphrase }: Extract<OwnCertificateSource, { kind: 'pkcs12' }>): OwnCertificateResult {
  const read = readBounded(file, largestFileBytes);
  if (!read.ok) return { ...read, file };
  const assembled = ownFromPkcs12(read.bytes, passphrase);
  return assembled.ok ? assembled : { ...assembled, file };
}

function loadPem({
  certificateFile,
  keyFile,
  passphrase,
}: Extract<OwnCertificateSource, { kind: 'pem' }>): OwnCertificateResult {
  const certificates = readBounded(certificateFile, largestFileBytes);
  if (!certificates.ok) return { ...certificates, file: certificateFile };
  const key = keyFile === certificateFile ? certificates : readBounded(keyFile, largestFileBytes);
  if (!key.ok) return { ...key, file: keyFile };
  if (key.exposure !== undefined) return { ok: false, reason: 'exposed', file: keyFile, detail: `it ${key.exposure}` };
  const assembled = ownFromPem(certificates.bytes, key.bytes, passphrase);
  if (assembled.ok) return assembled;
  const isAboutKey = assembled.reason !== 'noCertificate' && assembled.reason !== 'malformed';
  return { ...assembled, file: isAboutKey ? keyFile : certificateFile };
}

/** A file without a passphrase has an empty one. */
export function ownFromPkcs12(bytes: Uint8Array, passphrase: Secret<string> | undefined): Assembled {
  const read = readPkcs12(bytes, passphrase ?? new Secret(''));
  if (read.ok)
    return assemble(
      read.content.keys.map((key) => privateKeyFromDer(key)),
      read.content.certificates,
    );
  if (read.reason === 'malformed') return fault('malformed', read.detail);
  return passphrase === undefined
    ? fault('passphraseNeeded', 'it is encrypted')
    : fault('wrongPassphrase', read.detail);
}

/** Certificates in PEM or DER; the key in PEM or DER, PKCS#8 or the older forms, encrypted or not. */
export function ownFromPem(
  certificates: Uint8Array,
  key: Uint8Array,
  passphrase: Secret<string> | undefined,
): Assembled {
  const read = readPrivateKey(key, passphrase);
  return read.ok ? assemble([read.key], derBlocks(certificates, ...certificateLabels)) : read;
}

export type ReadKey = { readonly ok: true; readonly key: KeyObject } | OwnFault;

export function readPrivateKey(bytes: Uint8Array, passphrase: Secret<string> | undefined): ReadKey {
  if (isDer(bytes)) {
    const key = privateKeyFromDer(new Secret(bytes));
    return key === undefined ? fault('malformed', 'it is not a private key') : { ok: true, key };
  }
  const block = pemBlocks(Buffer.from(bytes).toString('latin1')).find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) return fault('noPrivateKey', 'there is no private key in it');
  const isEncrypted = block.text.includes('ENCRYPTED');
  if (isEncrypted && passphrase === undefined) return fault('passphraseNeeded', 'it is encrypted');
  try {
    return {
      ok: true,
      key: createPrivateKey({ key: block.text, ...(isEncrypted && { passphrase: passphrase?.expose() }) }),
    };
  } catch {
    return isEncrypted
      ? fault('wrongPassphrase', 'the passphrase does not fit')
      : fault('malformed', 'it is not a private key');
  }
}

function privateKeyFromDer(der: Secret): KeyObject | undefined {
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return createPrivateKey({ key: Buffer.from(der.expose()), format: 'der', type });
    } catch {
      // Of another form, or of a kind that the runtime does not know.
    }
  }
  return undefined;
}

/** Finds the key that belongs to a certificate, and what leads from there towards an authority. */
export function assemble(keys: readonly (KeyObject | undefined)[], ders: readonly Uint8Array[]): Assembled {
  if (keys.length === 0) return fault('noPrivateKey', 'there is no private key in it');
  if (ders.length === 0) return fault('noCertificate', 'there is no certificate in it');
  const certificates = readAll(ders);
  if (certificates === undefined) return fault('malformed', 'it holds a certificate that cannot be read');
  const known = keys.filter((key) => key !== undefined);
  for (const certificate of certificates) {
    const key = known.find((candidate) => belongs(certificate, candidate));
    if (key === undefined) continue;
    if (!isIkeKey(certificate.publicKey)) return fault('unsupportedKey', `it is ${keyText(certificate.publicKey)}`);
    return { ok: true, ...ownOf(certificate, key, certificates) };
  }
  if (known.length === 0) return fault('unsupportedKey', 'it is of an unknown kind');
  return fault('keyMismatch', 'the private key belongs to no certificate in it');
}

function readAll(ders: readonly Uint8Array[]): readonly Certificate[] | undefined {
  try {
    return ders.slice(0, 64).map(readCertificate);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function belongs({ runtime }: Certificate, key: KeyObject): boolean {
  try {
    return runtime.checkPrivateKey(key);
  } catch {
    return false;
  }
}

function ownOf(
  certificate: Certificate,
  key: KeyObject,
  others: readonly Certificate[],
): Pick<Extract<Assembled, { ok: true }>, 'own' | 'anchor'> {
  const chain = chainOf(certificate, others);
  const anchor = chain.slice(1).find(isSelfIssued);
  return {
    own: {
      // Whoever checks the chain has its last authority, or would not believe the one that is sent.
      chain: chain.filter((each) => each === certificate || !isSelfIssued(each)).map(({ der }) => der),
      key,
      subject: new Uint8Array(certificate.parsed.subject.valueBeforeDecode),
      issuers: chain.map(({ parsed }) => new Uint8Array(parsed.issuer.valueBeforeDecode)),
      summary: summaryOf(certificate),
    },
    ...(anchor?.isAuthority === true && { anchor: anchor.der }),
  };
}

function isSelfIssued({ subject, issuer }: Certificate): boolean {
  return sameName(subject, issuer);
}

function chainOf(certificate: Certificate, others: readonly Certificate[]): readonly Certificate[] {
  const chain = [certificate];
  for (let last = certificate; chain.length < longestOwnChain;) {
    const { issuer } = last;
    const next = others.find((one) => !chain.includes(one) && sameName(one.subject, issuer) && isSignedBy(last, one));
    if (next === undefined) break;
    chain.push(next);
    last = next;
  }
  return chain;
}

function fault(reason: OwnCertificateFault, detail: string): OwnFault {
  return { ok: false, reason, detail };
}
