import { z } from 'zod';
import { hostSecret } from './host-forms.ts';
import { trust } from './profile.ts';

/** Certificates in the host's IKE: its own, and whose of clients it believes. Files are relative to the configuration. */

const file = z.string().min(1).max(4096);

const hostCertificate = z.union(
  [
    z.strictObject({
      pkcs12: file.describe('A file that holds the certificate, its chain and its private key.'),
      passphrase: hostSecret.optional().describe('A secret.'),
    }),
    z.strictObject({
      pem: file.describe('The certificate, followed by the authorities between it and the one that clients trust.'),
      key: file.describe('The private key, readable by its owner alone.'),
      passphrase: hostSecret.optional().describe('A secret.'),
    }),
  ],
  'expected { "pkcs12": "file" }, or { "pem": "file", "key": "file" }',
);
export type HostCertificateForm = z.infer<typeof hostCertificate>;

export const hostCertificates = z.strictObject({
  own: z
    .array(hostCertificate)
    .min(1)
    .max(4)
    .describe("The host's certificates, best first; one for each kind of key (RSA, ECDSA) that clients have."),
  trust: trust('a client').describe('Whose certificates of clients are believed.'),
  userBinding: z
    .enum(['none', 'commonName', 'name'])
    .default('none')
    .describe(
      "Whether a user may only sign in from a client whose certificate is theirs. commonName: the subject's common name is the user name; name: that, or one of the alternative mail addresses or DNS names. Upper and lower case do not count. Clients with a pre-shared key have no certificate to compare.",
    ),
});
export type HostCertificates = z.infer<typeof hostCertificates>;
