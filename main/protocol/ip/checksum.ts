import { concat } from '../wire/bytes.ts';
import { encode, struct, u16, u32 } from '../wire/codec.ts';
import { ipBytes } from './address.ts';

/** RFC 1071: the ones' complement of the ones' complement sum of 16-bit words; an odd last byte counts as if a zero followed. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** What UDP and ICMPv6 sum besides themselves. */
const PseudoHeaderEnd = struct({ lengthBytes: u32, zero: u16, protocol: u16 }); // RFC 8200 §8.1
const PseudoHeader4End = struct({ protocol: u16, lengthBytes: u16 }); // RFC 768

/** Of a UDP datagram or an ICMPv6 message whose own checksum field is zero. */
export function transportChecksum(
  { source, destination, protocol }: { source: string; destination: string; protocol: number },
  body: Uint8Array,
): number {
  const addresses = concat(ipBytes(source), ipBytes(destination));
  const lengthBytes = body.length;
  const end =
    addresses.length === 8
      ? encode(PseudoHeader4End, { protocol, lengthBytes })
      : encode(PseudoHeaderEnd, { lengthBytes, zero: 0, protocol });
  return internetChecksum(concat(addresses, end, body));
}
