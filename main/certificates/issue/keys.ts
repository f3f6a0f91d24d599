import { createPublicKey, generateKeyPair, webcrypto, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { certificateKeyKinds } from '../../contracts/certificates.ts';

/** Keys that certificates are made for and by. RSA is what every client knows; ECDSA is smaller and faster where all know it. */
export const keyKinds = certificateKeyKinds;
export type KeyKind = (typeof keyKinds)[number];

const generate = promisify(generateKeyPair);

/** @param rsaBits  3072 for an authority, which lasts longer than what it issues */
export async function newPrivateKey(kind: KeyKind, rsaBits: 2048 | 3072 = 2048): Promise<KeyObject> {
  if (kind === 'ecdsa') return (await generate('ec', { namedCurve: 'P-256' })).privateKey;
  return (await generate('rsa', { modulusLength: rsaBits })).privateKey;
}

export function kindOf(key: KeyObject): KeyKind {
  return key.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa';
}

/** For pkijs, which signs by the runtime's WebCrypto. */
export function signingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const der = key.export({ type: 'pkcs8', format: 'der' });
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  const curves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };
  const algorithm =
    kindOf(key) === 'rsa'
      ? { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
      : { name: 'ECDSA', namedCurve: curves[namedCurve ?? ''] ?? 'P-256' };
  return webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
}

/** SubjectPublicKeyInfo, DER. */
export function publicKeyDer(key: KeyObject): Uint8Array<ArrayBuffer> {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
}
