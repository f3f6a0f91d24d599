import { z } from 'zod';

/** X.509 certificates as they cross a boundary: what is wrong with a peer's, and what a list of one's own shows. */

/** Why a peer's certificate is not accepted. Where several hold, the first of this list that does is told. */
export const certificateFaults = [
  /** Not a certificate, or more or larger ones than anybody needs. */
  'malformed',
  /** No chain of it ends at an authority that is trusted. */
  'unknownAuthority',
  /** Its key or a signature of its chain is of a kind that is broken. */
  'weak',
  'notYetValid',
  'expired',
  /** Made for something else than IKE in this role, or issued by who may not issue it. */
  'wrongUsage',
  /** Of somebody else than who is expected, or not of who it is presented by. */
  'wrongName',
  'revoked',
  /** Whether it is revoked could not be found out, and the policy requires to know. */
  'revocationUnknown',
] as const;
export type CertificateFault = (typeof certificateFaults)[number];

/**
 * `require`: nobody is let in of whom it is not known that the certificate was not revoked. `prefer`: it is asked, and no answer
 * is taken for a good one. `ignore`: it is not asked.
 */
export const revocationPolicy = z.enum(['require', 'prefer', 'ignore']);
export type RevocationPolicy = z.infer<typeof revocationPolicy>;

/**
 * Who a certificate may be of. Addresses and names are compared with the certificate's alternative names alone (RFC 4945 §5.1.3.6),
 * a distinguished name with its subject: as DER, or as text such as `C=CH, O=Example, CN=alice`, in either order of its parts.
 */
export type CertificateIdentity =
  | { readonly kind: 'address' | 'fqdn' | 'userFqdn'; readonly value: string }
  | { readonly kind: 'distinguishedName'; readonly value: string | Uint8Array };

/** One certificate, for people and lists. Texts are printable and bounded. */
export const certificateSummary = z.strictObject({
  /** SHA-256 of the certificate, in hexadecimal: what it is known by. */
  fingerprint: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal'),
  subject: z.string(),
  issuer: z.string(),
  serial: z.string().regex(/^[0-9a-f]+$/, 'expected hexadecimal digits'),
  /** Alternative names: DNS names, addresses, mail addresses. */
  names: z.array(z.string()),
  notBefore: z.iso.datetime(),
  notAfter: z.iso.datetime(),
  /** Such as `RSA 2048` or `ECDSA P-256`. */
  key: z.string(),
  isAuthority: z.boolean(),
});
export type CertificateSummary = z.infer<typeof certificateSummary>;

/** Why a certificate and its key of one's own cannot be used. */
export const ownCertificateFaults = [
  'missing',
  'unreadable',
  /** Of the private key: others may read the file. */
  'exposed',
  'malformed',
  'passphraseNeeded',
  'wrongPassphrase',
  'noCertificate',
  'noPrivateKey',
  /** The private key is not that of the certificate. */
  'keyMismatch',
  /** A kind of key that IKE cannot sign with here, or one that is too short. */
  'unsupportedKey',
] as const;
export type OwnCertificateFault = (typeof ownCertificateFaults)[number];

export const certificateKeyKinds = ['rsa', 'ecdsa'] as const;

/** X.520: what a common name and an organization may be long at most. */
const nameText = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{C}]*$/u, 'expected text without control characters');

/** A request for a certificate, for an authority elsewhere. */
export const newRequest = z.strictObject({
  commonName: nameText,
  organization: nameText.exactOptional(),
  /** DNS names, addresses and mail addresses. */
  names: z
    .array(
      z
        .string()
        .max(253)
        .regex(/^[a-z0-9._:@*+-]+$/i, 'expected a host name, an address or a mail address'),
    )
    .max(20),
  key: z.enum(certificateKeyKinds),
});

/** What a user's certificate store has: one's own certificates, authorities that are trusted, and requests that wait for an answer. */
export const storedCertificate = z.strictObject({
  /** SHA-256 of the certificate, or of the request, in hexadecimal. */
  id: certificateSummary.shape.fingerprint,
  kind: z.enum(['identity', 'authority', 'request']),
  name: z.string(),
  addedAt: z.iso.datetime(),
  /** Absent of a request. */
  certificate: certificateSummary.exactOptional(),
  /** Of one's own, as it is listed: the authorities whose signatures it is under, by their fingerprints. */
  vouchedBy: z.array(certificateSummary.shape.fingerprint).exactOptional(),
});
export type StoredCertificate = z.infer<typeof storedCertificate>;
