import { createECDH } from 'node:crypto';
import { concat } from '../../protocol/wire/bytes.ts';
import { leftPad, plain } from './bytes.ts';
import type { DhGroup } from './group.ts';

const uncompressed = Uint8Array.of(4); // SEC 1's prefix of a point, which IKE leaves out

/** A curve of RFC 5903: a public value is x | y (§7), the secret is x alone (§9). */
export function ecpGroup(curve: string, fieldBytes: number): DhGroup {
  const keyed = (privateKey: Uint8Array) => {
    const ecdh = createECDH(curve);
    ecdh.setPrivateKey(privateKey);
    return ecdh;
  };
  return {
    createPrivateKey: () => {
      const ecdh = createECDH(curve);
      ecdh.generateKeys();
      return leftPad(ecdh.getPrivateKey(), fieldBytes);
    },
    publicValue: (privateKey) => plain(keyed(privateKey).getPublicKey()).subarray(uncompressed.length),
    agree: (privateKey, peer) => {
      if (peer.length !== 2 * fieldBytes) return undefined;
      try {
        return leftPad(keyed(privateKey).computeSecret(concat(uncompressed, peer)), fieldBytes);
      } catch {
        return undefined; // Node refuses a point that is not on the curve
      }
    },
  };
}
