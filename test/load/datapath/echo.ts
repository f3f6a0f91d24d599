import { addressBytes, addressText } from '../../../main/protocol/wire/address.ts';
import { concat } from '../../../main/protocol/wire/bytes.ts';
import { u16, u16s } from './frames.ts';

/** ICMP echo over IPv4 (RFC 792, RFC 791): the smallest packet that somebody answers. */
export interface Echo {
  readonly kind: 'request' | 'reply';
  readonly from: string;
  readonly to: string;
  readonly identifier: number;
  readonly sequence: number;
}

const types = { request: 8, reply: 0 } as const;
const ipHeaderBytes = 20;
const icmpProtocol = 1;
const hops = 64;
const payload = Uint8Array.from({ length: 56 }, (_, i) => i);

export function writeEcho({ kind, from, to, identifier, sequence }: Echo): Uint8Array {
  const message = concat(u16s(types[kind] << 8, 0, identifier, sequence), payload);
  const icmp = withChecksum(message, 2);
  const header = concat(
    u16s(0x4500, ipHeaderBytes + icmp.length, 0, 0, (hops << 8) | icmpProtocol, 0),
    addressBytes(from) ?? new Uint8Array(4),
    addressBytes(to) ?? new Uint8Array(4),
  );
  return concat(withChecksum(header, 10), icmp);
}

/** `undefined`: something else, or damaged. */
export function readEcho(packet: Uint8Array): Echo | undefined {
  const headerBytes = ((packet[0] ?? 0) & 0x0f) * 4;
  const icmp = packet.subarray(headerBytes, u16(packet, 2));
  if ((packet[0] ?? 0) >> 4 !== 4 || packet[9] !== icmpProtocol || headerBytes < ipHeaderBytes) return undefined;
  if (checksum(packet.subarray(0, headerBytes)) !== 0 || checksum(icmp) !== 0 || icmp.length < 8) return undefined;
  const kind = icmp[0] === types.request ? 'request' : 'reply';
  if (icmp[0] !== types[kind] || icmp[1] !== 0) return undefined;
  const [from, to] = [addressText(packet.subarray(12, 16)), addressText(packet.subarray(16, 20))];
  return { kind, from, to, identifier: u16(icmp, 4), sequence: u16(icmp, 6) };
}

/** RFC 1071 */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += u16(bytes, at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function withChecksum(bytes: Uint8Array, at: number): Uint8Array {
  bytes.set(u16s(checksum(bytes)), at);
  return bytes;
}
