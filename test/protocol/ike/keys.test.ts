import { beforeAll, describe, expect, test } from 'vitest';
import { createCrypto } from '../../../main/engine/crypto/index.ts';
import type { CbcName, CryptoPort, HashName } from '../../../main/protocol/crypto.ts';
import { proofHash } from '../../../main/protocol/ike/authentication.ts';
import {
  type IkeKeys,
  type Pair,
  authenticationHash,
  decryptBody,
  deriveEspKeys,
  deriveIkeKeys,
  encryptBody,
  firstHash,
  ikeCipherSizes,
  natDetectionHash,
  phase1Iv,
  phase2Iv,
  secondHash,
  thirdHash,
  wipeIkeKeys,
} from '../../../main/protocol/ike/keys.ts';
import type { EspSuite } from '../../../main/protocol/ipsec/index.ts';
import { fromHex, toHex } from '../../../main/protocol/wire/bytes.ts';
import { WireError } from '../../../main/protocol/wire/error.ts';
import vectors from '../../vectors/ike-keys.json' with { type: 'json' };

let crypto: CryptoPort;
beforeAll(async () => {
  crypto = await createCrypto();
});

type Vector = (typeof vectors)[number];

function exchangeOf(vector: Vector) {
  const pair = (initiator: string, responder: string): Pair => ({
    initiator: fromHex(initiator),
    responder: fromHex(responder),
  });
  return {
    suite: { cipher: vector.cipher as CbcName, hash: vector.hash as HashName },
    cookies: pair(vector.initiatorCookie, vector.responderCookie),
    nonces: pair(vector.initiatorNonce, vector.responderNonce),
    publicValues: pair(vector.initiatorPublic, vector.responderPublic),
    quickNonces: pair(vector.quickInitiatorNonce, vector.quickResponderNonce),
  };
}

function keysOf(vector: Vector): IkeKeys {
  const { suite, cookies, nonces, publicValues } = exchangeOf(vector);
  const preSharedKey = fromHex(vector.preSharedKey);
  const sharedSecret = fromHex(vector.sharedSecret);
  return deriveIkeKeys(crypto, { suite, preSharedKey, cookies, nonces, publicValues, sharedSecret });
}

