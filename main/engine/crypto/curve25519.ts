import { type KeyObject, createPrivateKey, createPublicKey, diffieHellman, randomBytes } from 'node:crypto';
import { concat, fromHex } from '../../protocol/wire/bytes.ts';
import { plain } from './bytes.ts';
import type { DhGroup } from './group.ts';

/** What stands before the 32 raw bytes in DER (RFC 8410 §7 and §4). */
const privateHead = fromHex('302e020100300506032b656e04220420');
const publicHead = fromHex('302a300506032b656e032100');
const keyBytes = 32;

/** Curve25519 in IKE (RFC 8031): raw values of RFC 7748. */
export const curve25519: DhGroup = {
  createPrivateKey: () => plain(randomBytes(keyBytes)),
  publicValue: (privateKey) => {
    const encoded = createPublicKey(importPrivate(privateKey)).export({ format: 'der', type: 'spki' });
    return plain(encoded).subarray(publicHead.length);
  },
  agree: (privateKey, peer) => {
    if (peer.length !== keyBytes) return undefined;
    try {
      const publicKey = createPublicKey({ key: Buffer.from(concat(publicHead, peer)), format: 'der', type: 'spki' });
      const secret = plain(diffieHellman({ privateKey: importPrivate(privateKey), publicKey }));
      return secret.some((byte) => byte !== 0) ? secret : undefined; // RFC 7748 §6.1
    } catch {
      return undefined; // a point of small order, where the library refuses it by itself
    }
  },
};

function importPrivate(privateKey: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(concat(privateHead, privateKey)), format: 'der', type: 'pkcs8' });
}
