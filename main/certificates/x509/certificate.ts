import { createHash, X509Certificate, type KeyObject } from 'node:crypto';
import * as pkijs from 'pkijs';
import type { CertificateSummary } from '../../contracts/certificates.ts';
import { alternativeNames, type AlternativeNames } from './alternative-names.ts';
import { distinguishedNameText, readDistinguishedName, type DistinguishedName } from './distinguished-name.ts';
import { extensionIds, extensionsOf, type Extensions } from './extensions.ts';
import { keyText } from './key.ts';
import { MalformedError, readingForeign } from './malformed.ts';

/** A certificate as both libraries read it: pkijs tells what stands in it, the runtime has the key and checks signatures. */
export interface Certificate {
  readonly der: Uint8Array;
  /** SHA-256, in hexadecimal. */
  readonly fingerprint: string;
  readonly parsed: pkijs.Certificate;
  readonly runtime: X509Certificate;
  readonly publicKey: KeyObject;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  /** Hexadecimal, without leading zeros. */
  readonly serial: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly names: AlternativeNames;
  readonly extensions: Extensions;
  readonly isAuthority: boolean;
}

/** More than any certificate of a gateway or user has. */
export const largestCertificateBytes = 16 * 1024;

/** @throws MalformedError */
export function readCertificate(der: Uint8Array): Certificate {
  if (der.length > largestCertificateBytes)
    throw new MalformedError(`it is larger than ${largestCertificateBytes} bytes`);
  return readingForeign('the certificate', () => {
    const runtime = new X509Certificate(der);
    // Both read all of the same bytes, or they might not read the same certificate.
    if (!runtime.raw.equals(der)) throw new MalformedError('something follows the certificate');
    const parsed = pkijs.Certificate.fromBER(Uint8Array.from(der));
    const extensions = extensionsOf(parsed.extensions ?? []);
    const constraints = extensions.find(extensionIds.basicConstraints, pkijs.BasicConstraints);
    return {
      der: Uint8Array.from(der),
      fingerprint: createHash('sha256').update(der).digest('hex'),
      parsed,
      runtime,
      publicKey: runtime.publicKey,
      subject: readDistinguishedName(new Uint8Array(parsed.subject.valueBeforeDecode)),
      issuer: readDistinguishedName(new Uint8Array(parsed.issuer.valueBeforeDecode)),
      serial: serialText(parsed.serialNumber.valueBlock.valueHexView),
      notBeforeMs: timeOf(parsed.notBefore),
      notAfterMs: timeOf(parsed.notAfter),
      names: alternativeNames(extensions.find(extensionIds.subjectAltName, pkijs.AltName)?.altNames ?? []),
      extensions,
      isAuthority: constraints?.cA === true,
    };
  });
}

/** None where it cannot be read. */
export function readable(der: Uint8Array): readonly Certificate[] {
  try {
    return [readCertificate(der)];
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}

function timeOf({ value }: pkijs.Time): number {
  const ms = value.getTime();
  if (Number.isNaN(ms)) throw new MalformedError('it has a time that is none');
  return ms;
}

export function serialText(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^0+(?=.)/, '');
}

/** For people: who it is of. */
export function subjectText({ subject, names }: Certificate): string {
  const [name] = names.texts;
  return subject.length > 0 ? distinguishedNameText(subject) : (name ?? 'a certificate without a name');
}

export function summaryOf(certificate: Certificate): CertificateSummary {
  const { fingerprint, issuer, serial, names, notBeforeMs, notAfterMs, publicKey, isAuthority } = certificate;
  return {
    fingerprint,
    subject: subjectText(certificate),
    issuer: distinguishedNameText(issuer),
    serial,
    names: [...names.texts],
    notBefore: new Date(notBeforeMs).toISOString(),
    notAfter: new Date(notAfterMs).toISOString(),
    key: keyText(publicKey),
    isAuthority,
  };
}
