import { type DiffieHellman, createDiffieHellman, randomBytes } from 'node:crypto';
import { fromHex, toHex } from '../../protocol/wire/bytes.ts';
import type { DhGroup } from './group.ts';
import { leftPad, plain } from './bytes.ts';
import { modpPrimes } from './modp-primes.ts';

/** RFC 3526 §8, the larger estimate; longer exponents only cost time. Group 2 is in no such table: as its next. */
const exponentBits: Readonly<Record<keyof typeof modpPrimes, number>> = {
  modp1024: 240,
  modp1536: 240,
  modp2048: 320,
  modp3072: 424,
  modp4096: 480,
};
const generator = Uint8Array.of(2);

/**
 * A MODP group. One DiffieHellman object serves all its exchanges, re-keyed before each use: under Electron its
 * constructor takes up to seconds, since BoringSSL tests the prime again.
 */
export function modpGroup(name: keyof typeof modpPrimes): DhGroup {
  const prime = fromHex(modpPrimes[name]);
  const largest = bigintOf(prime) - 2n;
  let shared: DiffieHellman | undefined;
  const keyed = (privateKey: Uint8Array) => {
    shared ??= createDiffieHellman(prime, generator);
    shared.setPrivateKey(privateKey);
    return shared;
  };
  return (named) => {
    const privateKey = named ?? plain(randomBytes(exponentBits[name] / 8));
    return {
      publicValue: leftPad(keyed(privateKey).generateKeys(), prime.length),
      agree: (peer) => {
        if (peer.length !== prime.length) return undefined;
        const value = bigintOf(peer);
        if (value < 2n || value > largest) return undefined;
        return leftPad(keyed(privateKey).computeSecret(peer), prime.length);
      },
    };
  };
}

function bigintOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}
