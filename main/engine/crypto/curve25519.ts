import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { concat, fromHex } from '../../protocol/wire/bytes.ts';
import { plain } from './bytes.ts';
import type { DhGroup } from './group.ts';

/** What stands before the 32 raw bytes of a private key in DER (RFC 8410 §7). */
const privateHead = fromHex('302e020100300506032b656e04220420');
const keyBytes = 32;
/** Public values go in and out as JWK (RFC 8037): OpenSSL 3 takes longer to read DER than to multiply. */
const jwk = { kty: 'OKP', crv: 'X25519' } as const;

/** Curve25519 in IKE (RFC 8031): raw values of RFC 7748. */
export const curve25519: DhGroup = (named) => {
  const privateKey = named === undefined ? generateKeyPairSync('x25519').privateKey : importPrivate(named);
  const { x = '' } = privateKey.export({ format: 'jwk' });
  return {
    publicValue: plain(Buffer.from(x, 'base64url')),
    agree: (peer) => {
      if (peer.length !== keyBytes) return undefined;
      const key = { ...jwk, x: Buffer.from(peer).toString('base64url') };
      try {
        const secret = plain(diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: 'jwk' }) }));
        return secret.some((byte) => byte !== 0) ? secret : undefined; // RFC 7748 §6.1
      } catch {
        return undefined; // a point of small order, where the library refuses it by itself
      }
    },
  };
};

function importPrivate(bytes: Uint8Array) {
  return createPrivateKey({ key: Buffer.from(concat(privateHead, bytes)), format: 'der', type: 'pkcs8' });
}
