import { constants, type KeyObject, privateEncrypt, publicDecrypt, timingSafeEqual } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import type { SignatureMethod, SigningKey, VerifyingKey } from '../../protocol/crypto.ts';
import { concat } from '../../protocol/wire/bytes.ts';
import { leftPad, plain } from './bytes.ts';

/**
 * Signatures of a hash that is there already, as IKEv1 makes them. RSA is the runtime's; for ECDSA either runtime insists on
 * hashing by itself, so that it comes from a library (docs/decisions/0002-libraries.md).
 */

const curves = {
  prime256v1: { method: 'ecdsa256', curve: p256, fieldBytes: 32 },
  secp384r1: { method: 'ecdsa384', curve: p384, fieldBytes: 48 },
  secp521r1: { method: 'ecdsa521', curve: p521, fieldBytes: 66 },
} as const;

/** The hash is there already, and other programs make signatures with an s of either half. */
const asItIs = { prehash: false, lowS: false } as const;
const uncompressed = Uint8Array.of(4); // SEC 1's prefix of a point
const pkcs1 = { padding: constants.RSA_PKCS1_PADDING } as const;

class PrivateKey implements SigningKey {
  readonly method: SignatureMethod;
  readonly #sign: (hash: Uint8Array) => Uint8Array;

  constructor(method: SignatureMethod, sign: (hash: Uint8Array) => Uint8Array) {
    this.method = method;
    this.#sign = sign;
  }

  sign(hash: Uint8Array): Uint8Array {
    return this.#sign(hash);
  }
}

class PublicKey implements VerifyingKey {
  readonly method: SignatureMethod;
  readonly #verify: (hash: Uint8Array, signature: Uint8Array) => boolean;

  constructor(method: SignatureMethod, verify: (hash: Uint8Array, signature: Uint8Array) => boolean) {
    this.method = method;
    this.#verify = verify;
  }

  verify(hash: Uint8Array, signature: Uint8Array): boolean {
    return this.#verify(hash, signature);
  }
}

/** @returns `undefined` where IKE has no method for this kind of key. */
export function signingKey(key: KeyObject): SigningKey | undefined {
  if (key.type !== 'private') return undefined;
  if (key.asymmetricKeyType === 'rsa') {
    return new PrivateKey('rsa', (hash) => plain(privateEncrypt({ key, ...pkcs1 }, hash)));
  }
  const found = curveOf(key);
  if (found === undefined) return undefined;
  const scalar = number(key.export({ format: 'jwk' }).d, found.fieldBytes);
  return new PrivateKey(found.method, (hash) => found.curve.sign(hash, scalar, asItIs));
}

/** @returns `undefined` where IKE has no method for this kind of key. */
export function verifyingKey(key: KeyObject): VerifyingKey | undefined {
  if (key.type !== 'public') return undefined;
  if (key.asymmetricKeyType === 'rsa') {
    return new PublicKey('rsa', (hash, signature) => {
      const signed = openRsa(key, signature);
      return signed?.length === hash.length && timingSafeEqual(signed, hash);
    });
  }
  const found = curveOf(key);
  if (found === undefined) return undefined;
  const { method, curve, fieldBytes } = found;
  const { x, y } = key.export({ format: 'jwk' });
  const point = concat(uncompressed, number(x, fieldBytes), number(y, fieldBytes));
  return new PublicKey(
    method,
    (hash, signature) => signature.length === 2 * fieldBytes && curve.verify(signature, hash, point, asItIs),
  );
}

/** @throws TypeError on a key that `signingKey` did not make. */
export function signHash(key: SigningKey, hash: Uint8Array): Uint8Array {
  if (!(key instanceof PrivateKey)) throw new TypeError('not a signing key of this port');
  return key.sign(hash);
}

/** @throws TypeError on a key that `verifyingKey` did not make. */
export function verifyHash(key: VerifyingKey, hash: Uint8Array, signature: Uint8Array): boolean {
  if (!(key instanceof PublicKey)) throw new TypeError('not a verifying key of this port');
  return key.verify(hash, signature);
}

/** What was signed, out of its padding; `undefined` where there is none. */
function openRsa(key: KeyObject, signature: Uint8Array): Uint8Array | undefined {
  try {
    return publicDecrypt({ key, ...pkcs1 }, signature);
  } catch {
    return undefined;
  }
}

function curveOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  const name = asymmetricKeyDetails?.namedCurve ?? '';
  return asymmetricKeyType === 'ec' && name in curves ? curves[name as keyof typeof curves] : undefined;
}

/** A member of a JWK (RFC 7518 §6.2). */
function number(text = '', fieldBytes: number): Uint8Array {
  return leftPad(Buffer.from(text, 'base64url'), fieldBytes);
}
