import { z } from 'zod';
import { certificateSummary } from '../certificates.ts';
import { deviceName, issuedCertificate, serialNumber } from '../host-ca.ts';
import { secretText, userName } from '../host-forms.ts';
import { call, nothing } from './call.ts';

/** The host's own certificate authority. */

const passphrase = secretText(z.string().min(1).max(1024));
const savedAt = z.string().optional();

/** DNS names and addresses as clients dial them. */
export const serverNames = z
  .array(z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'expected names such as vpn.example.com, or addresses'))
  .min(1, 'expected a name or an address')
  .max(16);

export const newAuthority = z.strictObject({
  organization: z
    .string()
    .max(64)
    .regex(/^[^\p{Cc}\p{Surrogate}]+$/u, 'expected text without control characters')
    .exactOptional(),
  key: z.enum(['rsa', 'ecdsa']),
});

export const newClientCertificate = z.strictObject({
  user: userName,
  device: deviceName.exactOptional(),
  days: z.int().min(1).max(3650),
  passphrase,
  /** With the encryption of old, for clients that are. */
  legacy: z.boolean(),
});

const authority = z.strictObject({
  certificate: certificateSummary,
  /** The newest first; what is over or revoked stays for a while. */
  issued: z.array(issuedCertificate.extend({ standing: z.enum(['good', 'ending', 'over', 'revoked']) })).max(1000),
  /** More were issued than are shown. */
  isCut: z.boolean(),
  /** Its end is near: all that it issued ends with it. */
  isEnding: z.boolean(),
  /** When the revocation list has to be followed by another one; absent where it cannot be read. */
  listUntil: z.iso.datetime().exactOptional(),
  files: z.strictObject({ authority: z.string(), list: z.string() }),
});

export const hostAuthorityCalls = {
  /** Absent `authority`: there is none. `own`: what the configuration proves the host by, and whether the authority issued it. */
  'host.authority': call(
    nothing,
    z.strictObject({
      authority: authority.exactOptional(),
      own: z
        .array(z.strictObject({ certificate: certificateSummary, isIssuedHere: z.boolean(), isEnding: z.boolean() }))
        .max(4),
      /** What clients dial, as far as it is known: a suggestion. */
      server: z.string(),
    }),
  ),
  'host.createAuthority': call(newAuthority, nothing),
  /** Asks for a file, and takes the authority in it. False: the user chose none. */
  'host.importAuthority': call(z.strictObject({ passphrase: passphrase.exactOptional() }), z.boolean()),
  /** The host's own, in force at once. Where the configuration names no certificates yet, it is made to name these. */
  'host.issueServer': call(z.strictObject({ names: serverNames }), nothing),
  /** Asks where to, and writes the certificate with its key there: they are kept nowhere else. Undefined where the user cancelled. */
  'host.issueClient': call(newClientCertificate, savedAt),
  /** Who is connected by it is disconnected, whichever process the host is; where that cannot be had, it fails with `host.notInForce`. */
  'host.revokeCertificate': call(z.strictObject({ serial: serialNumber }), nothing),
  'host.renewRevocationList': call(nothing, nothing),
  /** Asks where to, and writes the authority's certificate or its list there. Undefined where the user cancelled. */
  'host.saveAuthorityFile': call(z.strictObject({ what: z.enum(['authority', 'list']) }), savedAt),
} as const;
