import type { HashName } from '../crypto.ts';
import type { CertificateConfig, IkeAuthentication, IkeConfig, IkeProposal, OwnCertificate } from './types.ts';

/** The ways in which the ends may prove who they are: which of them a side can go, and what each asks for. */

/** In order of preference: certificates, each for its method, before the pre-shared key. */
export function authenticationsOf({
  certificates,
  preSharedKey,
}: Pick<IkeConfig, 'preSharedKey'> & {
  readonly certificates?: Pick<CertificateConfig, 'own'>;
}): readonly IkeAuthentication[] {
  const methods = (certificates?.own ?? []).map(({ key }) => key.method);
  return [...new Set<IkeAuthentication>([...methods, ...(preSharedKey.length === 0 ? [] : (['psk'] as const))])];
}

export function ownCertificateFor({ certificates }: IkeConfig, method: IkeAuthentication): OwnCertificate | undefined {
  return certificates?.own.find(({ key }) => key.method === method);
}

/** An ECDSA method brings the hash of its strength (RFC 4754). */
const ownHashes: Partial<Record<IkeAuthentication, HashName>> = {
  ecdsa256: 'sha256',
  ecdsa384: 'sha384',
  ecdsa521: 'sha512',
};

/** Of HASH_I and HASH_R. */
export function proofHash({
  authentication,
  suite,
}: {
  readonly authentication: IkeAuthentication;
  readonly suite: Pick<IkeProposal, 'hash'>;
}): HashName {
  return ownHashes[authentication] ?? suite.hash;
}
