/**
 * ESP suites, as data. Names are those of the native helper's contract and, but for `none`, of the IKE registries.
 */

interface Cipher {
  readonly keyBits: readonly number[];
  /** Taken from KEYMAT behind the key (RFC 4106 §8.1). */
  readonly saltBytes: number;
  readonly ivBytes: number;
  /** What the encrypted part is padded to; at least 4 (RFC 4303 §2.4). */
  readonly alignBytes: number;
  /** The check value of a cipher that authenticates by itself. */
  readonly tagBytes: number;
}

export const espCiphers = {
  'aes-gcm-16': { keyBits: [128, 192, 256], saltBytes: 4, ivBytes: 8, alignBytes: 4, tagBytes: 16 }, // RFC 4106
  'aes-cbc': { keyBits: [128, 192, 256], saltBytes: 0, ivBytes: 16, alignBytes: 16, tagBytes: 0 }, // RFC 3602
  '3des-cbc': { keyBits: [192], saltBytes: 0, ivBytes: 8, alignBytes: 8, tagBytes: 0 }, // RFC 2451
} as const satisfies Readonly<Record<string, Cipher>>;

interface Integrity {
  readonly keyBytes: number;
  readonly tagBytes: number;
}

export const espIntegrities = {
  none: { keyBytes: 0, tagBytes: 0 }, // the cipher authenticates
  'hmac-md5-96': { keyBytes: 16, tagBytes: 12 }, // RFC 2403
  'hmac-sha1-96': { keyBytes: 20, tagBytes: 12 }, // RFC 2404
  'hmac-sha256-128': { keyBytes: 32, tagBytes: 16 }, // RFC 4868 §2.3
  'hmac-sha384-192': { keyBytes: 48, tagBytes: 24 },
  'hmac-sha512-256': { keyBytes: 64, tagBytes: 32 },
} as const satisfies Readonly<Record<string, Integrity>>;

type EspIntegrity = keyof typeof espIntegrities;

/** What a quick mode agrees on. Only a cipher that authenticates goes without integrity. */
export type EspSuite =
  | { readonly cipher: 'aes-gcm-16'; readonly keyBits: 128 | 192 | 256; readonly integrity: 'none' }
  | { readonly cipher: 'aes-cbc'; readonly keyBits: 128 | 192 | 256; readonly integrity: Exclude<EspIntegrity, 'none'> }
  | { readonly cipher: '3des-cbc'; readonly keyBits: 192; readonly integrity: Exclude<EspIntegrity, 'none'> };

/** The cipher's share of KEYMAT: its key, and its salt where it has one. */
export function cipherKeyBytes(suite: EspSuite): number {
  return suite.keyBits / 8 + espCiphers[suite.cipher].saltBytes;
}

export function integrityKeyBytes(suite: EspSuite): number {
  return espIntegrities[suite.integrity].keyBytes;
}
