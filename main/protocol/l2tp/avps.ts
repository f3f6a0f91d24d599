import { fromUtf8, utf8 } from '../wire/bytes.ts';
import { bytes, rest, struct, u16, u32, u8, type Codec, type TypeOf } from '../wire/codec.ts';

/** What a table entry says of an AVP: its codec, and the M and H bits that RFC 2661 §4.4 allows it. */
export interface AvpDefinition<T> {
  readonly type: number;
  /** We set the M bit: a receiver that does not know the AVP must refuse. */
  readonly mandatory: boolean;
  /** The AVP may travel hidden (§4.3). */
  readonly hideable: boolean;
  readonly codec: Codec<T>;
}

function avp<T>(type: number, bits: 'M' | 'H' | 'MH' | '', codec: Codec<T>): AvpDefinition<T> {
  return { type, mandatory: bits.startsWith('M'), hideable: bits.endsWith('H'), codec };
}

/** Text; peers that end it with a zero byte, as in C, mean the text before it. */
const text: Codec<string> = {
  read: (reader) => fromUtf8(reader.rest()).replace(/\0+$/, ''),
  write: (writer, value) => void writer.raw(utf8(value)),
};

/** The AVP's presence is its meaning. */
const presence: Codec<true> = {
  read: (reader) => {
    reader.rest();
    return true;
  },
  write: () => undefined,
};

/** What follows a reserved field, which is zero when written and ignored when read. */
function afterReserved<T>(field: Codec<number>, codec: Codec<T>): Codec<T> {
  return {
    read: (reader) => {
      field.read(reader);
      return codec.read(reader);
    },
    write: (writer, value) => {
      field.write(writer, 0);
      codec.write(writer, value);
    },
  };
}

interface ResultCode {
  readonly resultCode: number;
  readonly errorCode?: number;
  readonly message?: string;
}

/** §4.4.2: the error code and, after it, the message are optional. */
const resultCode: Codec<ResultCode> = {
  read: (reader) => {
    const code = reader.u16('result code');
    if (reader.remaining === 0) return { resultCode: code };
    const errorCode = reader.u16('error code');
    return reader.remaining === 0
      ? { resultCode: code, errorCode }
      : { resultCode: code, errorCode, message: text.read(reader) };
  },
  write: (writer, { resultCode: code, errorCode, message }) => {
    writer.u16(code);
    if (errorCode !== undefined || message !== undefined) writer.u16(errorCode ?? 0);
    if (message !== undefined) text.write(writer, message);
  },
};

/** §4.4.6, counted since the call began. */
const CallErrors = struct({
  crcErrors: u32,
  framingErrors: u32,
  hardwareOverruns: u32,
  bufferOverruns: u32,
  timeouts: u32,
  alignmentErrors: u32,
});

/** Every AVP of RFC 2661 §4.4, in the order of their numbers (20 is unassigned). */
export const avps = {
  messageType: avp(0, 'M', u16),
  resultCode: avp(1, 'M', resultCode),
  protocolVersion: avp(2, 'M', struct({ version: u8, revision: u8 })),
  framingCapabilities: avp(3, 'MH', u32),
  bearerCapabilities: avp(4, 'MH', u32),
  tieBreaker: avp(5, '', bytes(8)),
  firmwareRevision: avp(6, 'H', u16),
  hostName: avp(7, 'M', text),
  vendorName: avp(8, 'H', text),
  assignedTunnelId: avp(9, 'MH', u16),
  receiveWindowSize: avp(10, 'M', u16),
  challenge: avp(11, 'MH', rest),
  q931CauseCode: avp(12, 'M', struct({ causeCode: u16, causeMessage: u8, advisory: text })),
  challengeResponse: avp(13, 'MH', bytes(16)),
  assignedSessionId: avp(14, 'MH', u16),
  callSerialNumber: avp(15, 'MH', u32),
  minimumBps: avp(16, 'MH', u32),
  maximumBps: avp(17, 'MH', u32),
  bearerType: avp(18, 'MH', u32),
  framingType: avp(19, 'MH', u32),
  calledNumber: avp(21, 'MH', text),
  callingNumber: avp(22, 'MH', text),
  subAddress: avp(23, 'MH', text),
  transmitConnectSpeed: avp(24, 'MH', u32),
  physicalChannelId: avp(25, 'H', u32),
  initialReceivedLcpConfReq: avp(26, 'H', rest),
  lastSentLcpConfReq: avp(27, 'H', rest),
  lastReceivedLcpConfReq: avp(28, 'H', rest),
  proxyAuthenType: avp(29, 'H', u16),
  proxyAuthenName: avp(30, 'H', text),
  proxyAuthenChallenge: avp(31, 'H', rest),
  proxyAuthenId: avp(32, 'H', afterReserved(u8, u8)),
  proxyAuthenResponse: avp(33, 'H', rest),
  callErrors: avp(34, 'MH', afterReserved(u16, CallErrors)),
  accm: avp(35, 'MH', afterReserved(u16, struct({ sendAccm: u32, receiveAccm: u32 }))),
  randomVector: avp(36, 'M', rest),
  privateGroupId: avp(37, 'H', rest),
  receiveConnectSpeed: avp(38, 'H', u32),
  sequencingRequired: avp(39, 'M', presence),
} as const;

export type AvpName = keyof typeof avps;

/** The AVPs of one message, by name. */
export type AvpValues = { readonly [K in AvpName]?: TypeOf<(typeof avps)[K]['codec']> };

/** For a caller that handles AVPs by name, whatever they hold. */
export const avpDefinitions = Object.entries(avps) as [AvpName, AvpDefinition<unknown>][];

const names = new Map(avpDefinitions.map(([name, definition]) => [definition.type, name]));

export function avpName(type: number): AvpName | undefined {
  return names.get(type);
}
