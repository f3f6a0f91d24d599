import { randomBytes, type KeyObject } from 'node:crypto';
import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { purposes } from '../path/usage.ts';
import {
  alternativeNames,
  authorityKeyIdentifier,
  basicConstraints,
  distributionPoints,
  keyUsage,
  purposesExtension,
  subjectKeyIdentifier,
  subjectName,
  time,
  type Subject,
} from './forms.ts';
import { signingEngine } from './engine.ts';
import { kindOf, publicKeyDer, signingKey } from './keys.ts';

/** What certificates the host's own authority issues. */
export type CertificateUse = 'authority' | 'server' | 'client';

const usageBits = { digitalSignature: 0x80, keyEncipherment: 0x20, keyCertSign: 0x04, crlSign: 0x02 } as const;

/**
 * What the stock clients look for: macOS and iOS want serverAuth of a gateway, Windows the IKE intermediate of a machine's own
 * certificate. The IKE purpose (RFC 4945) says what it is really for.
 */
const keyPurposes: Readonly<Record<Exclude<CertificateUse, 'authority'>, readonly string[]>> = {
  server: [purposes.serverAuth, purposes.ikeIntermediate, purposes.ipsecIke],
  client: [purposes.clientAuth, purposes.ikeIntermediate, purposes.ipsecIke],
};

export interface CertificateOrder {
  readonly use: CertificateUse;
  readonly subject: Subject;
  /** DNS names, addresses, mail addresses. */
  readonly names: readonly string[];
  /** Whose certificate it is: the public part, or the pair. */
  readonly key: KeyObject;
  /** Absent: signed by itself. */
  readonly issuer?: Issuer;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly distributionPoints: readonly string[];
}

export interface Issuer {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly key: KeyObject;
}

/** @returns DER */
export async function issueCertificate(order: CertificateOrder): Promise<Uint8Array> {
  const { use, key, issuer } = order;
  const publicKey = pkijs.PublicKeyInfo.fromBER(publicKeyDer(key));
  const issuerCertificate = issuer && pkijs.Certificate.fromBER(Uint8Array.from(issuer.certificate));
  const subject = subjectName(order.subject);
  const certificate = new pkijs.Certificate({
    version: 2,
    serialNumber: newSerial(),
    issuer: issuerCertificate?.subject ?? subject,
    subject,
    notBefore: time(order.notBeforeMs),
    notAfter: time(order.notAfterMs),
    subjectPublicKeyInfo: publicKey,
  });
  certificate.extensions = [
    // Nobody below it may issue: whoever has a certificate of a client must not make others.
    basicConstraints(use === 'authority' ? { below: 0 } : undefined),
    keyUsage(usageOf(use, key)),
    ...(use === 'authority' ? [] : [purposesExtension(keyPurposes[use])]),
    ...defined(alternativeNames(order.names)),
    subjectKeyIdentifier(publicKey),
    ...defined(issuerCertificate && authorityKeyIdentifier(issuerCertificate)),
    ...defined(distributionPoints(order.distributionPoints)),
  ];
  await certificate.sign(await signingKey(issuer?.key ?? key), 'SHA-256', signingEngine);
  return new Uint8Array(certificate.toSchema(true).toBER());
}

function usageOf(use: CertificateUse, key: KeyObject): number {
  if (use === 'authority') return usageBits.keyCertSign | usageBits.crlSign;
  return kindOf(key) === 'rsa' ? usageBits.digitalSignature | usageBits.keyEncipherment : usageBits.digitalSignature;
}

/** 127 random bits, never negative and never zero (RFC 5280 §4.1.2.2). */
function newSerial(): asn1js.Integer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return new asn1js.Integer({ valueHex: Uint8Array.from(bytes).buffer });
}

function defined<Value>(value: Value | undefined): readonly Value[] {
  return value === undefined ? [] : [value];
}
