import type { CryptoPort } from '../../crypto.ts';
import { WireError } from '../../wire/error.ts';

const blockBytes = 16;
/** RFC 2865 §5.2. */
const longestPasswordBytes = 128;

/** What hides and reveals the User-Password of one Access-Request. */
export interface PasswordVeil {
  readonly crypto: Pick<CryptoPort, 'hash'>;
  readonly secret: Uint8Array;
  readonly authenticator: Uint8Array;
}

/**
 * RFC 2865 §5.2: padded with zero bytes to whole blocks, at least one.
 * @throws WireError where the password is longer than the attribute can carry.
 */
export function hidePassword(password: Uint8Array, veil: PasswordVeil): Uint8Array {
  if (password.length > longestPasswordBytes) {
    throw new WireError('wire.tooLong', 0, `a password of ${password.length} bytes`);
  }
  const padded = new Uint8Array(Math.max(1, Math.ceil(password.length / blockBytes)) * blockBytes);
  padded.set(password);
  return chain(padded, veil, (_before, after) => after);
}

/** The password without its padding. @throws WireError where `hidden` is not whole blocks. */
export function revealPassword(hidden: Uint8Array, veil: PasswordVeil): Uint8Array {
  if (hidden.length === 0 || hidden.length % blockBytes !== 0) {
    throw new WireError('wire.value', 0, `a hidden password of ${hidden.length} bytes`);
  }
  const padded = chain(hidden, veil, (before) => before);
  return padded.subarray(0, padded.findLastIndex((byte) => byte !== 0) + 1);
}

/** c(i) = p(i) XOR MD5(secret + c(i-1)), where the request authenticator stands before the first block. */
function chain(
  input: Uint8Array,
  { crypto, secret, authenticator }: PasswordVeil,
  cipherOf: (before: Uint8Array, after: Uint8Array) => Uint8Array,
): Uint8Array {
  const output = new Uint8Array(input.length);
  let previous = authenticator;
  for (let at = 0; at < input.length; at += blockBytes) {
    const mask = crypto.hash('md5', secret, previous);
    const before = input.subarray(at, at + blockBytes);
    const after = before.map((byte, i) => byte ^ (mask[i] ?? 0));
    output.set(after, at);
    previous = cipherOf(before, after);
  }
  return output;
}
