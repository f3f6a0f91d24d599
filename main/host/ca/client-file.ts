import { writePkcs12File } from '../../certificates/index.ts';
import type { IssuedCertificate } from '../../contracts/host-ca.ts';
import type { Secret } from '../../contracts/secret.ts';
import { fileNameOf } from '../../files/file-name.ts';
import type { AuthorityResult, CertificateAuthority, NewClient } from './authority.ts';

export interface ClientFileOrder extends NewClient {
  readonly passphrase: Secret<string>;
  /** With the encryption of old. */
  readonly legacy: boolean;
}

/** What its file is called, unless somebody says otherwise. */
export function clientFileName({ user, device }: Pick<NewClient, 'user' | 'device'>): string {
  return `${fileNameOf(device === undefined ? user : `${user}-${device}`)}.p12`;
}

/**
 * Issues a certificate for a client, and writes it with its key as PKCS#12. Where it cannot be written it is revoked again, since
 * its key is nowhere then, and what `write` threw is thrown on.
 */
export async function issueClientFile(
  authority: CertificateAuthority,
  { passphrase, legacy, ...client }: ClientFileOrder,
  write: (content: Uint8Array) => void,
): Promise<AuthorityResult<IssuedCertificate>> {
  const state = await authority.state();
  if (!state.ok) return state;
  const legacyNeedsRsa = { ok: false, reason: 'legacyNeedsRsa' } as const;
  // A client's key is of its authority's kind.
  if (legacy && !state.value.authority.key.startsWith('RSA')) return legacyNeedsRsa;
  const made = await authority.client(client);
  if (!made.ok) return made;
  const { issued, chain, key } = made.value;
  let isWritten = false;
  try {
    const encryption = legacy ? 'legacy' : 'modern';
    const content = await writePkcs12File({ key, chain, passphrase, name: client.user, encryption });
    if (content === undefined) return legacyNeedsRsa;
    write(content);
    isWritten = true;
    return { ok: true, value: issued };
  } finally {
    if (!isWritten) await authority.revoke({ serial: issued.serial });
  }
}
