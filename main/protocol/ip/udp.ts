import { encode, Reader, struct, u16 } from '../wire/codec.ts';
import { concat } from '../wire/bytes.ts';
import { WireError } from '../wire/error.ts';
import { transportChecksum } from './checksum.ts';
import { ipProtocols, writeIp, type IpPacket } from './packet.ts';

export interface UdpEndpoint {
  readonly address: string;
  readonly port: number;
}

export interface UdpPacket {
  readonly source: UdpEndpoint;
  readonly destination: UdpEndpoint;
  readonly payload: Uint8Array;
}

/** RFC 768 */
const UdpHeader = struct({ source: u16, destination: u16, lengthBytes: u16, checksum: u16 });
export const udpHeaderBytes = 8;
const usualHopLimit = 64;

/** The datagram in an IP packet. @throws WireError */
export function readUdp(ip: IpPacket): UdpPacket {
  const reader = new Reader(ip.payload);
  if (ip.protocol !== ipProtocols.udp) reader.fail(`protocol ${ip.protocol} instead of UDP`);
  const { source, destination, lengthBytes } = UdpHeader.read(reader);
  if (lengthBytes < udpHeaderBytes) reader.fail('a UDP length below 8');
  return {
    source: { address: ip.source, port: source },
    destination: { address: ip.destination, port: destination },
    payload: reader.take(lengthBytes - udpHeaderBytes, 'UDP payload'),
  };
}

/** As an IP packet of the addresses' family. @throws WireError */
export function writeUdp({ source, destination, payload }: UdpPacket): Uint8Array {
  const lengthBytes = udpHeaderBytes + payload.length;
  if (lengthBytes > 0xffff) throw new WireError('wire.tooLong', 0, 'UDP datagram');
  const fields = { source: source.port, destination: destination.port, lengthBytes, checksum: 0 };
  const body = concat(encode(UdpHeader, fields), payload);
  const addresses = { source: source.address, destination: destination.address, protocol: ipProtocols.udp };
  // RFC 768: zero would mean that there is none.
  new DataView(body.buffer).setUint16(6, transportChecksum(addresses, body) || 0xffff);
  return writeIp({ ...addresses, hopLimit: usualHopLimit, payload: body });
}
