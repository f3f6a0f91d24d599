import type { CryptoPort } from '../../crypto.ts';
import { concat, latin1, toHex, utf16le, utf8 } from '../../wire/bytes.ts';
import { rc4 } from './rc4.ts';

/** The functions of RFC 2759 §8, under its names. Passwords are text, user names may carry a domain. */

export interface Challenges {
  readonly authenticatorChallenge: Uint8Array;
  readonly peerChallenge: Uint8Array;
  readonly userName: string;
}

/** §8.2: the name without the domain prefix that the wire carries. */
export function challengeHash(crypto: CryptoPort, { authenticatorChallenge, peerChallenge, userName }: Challenges) {
  const account = userName.slice(userName.lastIndexOf('\\') + 1);
  return crypto.hash('sha1', peerChallenge, authenticatorChallenge, utf8(account)).slice(0, 8);
}

/** §8.3 */
export function ntPasswordHash(crypto: CryptoPort, password: string): Uint8Array {
  return crypto.md4(utf16le(password));
}

/** §8.5 */
export function challengeResponse(crypto: CryptoPort, challenge: Uint8Array, passwordHash: Uint8Array): Uint8Array {
  const padded = concat(passwordHash, new Uint8Array(5));
  return concat(
    ...[0, 7, 14].map((start) => crypto.desEncryptBlock(desKey(padded.subarray(start, start + 7)), challenge)),
  );
}

/** §8.1 */
export function generateNtResponse(crypto: CryptoPort, challenges: Challenges, password: string): Uint8Array {
  return challengeResponse(crypto, challengeHash(crypto, challenges), ntPasswordHash(crypto, password));
}

const magic1 = latin1('Magic server to client signing constant');
const magic2 = latin1('Pad to make it do more than one iteration');

/** §8.7: the 40 hexadecimal digits after "S=". */
export function generateAuthenticatorResponse(
  crypto: CryptoPort,
  challenges: Challenges,
  ntResponse: Uint8Array,
  password: string,
): string {
  return proofOfPassword(crypto, challenges, ntResponse, crypto.md4(ntPasswordHash(crypto, password)));
}

/** §8.7 for who knows the password's HashNtPasswordHash alone: a domain's session key. */
export function proofOfPassword(
  crypto: CryptoPort,
  challenges: Challenges,
  ntResponse: Uint8Array,
  hashHash: Uint8Array,
): string {
  const digest = crypto.hash('sha1', hashHash, ntResponse, magic1);
  return toHex(crypto.hash('sha1', digest, challengeHash(crypto, challenges), magic2)).toUpperCase();
}

const passwordBlockBytes = 512;

/** §8.9, §8.10: the new password at the end of a block of noise, its length, all under RC4 with the old hash. */
export function encryptPassword(crypto: CryptoPort, newPassword: string, oldPassword: string): Uint8Array {
  const text = utf16le(newPassword).slice(0, passwordBlockBytes);
  const lengthBytes = Uint8Array.of(text.length & 0xff, text.length >> 8, 0, 0);
  const block = concat(crypto.random(passwordBlockBytes - text.length), text, lengthBytes);
  return rc4(ntPasswordHash(crypto, oldPassword), block);
}

/** `undefined` where the block does not hold a password: the peer's old password was another. */
export function decryptPassword(crypto: CryptoPort, block: Uint8Array, oldPassword: string): string | undefined {
  if (block.length !== passwordBlockBytes + 4) return undefined;
  const clear = rc4(ntPasswordHash(crypto, oldPassword), block);
  const lengthBytes = new DataView(clear.buffer, clear.byteOffset + passwordBlockBytes, 4).getUint32(0, true);
  if (lengthBytes > passwordBlockBytes || lengthBytes % 2 !== 0) return undefined;
  const text = new DataView(clear.buffer, clear.byteOffset + passwordBlockBytes - lengthBytes, lengthBytes);
  return Array.from({ length: lengthBytes / 2 }, (_, i) => String.fromCharCode(text.getUint16(2 * i, true))).join('');
}

/** §8.12, §8.13: the old hash in two DES blocks, keyed by the new one. */
export function encryptOldHash(crypto: CryptoPort, oldPassword: string, newPassword: string): Uint8Array {
  const oldHash = ntPasswordHash(crypto, oldPassword);
  const newHash = ntPasswordHash(crypto, newPassword);
  return concat(
    crypto.desEncryptBlock(desKey(newHash.subarray(0, 7)), oldHash.subarray(0, 8)),
    crypto.desEncryptBlock(desKey(newHash.subarray(7, 14)), oldHash.subarray(8, 16)),
  );
}

/** Spreads 56 bits over eight bytes whose lowest bits make the parity odd. */
export function desKey(sevenBytes: Uint8Array): Uint8Array {
  const bits = sevenBytes.reduce((all, byte) => (all << 8n) | BigInt(byte), 0n);
  return Uint8Array.from({ length: 8 }, (_, i) => {
    const septet = Number((bits >> BigInt(7 * (7 - i))) & 0x7fn);
    const ones = septet.toString(2).replaceAll('0', '').length;
    return (septet << 1) | (ones % 2 === 0 ? 1 : 0);
  });
}
