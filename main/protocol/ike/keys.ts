import type { CbcName, CryptoPort, HashName } from '../crypto.ts';
import { type EspSuite, cipherKeyBytes, integrityKeyBytes } from '../ipsec/index.ts';
import { concat } from '../wire/bytes.ts';
import { Writer } from '../wire/codec.ts';
import { WireError } from '../wire/error.ts';
import { protocols } from './wire/registry.ts';

/** Key material of IKEv1: RFC 2409 §5 and Appendix B. The prf is the HMAC of the agreed hash. */

export interface IkeSuite {
  readonly cipher: CbcName;
  readonly hash: HashName;
}

export const ikeCipherSizes = {
  'aes-128-cbc': { keyBytes: 16, blockBytes: 16 },
  'aes-192-cbc': { keyBytes: 24, blockBytes: 16 },
  'aes-256-cbc': { keyBytes: 32, blockBytes: 16 },
  '3des-cbc': { keyBytes: 24, blockBytes: 8 },
} as const satisfies Readonly<Record<CbcName, { keyBytes: number; blockBytes: number }>>;

export interface Pair {
  readonly initiator: Uint8Array;
  readonly responder: Uint8Array;
}

/** What messages 1 to 4 of main mode settle. */
export interface MainModeInputs {
  readonly suite: IkeSuite;
  /** `undefined` where the ends prove themselves by signatures. */
  readonly preSharedKey: Uint8Array | undefined;
  readonly cookies: Pair;
  /** The bodies of the nonce payloads. */
  readonly nonces: Pair;
  /** The bodies of the key exchange payloads. */
  readonly publicValues: Pair;
  readonly sharedSecret: Uint8Array;
}

/** The secrets of one ISAKMP SA. `wipeIkeKeys` ends their life. */
export interface IkeKeys {
  readonly suite: IkeSuite;
  /** SKEYID: for HASH_I and HASH_R. */
  readonly root: Uint8Array;
  /** SKEYID_d: keys for IPsec SAs come from it. */
  readonly derivation: Uint8Array;
  /** SKEYID_a: authenticates messages of phase 2. */
  readonly authentication: Uint8Array;
  /** From SKEYID_e, as long as the cipher needs it. */
  readonly cipherKey: Uint8Array;
}

/** RFC 2409 §5, §5.1, §5.4. */
export function deriveIkeKeys(crypto: CryptoPort, inputs: MainModeInputs): IkeKeys {
  const { suite, preSharedKey, cookies, nonces, sharedSecret } = inputs;
  const shared = [sharedSecret, cookies.initiator, cookies.responder];
  const root =
    preSharedKey === undefined
      ? crypto.hmac(suite.hash, concat(nonces.initiator, nonces.responder), sharedSecret)
      : crypto.hmac(suite.hash, preSharedKey, nonces.initiator, nonces.responder);
  const derivation = crypto.hmac(suite.hash, root, ...shared, octet(0));
  const authentication = crypto.hmac(suite.hash, root, derivation, ...shared, octet(1));
  const encryption = crypto.hmac(suite.hash, root, authentication, ...shared, octet(2));
  const cipherKey = stretchKey(crypto, suite, encryption);
  wipe(encryption);
  return { suite, root, derivation, authentication, cipherKey };
}

export function wipeIkeKeys(keys: IkeKeys): void {
  wipe(keys.root, keys.derivation, keys.authentication, keys.cipherKey);
}

/** RFC 2409 Appendix B: SKEYID_e itself where it is long enough, otherwise Ka = prf(SKEYID_e, 0) | prf(SKEYID_e, K1) | … */
function stretchKey(crypto: CryptoPort, suite: IkeSuite, encryption: Uint8Array): Uint8Array {
  const { keyBytes } = ikeCipherSizes[suite.cipher];
  if (encryption.length >= keyBytes) return encryption.slice(0, keyBytes);
  return expand(keyBytes, (previous) => crypto.hmac(suite.hash, encryption, previous ?? octet(0)));
}

