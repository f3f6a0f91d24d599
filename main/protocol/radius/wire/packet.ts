import { encode, Reader, u16, u8, bytes, struct } from '../../wire/codec.ts';
import { concat } from '../../wire/bytes.ts';
import { WireError } from '../../wire/error.ts';

/** RFC 2865 §4, RFC 2866 §3, RFC 5176 §2.1. */
export const codes = {
  accessRequest: 1,
  accessAccept: 2,
  accessReject: 3,
  accountingRequest: 4,
  accountingResponse: 5,
  accessChallenge: 11,
  disconnectRequest: 40,
  disconnectAck: 41,
  disconnectNak: 42,
  coaRequest: 43,
  coaAck: 44,
  coaNak: 45,
} as const;

export const authenticatorBytes = 16;
export const headerBytes = 20;
/** RFC 2865 §3. */
const longestBytes = 4096;

const Header = struct({ code: u8, identifier: u8, lengthBytes: u16, authenticator: bytes(authenticatorBytes) });

export interface Packet {
  readonly code: number;
  readonly identifier: number;
  readonly authenticator: Uint8Array;
  readonly attributes: Uint8Array;
}

/**
 * Reads what is within the stated length; bytes after it are padding (RFC 2865 §3).
 * @throws WireError
 */
export function readPacket(datagram: Uint8Array): Packet {
  const reader = new Reader(datagram);
  const { code, identifier, lengthBytes, authenticator } = Header.read(reader);
  if (lengthBytes < headerBytes || lengthBytes > longestBytes) reader.fail(`a length of ${lengthBytes}`);
  return { code, identifier, authenticator, attributes: reader.take(lengthBytes - headerBytes, 'attributes') };
}

/** @throws WireError where the packet is longer than RADIUS allows. */
export function writePacket({ code, identifier, authenticator, attributes }: Packet): Uint8Array {
  const lengthBytes = headerBytes + attributes.length;
  if (lengthBytes > longestBytes) throw new WireError('wire.tooLong', longestBytes, `a packet of ${lengthBytes} bytes`);
  return concat(encode(Header, { code, identifier, lengthBytes, authenticator }), attributes);
}
