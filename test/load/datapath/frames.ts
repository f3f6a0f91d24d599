import { concat } from '../../../main/protocol/wire/bytes.ts';

/** What an SA of L2TP carries: UDP (RFC 768), L2TP's data header (RFC 2661 §3.1), PPP in it. */

const udpHeaderBytes = 8;

/** Without a checksum: NATs translate addresses that it would cover (RFC 3948 §3.1.2). */
export function writeUdp(sourcePort: number, destinationPort: number, payload: Uint8Array): Uint8Array {
  const header = u16s(sourcePort, destinationPort, udpHeaderBytes + payload.length, 0);
  return concat(header, payload);
}

export function readUdp(
  datagram: Uint8Array,
): { readonly sourcePort: number; readonly payload: Uint8Array } | undefined {
  const lengthBytes = u16(datagram, 4);
  if (lengthBytes < udpHeaderBytes || lengthBytes > datagram.length) return undefined;
  return { sourcePort: u16(datagram, 0), payload: datagram.subarray(udpHeaderBytes, lengthBytes) };
}

const flag = { control: 0x8000, length: 0x4000, sequence: 0x0800, offset: 0x0200 } as const;
const version = 2;

export function isControl(message: Uint8Array): boolean {
  return (u16(message, 0) & flag.control) !== 0;
}

/** @param number  Ns, where the session numbers its data */
export function writeData(tunnelId: number, sessionId: number, number: number | undefined, frame: Uint8Array) {
  const header =
    number === undefined
      ? u16s(version, tunnelId, sessionId)
      : u16s(flag.sequence | version, tunnelId, sessionId, number & 0xffff, 0);
  return concat(header, frame);
}

export interface DataMessage {
  readonly tunnelId: number;
  readonly sessionId: number;
  readonly frame: Uint8Array;
}

export function readData(message: Uint8Array): DataMessage | undefined {
  const flags = u16(message, 0);
  const idsAt = 2 + (flags & flag.length ? 2 : 0);
  const offsetAt = idsAt + 4 + (flags & flag.sequence ? 4 : 0);
  const frameAt = offsetAt + (flags & flag.offset ? 2 + u16(message, offsetAt) : 0);
  const end = flags & flag.length ? u16(message, 2) : message.length;
  if (frameAt > end || end > message.length) return undefined;
  return {
    tunnelId: u16(message, idsAt),
    sessionId: u16(message, idsAt + 2),
    frame: message.subarray(frameAt, end),
  };
}

export const pppIpv4 = 0x0021;
const addressAndControl = Uint8Array.of(0xff, 0x03);

/** In full form: each peer understands it, whatever was agreed (RFC 1661 §6.5, §6.6). */
export function writePpp(protocol: number, information: Uint8Array): Uint8Array {
  return concat(addressAndControl, u16s(protocol), information);
}

/** A frame that brings its protocol field along. */
export function framePpp(frame: Uint8Array): Uint8Array {
  return concat(addressAndControl, frame);
}

export interface PppFrame {
  readonly protocol: number;
  readonly information: Uint8Array;
}

export function readPpp(frame: Uint8Array): PppFrame {
  const bare = frame[0] === 0xff && frame[1] === 0x03 ? frame.subarray(2) : frame;
  const isShort = ((bare[0] ?? 0) & 1) === 1;
  return {
    protocol: isShort ? (bare[0] ?? 0) : u16(bare, 0),
    information: bare.subarray(isShort ? 1 : 2),
  };
}

export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function u16s(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}
