import { encode, Reader, struct, u16, type TypeOf } from '../wire/codec.ts';
import { concat } from '../wire/bytes.ts';

/** RFC 2661 §3.1: T, L, S, O and P, then the version in the low four bits; the other bits are ignored on receipt. */
const flag = { control: 0x8000, length: 0x4000, sequence: 0x0800, offset: 0x0200, priority: 0x0100 } as const;
const versionMask = 0x000f;
const version = 2;
const controlFlags = flag.control | flag.length | flag.sequence | version;

/** RFC 2661 §3.1, as every control message has it: T, L and S set, O and P clear. */
const ControlFields = struct({ flags: u16, lengthBytes: u16, tunnelId: u16, sessionId: u16, ns: u16, nr: u16 });
const headerBytes = 12;

export type ControlHeader = Pick<TypeOf<typeof ControlFields>, 'tunnelId' | 'sessionId' | 'ns' | 'nr'>;

export interface ControlPacket {
  readonly header: ControlHeader;
  /** The AVPs; empty in a ZLB acknowledgement. */
  readonly body: Uint8Array;
}

/**
 * Reads a control message. Bytes after its stated length are ignored: some peers pad.
 * @throws WireError
 */
export function readControl(bytes: Uint8Array): ControlPacket {
  const reader = new Reader(bytes);
  const { flags, lengthBytes, ...header } = ControlFields.read(reader);
  const known = flag.control | flag.length | flag.sequence | flag.offset | flag.priority | versionMask;
  if ((flags & known) !== controlFlags) reader.fail(`flags ${flags.toString(16)} of a control message`);
  if (lengthBytes < headerBytes) reader.fail(`a length of ${lengthBytes}`);
  return { header, body: reader.take(lengthBytes - headerBytes, 'AVPs') };
}

/** @throws WireError when the message does not fit its length field. */
export function writeControl(header: ControlHeader, body: Uint8Array): Uint8Array {
  const lengthBytes = headerBytes + body.length;
  return concat(encode(ControlFields, { flags: controlFlags, lengthBytes, ...header }), body);
}

/** What the version field says: 1 is L2F, 2 is ours, 3 is L2TPv3. `undefined`: not even a flags field. */
export function peekVersion(bytes: Uint8Array): number | undefined {
  const low = bytes[1];
  return low === undefined ? undefined : low & versionMask;
}

export function isControl(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & (flag.control >> 8)) !== 0;
}

/** The tunnel a control message is for, 0 if its sender knows none yet; `undefined`: not a control message of L2TPv2. */
export function peekTunnelId(bytes: Uint8Array): number | undefined {
  const [high, low] = [bytes[4], bytes[5]];
  if (bytes.length < headerBytes || high === undefined || low === undefined) return undefined;
  return isControl(bytes) && peekVersion(bytes) === version ? (high << 8) | low : undefined;
}
