import type { Certificate } from '../x509/certificate.ts';
import { sameName } from '../x509/distinguished-name.ts';

/** The ways from a peer's certificate to an authority that is trusted: its own first, the authority last. */
export type Path = readonly Certificate[];

const longestPath = 8;
const mostPaths = 4;
/** Signatures checked for one peer, whatever it sent: certificates that issued each other make many ways. */
const mostChecks = 48;

/** In the order in which issuers are given, so that what the peer sent first is tried first. */
export function candidatePaths(
  leaf: Certificate,
  pool: readonly Certificate[],
  authorities: readonly Certificate[],
): readonly Path[] {
  const paths: Path[] = [];
  let checks = 0;

  const issued = (issuer: Certificate, certificate: Certificate): boolean => {
    if (!sameName(issuer.subject, certificate.issuer) || checks >= mostChecks) return false;
    checks += 1;
    return isSignedBy(certificate, issuer);
  };

  const extend = (path: Path, last: Certificate): void => {
    if (paths.length >= mostPaths || path.length >= longestPath) return;
    const fresh = (issuer: Certificate): boolean => !path.some(({ fingerprint }) => fingerprint === issuer.fingerprint);
    for (const authority of authorities) {
      if (fresh(authority) && issued(authority, last)) paths.push([...path, authority]);
    }
    for (const issuer of pool) {
      if (fresh(issuer) && issued(issuer, last)) extend([...path, issuer], issuer);
    }
  };

  if (isAmong(authorities, leaf)) return [[leaf]];
  // An authority that the peer sent along is not trusted for that.
  extend([leaf], leaf);
  return paths;
}

export function isAmong(certificates: readonly Certificate[], { fingerprint }: Certificate): boolean {
  return certificates.some((known) => known.fingerprint === fingerprint);
}

/** The runtime's own check: OpenSSL's, or BoringSSL's. */
export function isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
  try {
    return certificate.runtime.verify(issuer.publicKey);
  } catch {
    // A key of another kind than the signature.
    return false;
  }
}
