import type { KeyObject } from 'node:crypto';

const curves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

const shortestRsaBits = 2048;
/** Longer ones make a peer's signature cost more than a peer may. */
const longestRsaBits = 8192;

/** Such as `RSA 2048` or `ECDSA P-256`. */
export function keyText(key: KeyObject): string {
  const { modulusLength, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  const { asymmetricKeyType: type = 'unknown' } = key;
  if (isRsa(type)) return `RSA ${modulusLength ?? 0}`;
  return type === 'ec' ? `ECDSA ${curves[namedCurve] ?? namedCurve}` : type;
}

/** Whether a signature by this key proves anything, and its check costs no more than it should. */
export function isStrongKey(key: KeyObject): boolean {
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  const { asymmetricKeyType: type = 'unknown' } = key;
  if (isRsa(type)) return modulusLength >= shortestRsaBits && modulusLength <= longestRsaBits;
  return type === 'ec' ? namedCurve in curves : type === 'ed25519';
}

function isRsa(type: string): boolean {
  return type === 'rsa' || type === 'rsa-pss';
}

/** Whether IKEv1 can sign with it: RSA (RFC 2409 §5.1), or ECDSA on a curve of RFC 4754. */
export function isIkeKey(key: KeyObject): boolean {
  return (key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'ec') && isStrongKey(key);
}
