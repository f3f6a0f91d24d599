import type { KeyObject } from 'node:crypto';
import { isAmong, isSignedBy } from '../path/candidates.ts';
import type { Certificate } from '../x509/certificate.ts';
import { sameName } from '../x509/distinguished-name.ts';
import { isStrongKey } from '../x509/key.ts';

/** What any authority has is 65537. */
const largestExponent = 2n ** 33n;

/**
 * The authorities above a certificate of one's own, each by a signature that holds: a name alone could be anybody's. The way up
 * goes through what came in its own file only, and may end at any of the list: one of the list that another one signed (or says it
 * did) leads nowhere, since whoever knows a public key can make a certificate of it under an authority of theirs.
 */
export function vouchersOf(
  own: Certificate,
  along: readonly Certificate[],
  listed: readonly Certificate[],
): readonly Certificate[] {
  const found: Certificate[] = [];
  const waiting = [own];
  for (const last of waiting) {
    for (const issuer of [...along, ...listed]) {
      if (!issuer.isAuthority || isAmong(found, issuer) || !sameName(issuer.subject, last.issuer)) continue;
      if (!cannotBeMadeToFit(issuer.publicKey) || !isSignedBy(last, issuer)) continue;
      found.push(issuer);
      if (isAmong(along, issuer)) waiting.push(issuer);
    }
  }
  return found;
}

/**
 * To a signature that is known, whoever may choose the exponent freely can make another RSA key that it holds under as well
 * (duplicate signature key selection, Blake-Wilson and Menezes 1999), and so can who may choose the curve.
 */
function cannotBeMadeToFit(key: KeyObject): boolean {
  return isStrongKey(key) && (key.asymmetricKeyDetails?.publicExponent ?? 0n) < largestExponent;
}