/** Concatenates blocks, each made of the one before it, up to a length; wipes the blocks. */
function expand(lengthBytes: number, next: (previous: Uint8Array | undefined) => Uint8Array): Uint8Array {
  const key = new Uint8Array(lengthBytes);
  let block: Uint8Array | undefined;
  for (let at = 0; at < lengthBytes;) {
    const following = next(block);
    if (block !== undefined) wipe(block);
    key.set(following.subarray(0, lengthBytes - at), at);
    at += following.length;
    block = following;
  }
  if (block !== undefined) wipe(block);
  return key;
}

/** What HASH_I and HASH_R cover besides the key (RFC 2409 §5). */
export interface AuthenticatedExchange {
  readonly cookies: Pair;
  readonly publicValues: Pair;
  /** The body of the initiator's SA payload. */
  readonly offer: Uint8Array;
  /** The body of the ID payload of the side that authenticates itself. */
  readonly identity: Uint8Array;
}

/**
 * HASH_I or HASH_R: the proof of the side that is named, or what its signature is of.
 *
 * @param hash  the suite's, or the one that belongs to an ECDSA method (RFC 4754), whatever the suite's is
 */
export function authenticationHash(
  crypto: CryptoPort,
  keys: IkeKeys,
  hash: HashName,
  side: keyof Pair,
  { cookies, publicValues, offer, identity }: AuthenticatedExchange,
): Uint8Array {
  const other = side === 'initiator' ? 'responder' : 'initiator';
  return crypto.hmac(
    hash,
    keys.root,
    publicValues[side],
    publicValues[other],
    cookies[side],
    cookies[other],
    offer,
    identity,
  );
}

// ── Phase 2: RFC 2409 §5.5, §5.7 ────────────────────────────────────────────────────────────────────────────────────

/**
 * HASH(1) of a quick mode and the hash of an informational exchange: over all payloads after it.
 * @param payloads  their bytes with generic headers (`Chain.afterFirst`, or the body of `encodeChain`)
 */
export function firstHash(crypto: CryptoPort, keys: IkeKeys, messageId: number, payloads: Uint8Array): Uint8Array {
  return crypto.hmac(keys.suite.hash, keys.authentication, u32Bytes(messageId), payloads);
}

/** HASH(2), the responder's answer. @param initiatorNonce  the body of the nonce payload */
export function secondHash(
  crypto: CryptoPort,
  keys: IkeKeys,
  messageId: number,
  initiatorNonce: Uint8Array,
  payloads: Uint8Array,
): Uint8Array {
  return crypto.hmac(keys.suite.hash, keys.authentication, u32Bytes(messageId), initiatorNonce, payloads);
}

/** HASH(3), the initiator's confirmation. */
export function thirdHash(crypto: CryptoPort, keys: IkeKeys, messageId: number, nonces: Pair): Uint8Array {
  const { initiator, responder } = nonces;
  return crypto.hmac(keys.suite.hash, keys.authentication, octet(0), u32Bytes(messageId), initiator, responder);
}

/** Cipher key (AES-GCM: followed by its salt, RFC 4106 §8.1) and integrity key of one direction. */
export interface EspKeys {
  readonly cipherKey: Uint8Array;
  readonly integrityKey: Uint8Array;
}

export interface EspKeyInputs {
  readonly suite: EspSuite;
  /** Of the receiver: each direction has its own keys. */
  readonly spi: Uint8Array;
  readonly nonces: Pair;
  /** With perfect forward secrecy: the quick mode's own Diffie-Hellman secret. */
  readonly sharedSecret?: Uint8Array;
}

