import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as helper from '../../../main/contracts/helper.ts';
import { espIntegrities as ikeIntegrities, espTransforms } from '../../../main/protocol/ike/wire/index.ts';
import {
  type EspSuite,
  cipherKeyBytes,
  espCiphers,
  espIntegrities,
  espPacketBytes,
  integrityKeyBytes,
  largestEspPayloadBytes,
} from '../../../main/protocol/ipsec/index.ts';

const integrities = Object.keys(espIntegrities).filter((name) => name !== 'none');

const suites = Object.entries(espCiphers).flatMap(([cipher, { keyBits, tagBytes }]) =>
  keyBits.flatMap((bits) =>
    (tagBytes > 0 ? ['none'] : integrities).map((integrity) => ({ cipher, keyBits: bits, integrity }) as EspSuite),
  ),
);

test('names are those of the helper and of the IKE registries', () => {
  expect(Object.keys(espCiphers).sort()).toEqual([...helper.espCipher.options].sort());
  expect(Object.keys(espIntegrities).sort()).toEqual([...helper.espIntegrity.options].sort());
  expect(Object.keys(espTransforms.numbers)).toEqual(expect.arrayContaining(Object.keys(espCiphers)));
  expect(Object.keys(ikeIntegrities.numbers)).toEqual(expect.arrayContaining(integrities));
});

test.each<[EspSuite, number, number]>([
  [{ cipher: 'aes-gcm-16', keyBits: 128, integrity: 'none' }, 20, 0],
  [{ cipher: 'aes-gcm-16', keyBits: 256, integrity: 'none' }, 36, 0],
  [{ cipher: 'aes-cbc', keyBits: 192, integrity: 'hmac-sha256-128' }, 24, 32],
  [{ cipher: 'aes-cbc', keyBits: 256, integrity: 'hmac-sha512-256' }, 32, 64],
  [{ cipher: '3des-cbc', keyBits: 192, integrity: 'hmac-sha1-96' }, 24, 20],
])('keys of %o', (suite, cipherBytes, integrityBytes) => {
  expect(cipherKeyBytes(suite)).toBe(cipherBytes);
  expect(integrityKeyBytes(suite)).toBe(integrityBytes);
});

describe('sizes on the wire', () => {
  const gcm: EspSuite = { cipher: 'aes-gcm-16', keyBits: 256, integrity: 'none' };
  const cbc: EspSuite = { cipher: 'aes-cbc', keyBits: 128, integrity: 'hmac-sha1-96' };

  test.each([
    ['AES-GCM bare over IPv4', gcm, { ipVersion: 4, udp: false }, 100, 20 + 8 + 8 + 104 + 16],
    ['AES-GCM in UDP over IPv4', gcm, { ipVersion: 4, udp: true }, 100, 20 + 8 + 8 + 8 + 104 + 16],
    ['AES-CBC in UDP over IPv6', cbc, { ipVersion: 6, udp: true }, 110, 40 + 8 + 8 + 16 + 112 + 12],
    ['one byte more starts a new block', cbc, { ipVersion: 6, udp: true }, 111, 40 + 8 + 8 + 16 + 128 + 12],
  ] as const)('%s', (_, suite, carrier, payloadBytes, packetBytes) => {
    expect(espPacketBytes(suite, carrier, payloadBytes)).toBe(packetBytes);
  });

  test('the largest payload fits the MTU, and one byte more does not', () => {
    const carriers = fc.record({ ipVersion: fc.constantFrom(4 as const, 6 as const), udp: fc.boolean() });
    fc.assert(
      fc.property(fc.constantFrom(...suites), carriers, fc.integer({ min: 576, max: 9000 }), (suite, carrier, mtu) => {
        const payload = largestEspPayloadBytes(suite, carrier, mtu);
        expect(payload).toBeGreaterThan(0);
        expect(espPacketBytes(suite, carrier, payload)).toBeLessThanOrEqual(mtu);
        expect(espPacketBytes(suite, carrier, payload + 1)).toBeGreaterThan(mtu);
      }),
    );
  });

  test('an MTU below the headers carries nothing', () => {
    expect(largestEspPayloadBytes(gcm, { ipVersion: 4, udp: true }, 40)).toBe(0);
  });
});
