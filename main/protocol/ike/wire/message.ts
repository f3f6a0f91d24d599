import { type Codec, Reader, Writer, bytes, struct, u8, u32 } from '../../wire/codec.ts';
import { named } from './named.ts';
import { type Chain, type Payload, decodeChain, encodeChain } from './payloads.ts';
import { exchanges, type ExchangeName } from './registry.ts';

/** RFC 2408 §3.1 */
const HeaderLayout = struct({
  initiatorCookie: bytes(8),
  responderCookie: bytes(8),
  firstPayload: u8,
  version: u8,
  exchange: named(u8, exchanges),
  flags: u8,
  messageId: u32,
  lengthBytes: u32,
});

const version = 0x10;
const flag = { encrypted: 1, commit: 2, authenticationOnly: 4 };
export const headerBytes = 28;
/** What a UDP datagram can carry. */
const maxMessageBytes = 65_507;

export interface Header {
  readonly initiatorCookie: Uint8Array;
  readonly responderCookie: Uint8Array;
  readonly exchange: ExchangeName | number;
  readonly encrypted: boolean;
  readonly commit: boolean;
  readonly authenticationOnly: boolean;
  /** 0 in phase 1. */
  readonly messageId: number;
}

/** A message whose payloads are not read yet: they may be encrypted. */
export interface Packet {
  readonly header: Header;
  readonly firstPayload: number;
  readonly body: Uint8Array;
}

export interface Message {
  readonly header: Header;
  readonly chain: Chain;
}

const Packet: Codec<Packet> = {
  read: (reader) => {
    const { firstPayload, version: peerVersion, flags, lengthBytes, ...rest } = HeaderLayout.read(reader);
    if (peerVersion >> 4 !== version >> 4) reader.fail(`IKE version ${peerVersion >> 4}`);
    if (lengthBytes < headerBytes || lengthBytes > maxMessageBytes) reader.fail(`message length ${lengthBytes}`);
    const { initiatorCookie, responderCookie, exchange, messageId } = rest;
    const header = {
      initiatorCookie,
      responderCookie,
      exchange,
      encrypted: (flags & flag.encrypted) !== 0,
      commit: (flags & flag.commit) !== 0,
      authenticationOnly: (flags & flag.authenticationOnly) !== 0,
      messageId,
    };
    return { header, firstPayload, body: reader.take(lengthBytes - headerBytes, 'message') };
  },
  write: (writer, { header, firstPayload, body }) => {
    const flags =
      (header.encrypted ? flag.encrypted : 0) |
      (header.commit ? flag.commit : 0) |
      (header.authenticationOnly ? flag.authenticationOnly : 0);
    HeaderLayout.write(writer, { ...header, firstPayload, version, flags, lengthBytes: headerBytes + body.length });
    writer.raw(body);
  },
};

/** Reads the header and cuts the body to its length. @throws WireError, also where bytes follow the message. */
export function decodePacket(datagram: Uint8Array): Packet {
  const reader = new Reader(datagram);
  const packet = Packet.read(reader);
  reader.end('message');
  return packet;
}

export function encodePacket(packet: Packet): Uint8Array {
  const writer = new Writer();
  Packet.write(writer, packet);
  return writer.finish();
}

/** Reads a message that is not encrypted. @throws WireError */
export function decodeMessage(datagram: Uint8Array): Message {
  const { header, firstPayload, body } = decodePacket(datagram);
  return { header, chain: decodeChain(firstPayload, body) };
}

/** Writes a message that is not encrypted. */
export function encodeMessage(header: Header, payloads: readonly Payload[]): Uint8Array {
  return encodePacket({ header, ...encodeChain(payloads) });
}
