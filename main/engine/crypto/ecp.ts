import { createECDH } from 'node:crypto';
import { concat } from '../../protocol/wire/bytes.ts';
import { leftPad, plain } from './bytes.ts';
import type { DhGroup } from './group.ts';

const uncompressed = Uint8Array.of(4); // SEC 1's prefix of a point, which IKE leaves out

/** A curve of RFC 5903: a public value is x | y (§7), the secret is x alone (§9). */
export function ecpGroup(curve: string, fieldBytes: number): DhGroup {
  return (named) => {
    // Kept for the whole exchange: setting a private key again costs as much as making one.
    const ecdh = createECDH(curve);
    if (named === undefined) ecdh.generateKeys();
    else ecdh.setPrivateKey(named);
    return {
      publicValue: plain(ecdh.getPublicKey()).subarray(uncompressed.length),
      agree: (peer) => {
        if (peer.length !== 2 * fieldBytes) return undefined;
        try {
          return leftPad(ecdh.computeSecret(concat(uncompressed, peer)), fieldBytes);
        } catch {
          return undefined; // Node refuses a point that is not on the curve
        }
      },
    };
  };
}
