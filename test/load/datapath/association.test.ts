import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cipherKeyBytes, type EspSuite, integrityKeyBytes } from '../../../main/protocol/ipsec/index.ts';
import { Opener, Sealer } from './association.ts';

const suites: readonly EspSuite[] = [
  { cipher: 'aes-gcm-16', keyBits: 256, integrity: 'none' },
  { cipher: 'aes-gcm-16', keyBits: 128, integrity: 'none' },
  { cipher: 'aes-cbc', keyBits: 256, integrity: 'hmac-sha1-96' },
  { cipher: 'aes-cbc', keyBits: 128, integrity: 'hmac-sha256-128' },
  { cipher: '3des-cbc', keyBits: 192, integrity: 'hmac-md5-96' },
];

function ends(suite: EspSuite) {
  const keyBytes = { cipherKeyBytes: cipherKeyBytes(suite), integrityKeyBytes: integrityKeyBytes(suite) };
  const parameters = { spi: 0x1234_5678, cipher: suite.cipher, integrity: suite.integrity, ...keyBytes };
  const keys = randomBytes(keyBytes.cipherKeyBytes + keyBytes.integrityKeyBytes);
  return { sealer: new Sealer(parameters, keys), opener: new Opener(parameters, keys) };
}

test.each(suites)(
  '$cipher/$keyBits/$integrity: what is sealed is opened again, and nothing that was changed',
  (suite) => {
    const { sealer, opener } = ends(suite);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (segment, place, bits) => {
          const sealed = sealer.seal(segment);
          expect(opener.open(sealed)).toEqual(Buffer.from(segment));
          const at = place % sealed.length;
          expect(opener.open(sealed.with(at, (sealed[at] ?? 0) ^ bits))).toBeUndefined();
          expect(opener.open(sealed.subarray(0, at))).toBeUndefined();
        },
      ),
    );
  },
);