/** KEYMAT, cut into the keys of the SA with this SPI (RFC 2409 §5.5; RFC 2401 §4.6.2: encryption first). */
export function deriveEspKeys(crypto: CryptoPort, keys: IkeKeys, inputs: EspKeyInputs): EspKeys {
  const { suite, spi, nonces, sharedSecret = new Uint8Array() } = inputs;
  const seed = concat(sharedSecret, octet(protocols.numbers.esp), spi, nonces.initiator, nonces.responder);
  const cipherBytes = cipherKeyBytes(suite);
  const material = expand(cipherBytes + integrityKeyBytes(suite), (previous = new Uint8Array()) =>
    crypto.hmac(keys.suite.hash, keys.derivation, previous, seed),
  );
  const cut = { cipherKey: material.slice(0, cipherBytes), integrityKey: material.slice(cipherBytes) };
  wipe(material, seed);
  return cut;
}

// ── Encryption of messages: RFC 2409 Appendix B ─────────────────────────────────────────────────────────────────────

/** The IV of message 5. Each later message of an exchange takes the last ciphertext block of the one before it. */
export function phase1Iv(crypto: CryptoPort, suite: IkeSuite, publicValues: Pair): Uint8Array {
  const hash = crypto.hash(suite.hash, publicValues.initiator, publicValues.responder);
  return hash.slice(0, ikeCipherSizes[suite.cipher].blockBytes);
}

/** The first IV of a phase 2 exchange. @param lastPhase1Block  the last ciphertext block of message 6 */
export function phase2Iv(
  crypto: CryptoPort,
  suite: IkeSuite,
  lastPhase1Block: Uint8Array,
  messageId: number,
): Uint8Array {
  const hash = crypto.hash(suite.hash, lastPhase1Block, u32Bytes(messageId));
  return hash.slice(0, ikeCipherSizes[suite.cipher].blockBytes);
}

export interface Encrypted {
  readonly body: Uint8Array;
  /** The last ciphertext block: the IV of the exchange's next message. */
  readonly nextIv: Uint8Array;
}

/** Encrypts a message's payloads, padded with zeros to whole blocks. */
export function encryptBody(crypto: CryptoPort, keys: IkeKeys, iv: Uint8Array, payloads: Uint8Array): Encrypted {
  const { cipher } = keys.suite;
  const { blockBytes } = ikeCipherSizes[cipher];
  const padded = new Uint8Array(Math.ceil(payloads.length / blockBytes) * blockBytes);
  padded.set(payloads);
  const body = crypto.encryptCbc(cipher, keys.cipherKey, iv, padded);
  return { body, nextIv: body.slice(-blockBytes) };
}

export interface Decrypted {
  /** With the padding. */
  readonly payloads: Uint8Array;
  readonly nextIv: Uint8Array;
}

/** @throws WireError where `body` is not whole blocks. */
export function decryptBody(crypto: CryptoPort, keys: IkeKeys, iv: Uint8Array, body: Uint8Array): Decrypted {
  const { cipher } = keys.suite;
  const { blockBytes } = ikeCipherSizes[cipher];
  if (body.length === 0 || body.length % blockBytes !== 0) {
    throw new WireError('wire.value', 0, `${body.length} encrypted bytes in blocks of ${blockBytes}`);
  }
  return { payloads: crypto.decryptCbc(cipher, keys.cipherKey, iv, body), nextIv: body.slice(-blockBytes) };
}

// ── NAT detection ───────────────────────────────────────────────────────────────────────────────────────────────────

/** The content of a NAT-D payload (RFC 3947 §3.2). @param address  4 or 16 bytes */
export function natDetectionHash(
  crypto: CryptoPort,
  hash: HashName,
  cookies: Pair,
  address: Uint8Array,
  port: number,
): Uint8Array {
  return crypto.hash(hash, cookies.initiator, cookies.responder, address, new Writer().u16(port).finish());
}

function wipe(...secrets: readonly Uint8Array[]): void {
  for (const secret of secrets) secret.fill(0);
}

function octet(value: number): Uint8Array {
  return Uint8Array.of(value);
}

function u32Bytes(value: number): Uint8Array {
  return new Writer().u32(value).finish();
}
