import { concat } from '../wire/bytes.ts';
import { encode, Reader, struct, u16, u32, u8 } from '../wire/codec.ts';
import { WireError } from '../wire/error.ts';
import { addressText } from '../wire/address.ts';
import { ipBytes, ipv4Address, ipv6Address } from './address.ts';
import { internetChecksum } from './checksum.ts';

/** An IP packet of either family, without options or extension headers, whole. */
export interface IpPacket {
  readonly source: string;
  readonly destination: string;
  /** IPv6: what follows the header. */
  readonly protocol: number;
  /** IPv4: the time to live. */
  readonly hopLimit: number;
  readonly payload: Uint8Array;
}

export const ipProtocols = { udp: 17, icmpv6: 58 } as const;

/** RFC 791 §3.1 */
const Ipv4Header = struct({
  versionAndLength: u8,
  service: u8,
  lengthBytes: u16,
  identification: u16,
  fragment: u16,
  hopLimit: u8,
  protocol: u8,
  checksum: u16,
  source: ipv4Address,
  destination: ipv4Address,
});
export const ipv4HeaderBytes = 20;
/** More fragments, and the offset. */
const fragmentMask = 0x3fff;
const dontFragment = 0x4000;

/** RFC 8200 §3 */
const Ipv6Header = struct({
  versionClassFlow: u32,
  lengthBytes: u16,
  protocol: u8,
  hopLimit: u8,
  source: ipv6Address,
  destination: ipv6Address,
});
export const ipv6HeaderBytes = 40;

/**
 * Reads a packet; checksums are not looked at, since what arrives here was authenticated as a whole by the SA that brought it.
 * Bytes after its stated length are padding.
 * @throws WireError, also for fragments
 */
export function readIp(packet: Uint8Array): IpPacket {
  const reader = new Reader(packet);
  const version = (packet[0] ?? 0) >> 4;
  if (version === 4) {
    const header = Ipv4Header.read(reader);
    const headerBytes = (header.versionAndLength & 0x0f) * 4;
    if (headerBytes < ipv4HeaderBytes || headerBytes > header.lengthBytes) reader.fail('the length of the IPv4 header');
    if ((header.fragment & fragmentMask) !== 0) reader.fail('a fragment');
    reader.take(headerBytes - ipv4HeaderBytes, 'IPv4 options');
    const { source, destination, protocol, hopLimit } = header;
    return {
      source,
      destination,
      protocol,
      hopLimit,
      payload: reader.take(header.lengthBytes - headerBytes, 'payload'),
    };
  }
  if (version !== 6) reader.fail('an IP version');
  const { source, destination, protocol, hopLimit, lengthBytes } = Ipv6Header.read(reader);
  return { source, destination, protocol, hopLimit, payload: reader.take(lengthBytes, 'payload') };
}

/** The family is the addresses'. @throws WireError where they are none, differ in family, or the payload is too long. */
export function writeIp({ source, destination, protocol, hopLimit, payload }: IpPacket): Uint8Array {
  const isIpv4 = ipBytes(source).length === 4;
  const headerBytes = isIpv4 ? ipv4HeaderBytes : 0;
  if (payload.length > 0xffff - headerBytes) throw new WireError('wire.tooLong', 0, 'IP packet');
  if (!isIpv4) {
    const fields = {
      versionClassFlow: 0x6000_0000,
      lengthBytes: payload.length,
      protocol,
      hopLimit,
      source,
      destination,
    };
    return concat(encode(Ipv6Header, fields), payload);
  }
  const header = encode(Ipv4Header, {
    versionAndLength: 0x45,
    service: 0,
    lengthBytes: headerBytes + payload.length,
    identification: 0, // RFC 6864 §4.1: means nothing where nothing may be fragmented
    fragment: dontFragment,
    hopLimit,
    protocol,
    checksum: 0,
    source,
    destination,
  });
  new DataView(header.buffer).setUint16(10, internetChecksum(header));
  return concat(header, payload);
}

/** RFC 4291 §2.7 */
export const allNodes = addressText(Uint8Array.of(0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
