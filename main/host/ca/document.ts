import { createPrivateKey } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Issuer } from '../../certificates/issue/index.ts';
import { auditEvent } from '../../contracts/audit.ts';
import { issuedCertificate } from '../../contracts/host-ca.ts';
import { sealedDocument, type SealedDocument } from '../../files/sealed-document.ts';

/** What the authority remembers, sealed as the users are: with a key in a file beside it that only its owner reads. */

const der = z.base64().min(1);

const authorityDocument = z.strictObject({
  authority: z.strictObject({
    certificate: der,
    /** Above it, where it is not the last authority itself. */
    chain: z.array(der).max(8),
    /** PKCS#8. */
    privateKey: der,
    /** Absent: brought from elsewhere, and renewed there. */
    subject: z.strictObject({ commonName: z.string(), organization: z.string().exactOptional() }).exactOptional(),
  }),
  /** Of the last revocation list. */
  listNumber: z.int().min(0),
  issued: z.array(issuedCertificate),
  /** What the audit log has not got yet: its writer was another process. */
  unrecorded: z.array(auditEvent),
});
export type AuthorityDocument = z.infer<typeof authorityDocument>;

export function openAuthorityDocument(folder: string): SealedDocument<AuthorityDocument> {
  const keySource = { kind: 'file', file: join(folder, 'ca.key') } as const;
  return sealedDocument(join(folder, 'ca.store'), keySource, 'culvert-ca-1', authorityDocument);
}

/** Files that others read: all are PEM. The server's key is the only one that is secret. */
export interface PublishedFiles {
  readonly authority: string;
  readonly list: string;
  readonly server: string;
  readonly serverKey: string;
}

export function publishedFiles(folder: string): PublishedFiles {
  return {
    authority: join(folder, 'ca.pem'),
    list: join(folder, 'ca.crl'),
    server: join(folder, 'server.pem'),
    serverKey: join(folder, 'server.key'),
  };
}

export function issuerOf({ authority }: AuthorityDocument): Issuer {
  const key = createPrivateKey({ key: Buffer.from(authority.privateKey, 'base64'), format: 'der', type: 'pkcs8' });
  return { certificate: new Uint8Array(Buffer.from(authority.certificate, 'base64')), key };
}
