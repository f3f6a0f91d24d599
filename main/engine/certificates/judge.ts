import { X509Certificate } from 'node:crypto';
import { type ExpectedPeer, type TrustSettings, unwrapCertificates, verifyPeer } from '../../certificates/index.ts';
import type { CertificateIdentity } from '../../contracts/certificates.ts';
import type { Identity, PeerVerdict, PresentedCertificate } from '../../protocol/ike/index.ts';
import { verifyingKey } from '../crypto/signatures.ts';

/** What IKE asks about a peer's certificates, and the answer in its words. Never rejects. */
export type Judge = (certificates: readonly PresentedCertificate[], claimed: Identity) => Promise<PeerVerdict>;

export function judgeOf(trust: TrustSettings, expected: Omit<ExpectedPeer, 'claimed'>): Judge {
  return async (certificates, identity) => {
    const claimed = nameClaimed(identity);
    const chain = unwrapCertificates(certificates);
    const verdict = await verifyPeer(chain, { ...expected, ...(claimed && { claimed }) }, trust, Date.now());
    if (!verdict.ok) return verdict;
    const [leaf = new Uint8Array()] = chain;
    const certificate = { ...verdict.certificate, commonNames: commonNamesOf(leaf) };
    const publicKey = verifyingKey(verdict.publicKey);
    if (publicKey !== undefined) return { ok: true, publicKey, certificate };
    const { subject, key } = certificate;
    return { ok: false, reason: 'weak', subject, detail: `has a key that IKE cannot sign with (${key})` };
  };
}

/** Of a certificate that was read before. */
function commonNamesOf(der: Uint8Array): string[] {
  const { CN: names = [] } = new X509Certificate(der).toLegacyObject().subject as { CN?: string | string[] };
  return [names].flat();
}

/**
 * The name that the certificate has to hold as well. Addresses and key IDs are none: behind a NAT a peer does not know the address
 * it is seen by, and many gateways put theirs there whatever their certificate says. Who it is, the certificate tells.
 */
function nameClaimed(identity: Identity): CertificateIdentity | undefined {
  switch (identity.type) {
    case 'fqdn':
    case 'userFqdn':
      return { kind: identity.type, value: identity.name };
    case 'distinguishedName':
      return { kind: 'distinguishedName', value: identity.der };
    case 'ipv4':
    case 'ipv6':
    case 'keyId':
    case 'other':
      return undefined;
  }
}
