export { openRevocationSources, type RevocationSourceOptions } from './revocation/sources.ts';
export { verifyPeer } from './verify-peer.ts';
export type {
  ExpectedPeer,
  OwnCertificate,
  OwnCertificateResult,
  OwnCertificateSource,
  PeerVerdict,
  RevocationSources,
  TrustSettings,
} from './types.ts';

import type { OwnCertificateResult, OwnCertificateSource } from './types.ts';

/** Never rejects. */
export type LoadOwnCertificate = (source: OwnCertificateSource) => Promise<OwnCertificateResult>;
