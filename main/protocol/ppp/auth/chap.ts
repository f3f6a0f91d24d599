import { concat, fromLatin1, fromUtf8, latin1, toHex, fromHex, utf8 } from '../../wire/bytes.ts';
import { bytes, struct, u16, type Codec, type TypeOf } from '../../wire/codec.ts';
import type { AuthFailureCode } from '../types.ts';

/** RFC 1994 §4, RFC 2759 §7. */
export const chapCodes = { challenge: 1, response: 2, success: 3, failure: 4, changePassword: 7 } as const;

/** RFC 1994 §4.1: both the Challenge and the Response. */
export interface ChapValue {
  readonly value: Uint8Array;
  readonly name: Uint8Array;
}

export const ChapValue: Codec<ChapValue> = {
  read: (reader) => ({ value: reader.take(reader.u8('value size'), 'value'), name: reader.rest() }),
  write: (writer, { value, name }) => void writer.u8(value.length).raw(value).raw(name),
};

/** RFC 2759 §4: the value of an MS-CHAPv2 Response. */
export const MsChapResponse = struct({
  peerChallenge: bytes(16),
  reserved: bytes(8),
  ntResponse: bytes(24),
  flags: bytes(1),
});
export type MsChapResponse = TypeOf<typeof MsChapResponse>;

/** RFC 2759 §7: the data of a Change-Password packet. */
export const ChangePassword = struct({
  encryptedPassword: bytes(516),
  encryptedHash: bytes(16),
  peerChallenge: bytes(16),
  reserved: bytes(8),
  ntResponse: bytes(24),
  flags: u16,
});
export type ChangePassword = TypeOf<typeof ChangePassword>;

/** RFC 1334 §2.2. */
export const papCodes = { request: 1, ack: 2, nak: 3 } as const;

const counted: Codec<Uint8Array> = {
  read: (reader) => reader.take(reader.u8('length')),
  write: (writer, value) => void writer.u8(value.length).raw(value),
};

export const PapRequest = struct({ peerId: counted, password: counted });

/** Some peers leave the message and its length out. */
export const PapMessage: Codec<Uint8Array> = {
  read: (reader) => (reader.remaining === 0 ? new Uint8Array() : counted.read(reader)),
  write: (writer, value) => {
    counted.write(writer, value.slice(0, 0xff));
  },
};

/** RFC 2759 §6: "E=691 R=1 C=<32 hexadecimal digits> V=3 M=text"; every part may be missing. */
export interface MsChapFailure {
  readonly code: AuthFailureCode;
  readonly retryAllowed: boolean;
  readonly challenge: Uint8Array | undefined;
  readonly version: number;
  readonly message: string;
}

const failureCodes: readonly AuthFailureCode[] = [646, 647, 648, 649, 691, 709];

export function readMsChapFailure(data: Uint8Array): MsChapFailure {
  const text = fromLatin1(data);
  const head = text.split(/(?:^|\s)M=/, 1)[0] ?? '';
  const part = (name: string, digits: string): string | undefined =>
    new RegExp(`(?:^|\\s)${name}=(${digits})(?=\\s|$)`).exec(head)?.[1];
  const code = Number(part('E', '\\d{1,10}'));
  const challenge = part('C', '[0-9a-fA-F]{32}');
  return {
    code: failureCodes.find((known) => known === code) ?? 'other',
    retryAllowed: part('R', '[01]') === '1',
    challenge: challenge === undefined ? undefined : fromHex(challenge),
    version: Number(part('V', '\\d{1,3}') ?? 0),
    message: head.length === text.length ? '' : fromUtf8(latin1(text.slice(text.indexOf('M=', head.length) + 2))),
  };
}

export function writeMsChapFailure(failure: MsChapFailure & { readonly challenge: Uint8Array }): Uint8Array {
  const code = failure.code === 'other' ? 691 : failure.code;
  const retry = failure.retryAllowed ? 1 : 0;
  const challenge = toHex(failure.challenge).toUpperCase();
  return concat(latin1(`E=${code} R=${retry} C=${challenge} V=${failure.version} M=`), utf8(failure.message));
}

/** RFC 2759 §5: "S=<40 hexadecimal digits> M=text"; `undefined` where the proof is missing. */
export function readMsChapSuccess(data: Uint8Array): { readonly proof: string; readonly message: string } | undefined {
  const match = /^S=([0-9a-fA-F]{40})(?:\s+M=([^]*))?/.exec(fromLatin1(data));
  if (match?.[1] === undefined) return undefined;
  return { proof: match[1].toUpperCase(), message: fromUtf8(latin1(match[2] ?? '')) };
}

export function writeMsChapSuccess(proof: string, message: string): Uint8Array {
  return concat(latin1(`S=${proof} M=`), utf8(message));
}
