import * as pkijs from 'pkijs';
import type { Certificate } from '../x509/certificate.ts';
import type { Path } from './candidates.ts';

/**
 * Policies, policy constraints and mappings (RFC 5280 §6.1), and once more names, dates and authorities, by pkijs. It is given the
 * one path that was found: left to look for issuers by itself it would follow certificates that issued each other without end, and
 * check signatures in the runtime's WebCrypto that the runtime's X.509 has checked.
 */
export async function obeysPolicies(path: Path, nowMs: number): Promise<boolean> {
  const authority = path.at(-1);
  // Who is trusted by itself has no authority above it that could demand anything.
  if (authority === undefined || path.length < 2) return true;
  const engine = new pkijs.CertificateChainValidationEngine({
    trustedCerts: [authority.parsed],
    // The end of the chain is the last one.
    certs: path
      .slice(0, -1)
      .toReversed()
      .map(({ parsed }) => parsed),
    checkDate: new Date(nowMs),
    findIssuer: (certificate) => Promise.resolve(issuerWithin(path, certificate)),
  });
  const { result } = await engine.verify();
  return result;
}

function issuerWithin(path: Path, certificate: pkijs.Certificate): pkijs.Certificate[] {
  const place = path.findIndex(({ parsed }: Certificate) => parsed === certificate);
  const issuer = path[place + 1];
  return place < 0 || issuer === undefined ? [] : [issuer.parsed];
}
