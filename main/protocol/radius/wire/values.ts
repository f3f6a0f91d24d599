import { addressBytes, addressText } from '../../wire/address.ts';
import { fromUtf8, utf8 } from '../../wire/bytes.ts';
import type { Codec } from '../../wire/codec.ts';
import { WireError } from '../../wire/error.ts';

/** The data types of attributes (RFC 8044) that are not in `wire/codec.ts`; each fills its attribute. */

/** Verbatim: neither trimmed nor folded. */
export const text: Codec<string> = {
  read: (reader) => fromUtf8(reader.rest()),
  write: (writer, value) => void writer.raw(utf8(value)),
};

function address(lengthBytes: 4 | 16): Codec<string> {
  return {
    read: (reader) => addressText(reader.take(lengthBytes, 'address')),
    write: (writer, value) => {
      const bytes = addressBytes(value);
      if (bytes?.length !== lengthBytes) throw new WireError('wire.value', writer.length, `the address "${value}"`);
      writer.raw(bytes);
    },
  };
}

export const ipv4 = address(4);
export const ipv6 = address(16);

export interface Ipv6Prefix {
  readonly address: string;
  readonly lengthBits: number;
}

/** RFC 3162 §2.3: a reserved byte, the length in bits, and as many bytes of the prefix as the sender likes. */
export const ipv6Prefix: Codec<Ipv6Prefix> = {
  read: (reader) => {
    reader.u8('reserved');
    const lengthBits = reader.u8('prefix length');
    const given = reader.rest();
    if (lengthBits > 128 || given.length > 16 || given.length * 8 < lengthBits) reader.fail('an IPv6 prefix');
    const whole = new Uint8Array(16);
    whole.set(given);
    return { address: addressText(masked(whole, lengthBits)), lengthBits };
  },
  write: (writer, { address: prefix, lengthBits }) => {
    const bytes = addressBytes(prefix);
    if (bytes?.length !== 16 || lengthBits > 128) {
      throw new WireError('wire.value', writer.length, `the prefix "${prefix}/${lengthBits}"`);
    }
    writer
      .u8(0)
      .u8(lengthBits)
      .raw(masked(bytes, lengthBits).subarray(0, Math.ceil(lengthBits / 8)));
  },
};

/** The address with every bit after the prefix cleared. */
export function masked(address: Uint8Array, lengthBits: number): Uint8Array {
  return address.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, lengthBits - 8 * i))) & 0xff);
}
