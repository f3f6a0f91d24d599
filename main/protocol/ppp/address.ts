import { addressBytes } from '../wire/address.ts';

/** IPv4 addresses, which are all that IPCP knows. */

export const anyAddress = '0.0.0.0';

/** The four bytes of an address of our own configuration, or of one that was read before. */
export function ipv4Bytes(dotted: string): Uint8Array {
  const bytes = addressBytes(dotted);
  if (bytes?.length !== 4) throw new RangeError(`not an IPv4 address: ${dotted}`);
  return bytes;
}

/** Whether a host may have this address: none of "this network", loopback, multicast and reserved (RFC 6890). */
export function isHostAddress(bytes: Uint8Array): boolean {
  const first = bytes[0];
  return bytes.length === 4 && first !== undefined && first !== 0 && first !== 127 && first < 224;
}
