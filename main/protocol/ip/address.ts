import { addressBytes, addressText } from '../wire/address.ts';
import type { Codec } from '../wire/codec.ts';
import { WireError } from '../wire/error.ts';

/** @throws WireError where `text` is no address, or not of the family that belongs there. */
export function ipBytes(text: string, lengthBytes?: 4 | 16): Uint8Array {
  const bytes = addressBytes(text);
  if (bytes === undefined || (lengthBytes !== undefined && bytes.length !== lengthBytes)) {
    throw new WireError('wire.value', 0, `not an address of the kind that belongs here: ${text}`);
  }
  return bytes;
}

function address(lengthBytes: 4 | 16): Codec<string> {
  return {
    read: (reader) => addressText(reader.take(lengthBytes, 'an address')),
    write: (writer, text) => void writer.raw(ipBytes(text, lengthBytes)),
  };
}

/** Of an address or a network. */
export function isIpv6(text: string): boolean {
  return text.includes(':');
}

/** Addresses as text, four or sixteen bytes on the wire. */
export const ipv4Address = address(4);
export const ipv6Address = address(16);

/** A network such as `10.20.0.0/16` in bytes. @throws WireError */
export function networkBytes(text: string): { readonly bytes: Uint8Array; readonly lengthBits: number } {
  const [address = '', length = ''] = text.split('/');
  const bytes = ipBytes(address);
  const lengthBits = Number(length);
  if (!/^\d{1,3}$/.test(length) || lengthBits > bytes.length * 8) {
    throw new WireError('wire.value', 0, `not a network: ${text}`);
  }
  return { bytes: masked(bytes, lengthBits), lengthBits };
}

/** The bytes with all bits after the first `lengthBits` zero. */
export function masked(bytes: Uint8Array, lengthBits: number): Uint8Array {
  return bytes.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, lengthBits - 8 * index));
    return byte & (0xff00 >> bits) & 0xff;
  });
}

/** The address of a link alone that ends in this interface identifier (RFC 4291 §2.5.6, RFC 5072 §5). */
export function linkLocal(interfaceId: Uint8Array): string {
  return addressText(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, ...interfaceId));
}
