import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { dhGroups, startExchange } from '../../../main/engine/crypto/groups.ts';
import { modpPrimes } from '../../../main/engine/crypto/modp-primes.ts';
import { signingKey, verifyingKey } from '../../../main/engine/crypto/signatures.ts';
import type { CbcName, CryptoPort, DhGroupName, HashName } from '../../../main/protocol/crypto.ts';
import { fromHex, toHex } from '../../../main/protocol/wire/bytes.ts';
import cbcVectors from '../../vectors/crypto/cbc.json' with { type: 'json' };
import desVectors from '../../vectors/crypto/des.json' with { type: 'json' };
import dhVectors from '../../vectors/crypto/diffie-hellman.json' with { type: 'json' };
import hashVectors from '../../vectors/crypto/hash.json' with { type: 'json' };
import hmacVectors from '../../vectors/crypto/hmac.json' with { type: 'json' };
import md4Vectors from '../../vectors/crypto/md4.json' with { type: 'json' };
import signatureVectors from '../../vectors/crypto/signatures.json' with { type: 'json' };

/** One thing that must hold of the crypto port in every runtime; `run` throws where it does not. */
export interface Check {
  readonly name: string;
  readonly run: (crypto: CryptoPort) => void;
}

const groupNames = Object.keys(dhGroups) as DhGroupName[];

const hashes: Check[] = hashVectors.map(({ source, hash, data, digest }) => ({
  name: `${hash}: ${source}`,
  run: (crypto) => {
    const bytes = fromHex(data);
    assert.equal(toHex(crypto.hash(hash as HashName, bytes)), digest);
    assert.equal(toHex(crypto.hash(hash as HashName, bytes.subarray(0, 1), bytes.subarray(1))), digest);
  },
}));

const hmacs: Check[] = hmacVectors.map(({ source, hash, key, data, mac }) => ({
  name: `hmac ${hash}: ${source}`,
  run: (crypto) => {
    const bytes = fromHex(data);
    assert.equal(toHex(crypto.hmac(hash as HashName, fromHex(key), bytes)), mac);
    assert.equal(toHex(crypto.hmac(hash as HashName, fromHex(key), bytes.subarray(0, 3), bytes.subarray(3))), mac);
  },
}));

const md4: Check[] = md4Vectors.map(({ source, data, digest }, i) => ({
  name: `md4: ${source} (${i + 1})`,
  run: (crypto) => {
    assert.equal(toHex(crypto.md4(fromHex(data))), digest);
  },
}));

const des: Check[] = desVectors.map(({ source, key, plain, cipher }) => ({
  name: `des: ${source}`,
  run: (crypto) => {
    assert.equal(toHex(crypto.desEncryptBlock(fromHex(key), fromHex(plain))), cipher);
    assert.equal(toHex(crypto.desDecryptBlock(fromHex(key), fromHex(cipher))), plain);
  },
}));

const cbc: Check[] = cbcVectors.map(({ source, cipher, key, iv, plain, encrypted }) => ({
  name: `${cipher}: ${source}: ${plain.slice(0, 16)}`,
  run: (crypto) => {
    const name = cipher as CbcName;
    assert.equal(toHex(crypto.encryptCbc(name, fromHex(key), fromHex(iv), fromHex(plain))), encrypted);
    assert.equal(toHex(crypto.decryptCbc(name, fromHex(key), fromHex(iv), fromHex(encrypted))), plain);
  },
}));

const knownExchanges: Check[] = dhVectors.map(({ source, group, privateA, publicA, privateB, publicB, shared }) => ({
  name: `${group}: ${source}`,
  run: () => {
    const a = startExchange(group as DhGroupName, fromHex(privateA));
    const b = startExchange(group as DhGroupName, fromHex(privateB));
    assert.equal(toHex(a.publicValue), publicA);
    assert.equal(toHex(b.publicValue), publicB);
    assert.equal(hexOf(a.agree(b.publicValue)), shared);
    assert.equal(hexOf(b.agree(a.publicValue)), shared);
  },
}));

/** Two exchanges of each side at once: the group's object may be shared, their private keys may not be. */
const agreements: Check[] = groupNames.map((group) => ({
  name: `${group}: both sides agree, with several exchanges at once`,
  run: (crypto) => {
    const [a, b, c] = [crypto.dh(group), crypto.dh(group), crypto.dh(group)];
    const pairs = [
      [a.agree(b.publicValue), b.agree(a.publicValue)],
      [a.agree(c.publicValue), c.agree(a.publicValue)],
      [b.agree(c.publicValue), c.agree(b.publicValue)],
    ] as const;
    for (const [one, other] of pairs) {
      assert.ok(one);
      assert.equal(toHex(one), hexOf(other));
      assert.equal(one.length, group.startsWith('ecp') ? a.publicValue.length / 2 : a.publicValue.length);
    }
    assert.equal(new Set(pairs.map(([one]) => hexOf(one))).size, 3);
  },
}));

