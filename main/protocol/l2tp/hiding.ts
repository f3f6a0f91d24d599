import type { CryptoPort } from '../crypto.ts';
import { concat } from '../wire/bytes.ts';
import { encode, Reader, u16 } from '../wire/codec.ts';

const blockBytes = 16;

/** What hides and reveals the values of one message's AVPs. */
export interface Veil {
  readonly crypto: Pick<CryptoPort, 'hash'>;
  readonly secret: Uint8Array;
  readonly randomVector: Uint8Array;
}

/** RFC 2661 §4.3: the value behind its length, padded to whole blocks so that its length stays hidden too. */
export function hide(type: number, value: Uint8Array, veil: Veil): Uint8Array {
  const plain = concat(encode(u16, value.length), value);
  const padded = new Uint8Array(Math.ceil(plain.length / blockBytes) * blockBytes);
  padded.set(plain);
  return chain(type, padded, veil, (_before, after) => after);
}

/** @throws WireError when the length inside does not fit: the secret differs, or the AVP is damaged. */
export function reveal(type: number, hidden: Uint8Array, veil: Veil): Uint8Array {
  const reader = new Reader(chain(type, hidden, veil, (before) => before));
  return reader.take(reader.u16('original length'), 'hidden value');
}

/** c(i) = p(i) XOR MD5(secret + c(i-1)), where the first block's digest is MD5(type + secret + random vector). */
function chain(
  type: number,
  input: Uint8Array,
  { crypto, secret, randomVector }: Veil,
  cipherOf: (before: Uint8Array, after: Uint8Array) => Uint8Array,
): Uint8Array {
  const output = new Uint8Array(input.length);
  let mask = crypto.hash('md5', encode(u16, type), secret, randomVector);
  for (let at = 0; at < input.length; at += blockBytes) {
    const before = input.subarray(at, at + blockBytes);
    const after = before.map((byte, i) => byte ^ (mask[i] ?? 0));
    output.set(after, at);
    mask = crypto.hash('md5', secret, cipherOf(before, after));
  }
  return output;
}
