import { type DiffieHellman, createDiffieHellman, randomBytes } from 'node:crypto';
import { fromHex, toHex } from '../../protocol/wire/bytes.ts';
import type { DhGroup } from './group.ts';
import { leftPad, plain } from './bytes.ts';
import { modpPrimes } from './modp-primes.ts';

/** Twice the strength of the largest group here, and more (RFC 3526 §8): longer exponents only cost time. */
const exponentBytes = 64;
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
  return {
    createPrivateKey: () => plain(randomBytes(exponentBytes)),
    publicValue: (privateKey) => leftPad(keyed(privateKey).generateKeys(), prime.length),
    agree: (privateKey, peer) => {
      if (peer.length !== prime.length) return undefined;
      const value = bigintOf(peer);
      if (value < 2n || value > largest) return undefined;
      return leftPad(keyed(privateKey).computeSecret(peer), prime.length);
    },
  };
}

function bigintOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`);
}
