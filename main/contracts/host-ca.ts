import { z } from 'zod';
import { ipAddress, userName } from './host-forms.ts';

/** The host's own certificate authority: its part of the configuration, and what it issued. */

const listUrl = z
  .string()
  .max(512)
  .regex(/^http:\/\/[A-Za-z0-9.:[\]_-]+\/[\x21-\x7e]*$/, 'expected a URL such as http://vpn.example.com:8080/ca.crl');

export const certificateAuthority = z
  .strictObject({
    folder: z
      .string()
      .min(1)
      .max(4096)
      .default('/var/lib/culvert/ca')
      .describe(
        'Where the authority is kept, its key sealed, and where it writes its certificates and its revocation list.',
      ),
    urls: z
      .array(listUrl)
      .max(3)
      .default([])
      .describe('Where others can fetch the revocation list; stands in every certificate that is issued from then on.'),
    serve: z
      .strictObject({
        address: ipAddress.describe('An address of this machine, best one of the LAN.'),
        port: z.int().min(1).max(65535).default(8080).describe('TCP port.'),
      })
      .optional()
      .describe('Serves /ca.crl and /ca.crt over HTTP while the host runs, and nothing else.'),
    warnDays: z
      .int()
      .min(1)
      .max(365)
      .default(30)
      .describe("So long before a certificate ends, the audit log says so once a day, and the server's is renewed."),
  })
  .describe('The authority that "culvert host ca create" makes.');
export type CertificateAuthorityConfig = z.infer<typeof certificateAuthority>;

export const certificateUse = z.enum(['authority', 'server', 'client']);
export const serialNumber = z.string().regex(/^[0-9a-f]{1,40}$/, 'expected the serial number in hexadecimal');

/** What a client's certificate is for, beside the user: one of several machines. */
export const deviceName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\p{Cc}\p{Surrogate}]+$/u, 'expected text without control characters');

/** A certificate that the authority issued, as lists show it. */
export const issuedCertificate = z.strictObject({
  serial: serialNumber,
  use: z.enum(['server', 'client']),
  user: userName.exactOptional(),
  device: deviceName.exactOptional(),
  names: z.array(z.string()),
  notBefore: z.iso.datetime(),
  notAfter: z.iso.datetime(),
  revokedAt: z.iso.datetime().exactOptional(),
});
export type IssuedCertificate = z.infer<typeof issuedCertificate>;
