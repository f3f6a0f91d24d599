/** Dotted IPv4 addresses and their four bytes. */

export const anyAddress = '0.0.0.0';

export function addressBytes(dotted: string): Uint8Array {
  const parts = dotted.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) {
    throw new RangeError(`not an IPv4 address: ${dotted}`);
  }
  return Uint8Array.from(parts);
}

export function dottedAddress(bytes: Uint8Array): string {
  return bytes.join('.');
}

/** Whether a host may have this address: none of "this network", loopback, multicast and reserved (RFC 6890). */
export function isHostAddress(bytes: Uint8Array): boolean {
  const first = bytes[0];
  return bytes.length === 4 && first !== undefined && first !== 0 && first !== 127 && first < 224;
}
