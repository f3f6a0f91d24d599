import { authorityNames } from '../../certificates/index.ts';
import type { CertificateSummary } from '../../contracts/certificates.ts';
import type { Result } from '../../contracts/failure.ts';
import type { Profile } from '../../contracts/profile.ts';
import type { Secret } from '../../contracts/secret.ts';
import type { ClientConfig } from '../../session/client/index.ts';
import { identityOf } from '../../session/identity.ts';
import { type Judge, judgeOf } from './judge.ts';
import { readOwnCertificate } from './own.ts';
import { readTrust } from './trust.ts';

/** What a connection by certificates needs. */
export interface ClientCertificates {
  readonly ike: NonNullable<ClientConfig['certificates']>;
  readonly judge: Judge;
  /** This computer's own. */
  readonly summary: CertificateSummary;
}

/**
 * Reads what the profile says of certificates; `undefined` where it has none and goes by a pre-shared key.
 *
 * @param folder  what the profile's files are relative to
 */
export async function clientCertificates(
  { gateway, ipsec }: Profile,
  folder: string,
  passphrase?: Secret<string>,
): Promise<Result<ClientCertificates | undefined>> {
  const { certificate, localId, remoteId } = ipsec;
  if (certificate === undefined) return { ok: true, value: undefined };
  const trust = readTrust(ipsec.trust, folder, 'ipsec.trust');
  if (!trust.ok) return trust;
  const identity = localId === undefined ? undefined : identityOf(localId);
  const ready = await readOwnCertificate(certificate, passphrase, { folder, member: 'ipsec.certificate' }, identity);
  if (!ready.ok) return ready;
  const { own, summary } = ready.value;
  const { authorities } = trust.value;
  // A key ID is no certificate's, and the profile's schema refuses one here.
  const pinned =
    remoteId === undefined || remoteId.kind === 'keyId' ? undefined : { kind: remoteId.kind, value: remoteId.value };
  return {
    ok: true,
    value: {
      ike: { own: [own], authorities: authorityNames(authorities) },
      judge: judgeOf(trust.value, { role: 'gateway', names: [gateway], ...(pinned && { identity: pinned }) }),
      summary,
    },
  };
}
