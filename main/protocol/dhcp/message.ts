import { concat } from '../wire/bytes.ts';
import { bytes, encode, Reader, struct, u16, u32, u8 } from '../wire/codec.ts';
import { WireError } from '../wire/error.ts';
import { ipv4Address } from '../ip/index.ts';
import { readOptions, writeOptions } from './option-codec.ts';
import { optionCode, type OptionValues } from './options.ts';

/** RFC 2131 §2, with the magic cookie that begins the options (§3). */
const Fixed = struct({
  op: u8,
  hardwareType: u8,
  hardwareBytes: u8,
  hops: u8,
  xid: u32,
  secs: u16,
  flags: u16,
  ciaddr: ipv4Address,
  yiaddr: ipv4Address,
  siaddr: ipv4Address,
  giaddr: ipv4Address,
  chaddr: bytes(16),
  sname: bytes(64),
  file: bytes(128),
  cookie: u32,
});
/** Up to the options. */
export const fixedBytes = 240;
const cookie = 0x63825363;
const broadcastFlag = 0x8000;
const ops = { request: 1, reply: 2 } as const;
const longestHardwareBytes = 16;
/** RFC 1542 §2.1: some agents drop what is shorter. */
const leastMessageBytes = 300;
export const anyIpv4 = '0.0.0.0';

export interface DhcpMessage {
  readonly op: keyof typeof ops;
  readonly hops: number;
  readonly xid: number;
  /** Since the client began. */
  readonly secs: number;
  /** The client cannot receive unicast yet. */
  readonly broadcast: boolean;
  /** The client's, the one it is given, the next server's, the relay's. */
  readonly ciaddr: string;
  readonly yiaddr: string;
  readonly siaddr: string;
  readonly giaddr: string;
  /** At most 16 bytes. */
  readonly hardware: { readonly type: number; readonly address: Uint8Array };
  /** In the order of the wire; repeated ones are joined (RFC 3396). See `options`. */
  readonly options: OptionValues;
}

/** @throws WireError, also for BOOTP without options */
export function readDhcp(message: Uint8Array): DhcpMessage {
  const reader = new Reader(message);
  const { op, hardwareType, hardwareBytes, flags, chaddr, cookie: magic, sname, file, ...rest } = Fixed.read(reader);
  const name = op === ops.request ? 'request' : 'reply';
  if (op !== ops[name]) reader.fail(`operation ${op}`);
  if (magic !== cookie) reader.fail('no magic cookie');
  if (hardwareBytes > longestHardwareBytes) reader.fail(`a hardware address of ${hardwareBytes} bytes`);
  const own = readOptions([reader.rest()]);
  // RFC 2131 §4.1, RFC 3396 §5: options may go on in `file`, then in `sname`.
  const overload = own.get(optionCode.overload)?.[0] ?? 0;
  const more = [...((overload & 1) !== 0 ? [file] : []), ...((overload & 2) !== 0 ? [sname] : [])];
  return {
    op: name,
    hops: rest.hops,
    xid: rest.xid,
    secs: rest.secs,
    broadcast: (flags & broadcastFlag) !== 0,
    ciaddr: rest.ciaddr,
    yiaddr: rest.yiaddr,
    siaddr: rest.siaddr,
    giaddr: rest.giaddr,
    hardware: { type: hardwareType, address: chaddr.subarray(0, hardwareBytes) },
    options: more.length === 0 ? own : readOptions([message.subarray(fixedBytes), ...more]),
  };
}

/** @throws WireError where an address is none, or the hardware address is too long. */
export function writeDhcp(message: DhcpMessage): Uint8Array {
  const { op, broadcast, hardware, options, ...rest } = message;
  if (hardware.address.length > longestHardwareBytes) throw new WireError('wire.tooLong', 0, 'hardware address');
  const fixed = encode(Fixed, {
    ...rest,
    op: ops[op],
    hardwareType: hardware.type,
    hardwareBytes: hardware.address.length,
    flags: broadcast ? broadcastFlag : 0,
    chaddr: concat(hardware.address, new Uint8Array(longestHardwareBytes - hardware.address.length)),
    sname: new Uint8Array(64),
    file: new Uint8Array(128),
    cookie,
  });
  const written = concat(fixed, writeOptions(options));
  return concat(written, new Uint8Array(Math.max(0, leastMessageBytes - written.length)));
}

/** Option 53. */
export const messageTypes = {
  discover: 1,
  offer: 2,
  request: 3,
  decline: 4,
  ack: 5,
  nak: 6,
  release: 7,
  inform: 8,
} as const; // RFC 2132 §9.6