const refusals: Check[] = groupNames.flatMap((group) => [
  {
    name: `${group}: refuses a public value of another length`,
    run: (crypto) => {
      const exchange = crypto.dh(group);
      assert.equal(exchange.agree(exchange.publicValue.subarray(1)), undefined);
      assert.equal(exchange.agree(Uint8Array.of(0, ...exchange.publicValue)), undefined);
      assert.equal(exchange.agree(new Uint8Array()), undefined);
    },
  },
  {
    name: `${group}: refuses what is not an element of the group`,
    run: (crypto) => {
      const exchange = crypto.dh(group);
      for (const value of strangers(group, exchange.publicValue)) assert.equal(exchange.agree(value), undefined);
    },
  },
]);

/** MODP: 0, 1, p-1, p and the largest number. ECP: points off the curve. Curve25519: points of small order. */
function strangers(group: DhGroupName, element: Uint8Array): Uint8Array[] {
  const zero = new Uint8Array(element.length);
  if (group.startsWith('ecp'))
    return [zero, element.with(element.length - 1, (element.at(-1) ?? 0) ^ 1), zero.map(() => 255)];
  const one = zero.with(zero.length - 1, 1);
  if (group === 'curve25519') return [zero, zero.with(0, 1)];
  const prime = fromHex(modpPrimes[group as keyof typeof modpPrimes]);
  return [zero, one, prime.with(prime.length - 1, (prime.at(-1) ?? 0) - 1), prime, zero.map(() => 255)];
}

/** ECDSA is deterministic (RFC 6979) in what is made here; what others made with random numbers has to verify all the same. */
const signatures: Check[] = signatureVectors.map(({ source, method, privateKey, hash, signature, deterministic }) => ({
  name: `${method}: ${source}: ${hash.slice(0, 8)}`,
  run: (crypto) => {
    const key = createPrivateKey(privateKey);
    const [own, peer] = [signingKey(key), verifyingKey(createPublicKey(key))];
    assert.ok(own !== undefined && peer !== undefined);
    assert.deepEqual([own.method, peer.method], [method, method]);
    const [signed, made] = [fromHex(hash), fromHex(signature)];
    if (deterministic) assert.equal(toHex(crypto.sign(own, signed)), signature);
    assert.equal(crypto.verify(peer, signed, made), true);
    assert.equal(crypto.verify(peer, signed, crypto.sign(own, signed)), true);
    assert.equal(crypto.verify(peer, flipped(signed), made), false);
    assert.equal(crypto.verify(peer, signed, flipped(made)), false);
    for (const wrong of [new Uint8Array(), new Uint8Array(made.length), made.subarray(1), Uint8Array.of(0, ...made)]) {
      assert.equal(crypto.verify(peer, signed, wrong), false);
    }
  },
}));

const keyKinds: Check[] = [
  {
    name: 'signatures: keys that IKE has no method for are none',
    run: () => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-224' });
      assert.deepEqual([signingKey(privateKey), verifyingKey(publicKey)], [undefined, undefined]);
      const edwards = generateKeyPairSync('ed25519');
      assert.deepEqual([signingKey(edwards.privateKey), verifyingKey(edwards.publicKey)], [undefined, undefined]);
      assert.deepEqual([signingKey(edwards.publicKey), verifyingKey(edwards.privateKey)], [undefined, undefined]);
    },
  },
  {
    name: 'signatures: nothing of a private key is to be seen',
    run: () => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const own = signingKey(privateKey);
      assert.equal(JSON.stringify(own), '{"method":"ecdsa256"}');
      assert.deepEqual(Reflect.ownKeys(own ?? {}), ['method']);
    },
  },
];

function flipped(bytes: Uint8Array): Uint8Array {
  return bytes.with(bytes.length - 1, (bytes.at(-1) ?? 0) ^ 1);
}

const others: Check[] = [
  {
    name: 'random: as long as asked, and never twice the same',
    run: (crypto) => {
      assert.equal(crypto.random(0).length, 0);
      assert.equal(crypto.random(48).length, 48);
      assert.notEqual(toHex(crypto.random(16)), toHex(crypto.random(16)));
    },
  },
  {
    name: 'equal: compares contents, and lengths first',
    run: (crypto) => {
      assert.equal(crypto.equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2)), true);
      assert.equal(crypto.equal(Uint8Array.of(1, 2), Uint8Array.of(1, 3)), false);
      assert.equal(crypto.equal(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3)), false);
      assert.equal(crypto.equal(new Uint8Array(), new Uint8Array()), true);
    },
  },
  {
    name: 'cbc: refuses data that is not whole blocks',
    run: (crypto) => {
      const [key, iv] = [new Uint8Array(16), new Uint8Array(16)];
      assert.throws(() => crypto.encryptCbc('aes-128-cbc', key, iv, new Uint8Array(15)));
      assert.throws(() => crypto.decryptCbc('aes-128-cbc', key, iv, new Uint8Array(17)));
    },
  },
];

export const checks: readonly Check[] = [
  ...hashes,
  ...hmacs,
  ...md4,
  ...des,
  ...cbc,
  ...knownExchanges,
  ...agreements,
  ...refusals,
  ...signatures,
  ...keyKinds,
  ...others,
];

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && toHex(bytes);
}
