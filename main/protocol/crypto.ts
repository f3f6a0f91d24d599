export type HashName = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';
export type CbcName = 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc' | '3des-cbc';
export type DhGroupName =
  'modp1024' | 'modp1536' | 'modp2048' | 'modp3072' | 'modp4096' | 'ecp256' | 'ecp384' | 'ecp521' | 'curve25519';

/** One fresh Diffie-Hellman key pair; `publicValue` has the exact length and encoding IKE puts on the wire. */
export interface DhExchange {
  readonly group: DhGroupName;
  readonly publicValue: Uint8Array;
  /**
   * The shared secret with the peer's public value, left-padded to the group's length (RFC 2409 §5; RFC 5903 §9: the x
   * coordinate only). `undefined` where the peer's value is not an element of the group (wrong length, 0, 1, p-1, off
   * the curve, all-zero result).
   */
  agree(peerPublicValue: Uint8Array): Uint8Array | undefined;
}

/** How a signature is made; an ECDSA method names its curve. By the names of IKE's authentication methods. */
export type SignatureMethod = 'rsa' | 'ecdsa256' | 'ecdsa384' | 'ecdsa521';

/** A private key that the port alone can use: machines hold it and never see what is in it. */
export interface SigningKey {
  readonly method: SignatureMethod;
}

/** Likewise of a public key. */
export interface VerifyingKey {
  readonly method: SignatureMethod;
}

/** All the cryptography of the control plane, injected so that the machines stay pure. Synchronous throughout. */
export interface CryptoPort {
  random(lengthBytes: number): Uint8Array;
  hash(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array;
  hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /** CBC without padding: `data` is a whole number of blocks. */
  encryptCbc(name: CbcName, key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  decryptCbc(name: CbcName, key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array;
  dh(group: DhGroupName): DhExchange;
  /**
   * Signs a hash as it is: RSA as a private key encryption of PKCS #1 v1.5, which names no hash (RFC 2409 §5.1); ECDSA as
   * r | s, each of the field's length (RFC 4754 §7).
   */
  sign(key: SigningKey, hash: Uint8Array): Uint8Array;
  /** Whether `sign` with the private key of this one made the signature. */
  verify(key: VerifyingKey, hash: Uint8Array, signature: Uint8Array): boolean;
  /** MD4 (RFC 1320), for the NT hash of MS-CHAPv2 alone. */
  md4(data: Uint8Array): Uint8Array;
  /** One 8-byte block of DES in ECB mode, for MS-CHAPv2 alone; `key` is 8 bytes with (ignored) parity bits. */
  desEncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
  desDecryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array;
  /** Compares in constant time; unequal lengths are unequal. */
  equal(a: Uint8Array, b: Uint8Array): boolean;
}
