import { concat } from '../wire/bytes.ts';
import { encode, Reader, struct, u16, u8 } from '../wire/codec.ts';
import { transportChecksum } from './checksum.ts';
import { ipProtocols, type IpPacket, writeIp } from './packet.ts';

export interface Icmpv6Packet {
  readonly source: string;
  readonly destination: string;
  readonly hopLimit: number;
  readonly type: number;
  readonly code: number;
  readonly body: Uint8Array;
}

/** RFC 4443 §2.1 */
const Icmpv6Header = struct({ type: u8, code: u8, checksum: u16 });

/** The message in an IP packet. @throws WireError */
export function readIcmpv6({ source, destination, hopLimit, protocol, payload }: IpPacket): Icmpv6Packet {
  const reader = new Reader(payload);
  if (protocol !== ipProtocols.icmpv6) reader.fail(`protocol ${protocol} instead of ICMPv6`);
  const { type, code } = Icmpv6Header.read(reader);
  return { source, destination, hopLimit, type, code, body: reader.rest() };
}

/** As an IPv6 packet. @throws WireError */
export function writeIcmpv6({ source, destination, hopLimit, type, code, body }: Icmpv6Packet): Uint8Array {
  const payload = concat(encode(Icmpv6Header, { type, code, checksum: 0 }), body);
  const addresses = { source, destination, protocol: ipProtocols.icmpv6 };
  new DataView(payload.buffer).setUint16(2, transportChecksum(addresses, payload));
  return writeIp({ ...addresses, hopLimit, payload });
}
