import { decode, encode, rest, struct, u16, type Codec, type TypeOf } from '../wire/codec.ts';
import { WireError } from '../wire/error.ts';

/** PPP protocol numbers (IANA "PPP DLL Protocol Numbers"). */
export const protocols = {
  ipv4: 0x0021,
  ipv6: 0x0057,
  ipcp: 0x8021,
  ipv6cp: 0x8057,
  ccp: 0x80fd,
  lcp: 0xc021,
  pap: 0xc023,
  chap: 0xc223,
  eap: 0xc227,
} as const;

/** A PPP frame without address, control and checksum; the protocol field in full form (RFC 1661 §2). */
export const Frame = struct({ protocol: u16, information: rest });
export type Frame = TypeOf<typeof Frame>;

/** No packet in it: discarded without a word by every implementation (RFC 1661 §5), but something that arrives. */
export const emptyLcpFrame: Uint8Array = encode(Frame, { protocol: protocols.lcp, information: new Uint8Array() });

/** RFC 1661 §5 and its heirs (RFC 1334 §2.2, RFC 1994 §4): one header for every protocol that negotiates. */
export interface Packet {
  readonly code: number;
  readonly identifier: number;
  readonly data: Uint8Array;
}

const headerBytes = 4;

export const Packet: Codec<Packet> = {
  read: (reader) => {
    const code = reader.u8('code');
    const identifier = reader.u8('identifier');
    const lengthBytes = reader.u16('length');
    if (lengthBytes < headerBytes) reader.fail('a length below 4');
    const data = reader.take(lengthBytes - headerBytes, 'data');
    reader.rest(); // RFC 1661 §5: what lies beyond the length is padding
    return { code, identifier, data };
  },
  write: (writer, { code, identifier, data }) => {
    if (data.length > 0xffff - headerBytes) throw new WireError('wire.tooLong', writer.length, 'PPP packet');
    writer
      .u8(code)
      .u8(identifier)
      .u16(data.length + headerBytes)
      .raw(data);
  },
};

/** The codes that every control protocol shares (RFC 1661 §5). */
export const controlCodes = {
  configureRequest: 1,
  configureAck: 2,
  configureNak: 3,
  configureReject: 4,
  terminateRequest: 5,
  terminateAck: 6,
  codeReject: 7,
} as const;

/** RFC 1661 §6. */
export interface Option {
  readonly type: number;
  readonly data: Uint8Array;
}

/** More than any protocol defines: a Nak of them all, each larger than what was asked, still fits a packet. */
const maxOptions = 64;

export const Options: Codec<readonly Option[]> = {
  read: (reader) => {
    const options: Option[] = [];
    while (reader.remaining > 0) {
      if (options.length === maxOptions) reader.fail('too many options');
      const type = reader.u8('option type');
      const lengthBytes = reader.u8('option length');
      if (lengthBytes < 2) reader.fail('an option length below 2');
      options.push({ type, data: reader.take(lengthBytes - 2, 'option') });
    }
    return options;
  },
  write: (writer, options) => {
    for (const { type, data } of options) {
      if (data.length > 0xff - 2) throw new WireError('wire.tooLong', writer.length, 'PPP option');
      writer
        .u8(type)
        .u8(data.length + 2)
        .raw(data);
    }
  },
};

export function encodeFrame(protocol: number, packet: Packet): Uint8Array {
  return encode(Frame, { protocol, information: encode(Packet, packet) });
}

/** `undefined` where the bytes are none: a malformed packet is silently discarded (RFC 1661 §5). */
export function tryDecode<T>(codec: Codec<T>, bytes: Uint8Array): T | undefined {
  try {
    return decode(codec, bytes);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
