import * as asn1js from 'asn1js';
import * as pkijs from 'pkijs';
import { extensionIds } from '../x509/extensions.ts';
import type { Issuer } from './certificate.ts';
import { authorityKeyIdentifier, extension, time } from './forms.ts';
import { signingEngine } from './engine.ts';
import { signingKey } from './keys.ts';

export interface Revoked {
  /** Hexadecimal. */
  readonly serial: string;
  readonly atMs: number;
}

export interface ListOrder {
  readonly issuer: Issuer;
  readonly revoked: readonly Revoked[];
  /** Of the list: each has a higher one. */
  readonly number: number;
  readonly thisUpdateMs: number;
  readonly nextUpdateMs: number;
}

/** A revocation list (RFC 5280 §5). @returns DER */
export async function issueRevocationList({
  issuer,
  revoked,
  number,
  thisUpdateMs,
  nextUpdateMs,
}: ListOrder): Promise<Uint8Array> {
  const certificate = pkijs.Certificate.fromBER(Uint8Array.from(issuer.certificate));
  const list = new pkijs.CertificateRevocationList({
    version: 1,
    issuer: certificate.subject,
    thisUpdate: time(thisUpdateMs),
    nextUpdate: time(nextUpdateMs),
    crlExtensions: new pkijs.Extensions({
      extensions: [
        authorityKeyIdentifier(certificate),
        extension(extensionIds.crlNumber, new asn1js.Integer({ value: number })),
      ],
    }),
  });
  // An empty list of entries may not be there at all (RFC 5280 §5.1.2.6).
  if (revoked.length > 0) {
    list.revokedCertificates = revoked.map(
      ({ serial, atMs }) =>
        new pkijs.RevokedCertificate({ userCertificate: serialNumber(serial), revocationDate: time(atMs) }),
    );
  }
  await list.sign(await signingKey(issuer.key), 'SHA-256', signingEngine);
  return new Uint8Array((list.toSchema(true) as asn1js.Sequence).toBER());
}

function serialNumber(hex: string): asn1js.Integer {
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  // Without a leading zero a number whose first bit is set would be a negative one.
  const positive = ((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
  return new asn1js.Integer({ valueHex: Uint8Array.from(positive).buffer });
}
