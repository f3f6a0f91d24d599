import { getDiffieHellman } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCrypto } from '../../../main/engine/crypto/index.ts';
import { modpPrimes } from '../../../main/engine/crypto/modp-primes.ts';
import type { CryptoPort } from '../../../main/protocol/crypto.ts';
import { checks } from './vectors.ts';

let crypto: CryptoPort;
beforeAll(async () => {
  crypto = await createCrypto();
});

describe('the crypto port under Node', () => {
  test.each(checks)('$name', ({ run }) => {
    run(crypto);
  });
});

test.each([
  ['modp1024', 'modp2'],
  ['modp1536', 'modp5'],
  ['modp2048', 'modp14'],
  ['modp3072', 'modp15'],
  ['modp4096', 'modp16'],
] as const)('the prime of %s is the one OpenSSL knows as %s', (group, name) => {
  expect(modpPrimes[group]).toBe(getDiffieHellman(name).getPrime('hex'));
});
