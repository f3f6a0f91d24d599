export type {
  ExpectedPeer,
  OwnCertificate,
  OwnCertificateResult,
  OwnCertificateSource,
  PeerVerdict,
  RevocationSources,
  TrustSettings,
} from './types.ts';

import type { ExpectedPeer, OwnCertificateResult, OwnCertificateSource, PeerVerdict, TrustSettings } from './types.ts';

/**
 * Judges the chain that a peer sent: DER, its own certificate first, the rest in any order.
 * Never rejects; bounded in work, and in time where it asks for revocation.
 */
export type VerifyPeer = (
  chain: readonly Uint8Array[],
  expected: ExpectedPeer,
  trust: TrustSettings,
  nowMs: number,
) => Promise<PeerVerdict>;

/** Never rejects. */
export type LoadOwnCertificate = (source: OwnCertificateSource) => Promise<OwnCertificateResult>;