/** test/vectors/ike-keys.json was computed by another program (Python's hmac and hashlib) from RFC 2409's formulas. */
describe.each(vectors)('known answers of RFC 2409 for $cipher and $hash', (vector) => {
  test('SKEYID and what comes from it', () => {
    const keys = keysOf(vector);
    expect(toHex(keys.root)).toBe(vector.root);
    expect(toHex(keys.derivation)).toBe(vector.derivation);
    expect(toHex(keys.authentication)).toBe(vector.authentication);
    expect(toHex(keys.cipherKey)).toBe(vector.cipherKey);
  });

  test('HASH_I and HASH_R', () => {
    const { cookies, publicValues } = exchangeOf(vector);
    const hashOf = (side: keyof Pair, identity: string) =>
      toHex(
        authenticationHash(crypto, keysOf(vector), vector.hash as HashName, side, {
          cookies,
          publicValues,
          offer: fromHex(vector.offer),
          identity: fromHex(identity),
        }),
      );
    expect(hashOf('initiator', vector.initiatorIdentity)).toBe(vector.hashInitiator);
    expect(hashOf('responder', vector.responderIdentity)).toBe(vector.hashResponder);
  });

  test('SKEYID of an exchange with signatures, and what ECDSA on P-384 signs', () => {
    const { suite, cookies, nonces, publicValues } = exchangeOf(vector);
    const sharedSecret = fromHex(vector.sharedSecret);
    const inputs = { suite, preSharedKey: undefined, cookies, nonces, publicValues, sharedSecret };
    const keys = deriveIkeKeys(crypto, inputs);
    expect(toHex(keys.root)).toBe(vector.signatureRoot);
    const exchange = {
      cookies,
      publicValues,
      offer: fromHex(vector.offer),
      identity: fromHex(vector.initiatorIdentity),
    };
    const hash = authenticationHash(
      crypto,
      keys,
      proofHash({ authentication: 'ecdsa384', suite }),
      'initiator',
      exchange,
    );
    expect(toHex(hash)).toBe(vector.signatureHashInitiatorSha384);
  });

  test('HASH(1), HASH(2) and HASH(3)', () => {
    const keys = keysOf(vector);
    const { quickNonces } = exchangeOf(vector);
    const payloads = fromHex(vector.payloads);
    expect(toHex(firstHash(crypto, keys, vector.messageId, payloads))).toBe(vector.hash1);
    expect(toHex(secondHash(crypto, keys, vector.messageId, quickNonces.initiator, payloads))).toBe(vector.hash2);
    expect(toHex(thirdHash(crypto, keys, vector.messageId, quickNonces))).toBe(vector.hash3);
  });

  test('initial vectors', () => {
    const { suite, publicValues } = exchangeOf(vector);
    expect(toHex(phase1Iv(crypto, suite, publicValues))).toBe(vector.phase1Iv);
    expect(toHex(phase2Iv(crypto, suite, fromHex(vector.lastPhase1Block), vector.messageId))).toBe(vector.phase2Iv);
  });

  test('KEYMAT, without and with perfect forward secrecy', () => {
    const inputs = { suite: vector.esp as EspSuite, spi: fromHex(vector.spi), nonces: exchangeOf(vector).quickNonces };
    const sharedSecret = fromHex(vector.quickSharedSecret);
    const hexOf = ({ cipherKey, integrityKey }: ReturnType<typeof deriveEspKeys>) => ({
      cipherKey: toHex(cipherKey),
      integrityKey: toHex(integrityKey),
    });
    expect(hexOf(deriveEspKeys(crypto, keysOf(vector), inputs))).toEqual(vector.keymat);
    expect(hexOf(deriveEspKeys(crypto, keysOf(vector), { ...inputs, sharedSecret }))).toEqual(vector.keymatWithPfs);
  });

  test('the hash of NAT detection', () => {
    const { suite, cookies } = exchangeOf(vector);
    const address = fromHex(vector.natAddress);
    expect(toHex(natDetectionHash(crypto, suite.hash, cookies, address, vector.natPort))).toBe(vector.natDetection);
  });

  test('messages are padded with zeros to whole blocks, and chained by their last block', () => {
    const keys = keysOf(vector);
    const { blockBytes } = ikeCipherSizes[keys.suite.cipher];
    const iv = fromHex(vector.phase1Iv);
    for (const length of [1, blockBytes - 1, blockBytes, blockBytes + 1, 100]) {
      const payloads = fromHex('ab'.repeat(length));
      const { body, nextIv } = encryptBody(crypto, keys, iv, payloads);
      expect(body.length).toBe(Math.ceil(length / blockBytes) * blockBytes);
      expect(nextIv).toEqual(body.subarray(-blockBytes));
      const opened = decryptBody(crypto, keys, iv, body);
      expect(toHex(opened.payloads)).toBe(toHex(payloads).padEnd(2 * body.length, '0'));
      expect(opened.nextIv).toEqual(nextIv);
    }
  });

  test('a body that is not whole blocks is refused', () => {
    const iv = fromHex(vector.phase1Iv);
    for (const length of [0, 1, 15, 17]) {
      expect(() => decryptBody(crypto, keysOf(vector), iv, new Uint8Array(length))).toThrow(WireError);
    }
  });
});

test('wiped keys are zero', () => {
  const keys = keysOf(vectors[0] ?? expect.unreachable());
  wipeIkeKeys(keys);
  for (const key of [keys.root, keys.derivation, keys.authentication, keys.cipherKey]) {
    expect(key.length).toBeGreaterThan(0);
    expect(key.every((byte) => byte === 0)).toBe(true);
  }
});

test('the caller’s inputs are not touched by the wiping of intermediate secrets', () => {
  const vector = vectors[0] ?? expect.unreachable();
  const inputs = { suite: vector.esp as EspSuite, spi: fromHex(vector.spi), nonces: exchangeOf(vector).quickNonces };
  const sharedSecret = fromHex(vector.quickSharedSecret);
  deriveEspKeys(crypto, keysOf(vector), { ...inputs, sharedSecret });
  expect(toHex(sharedSecret)).toBe(vector.quickSharedSecret);
  expect(toHex(inputs.spi)).toBe(vector.spi);
});
