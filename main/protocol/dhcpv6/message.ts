import { type Codec, struct, u16, u32 } from '../wire/codec.ts';
import { WireError } from '../wire/error.ts';

export interface Dhcpv6Option {
  readonly code: number;
  readonly data: Uint8Array;
}

/** A message between a client and a server (RFC 8415 §8); relays have another form. */
export interface Dhcpv6Message {
  readonly type: number;
  /** 24 bits. */
  readonly transactionId: number;
  /** In the order of the wire. */
  readonly options: readonly Dhcpv6Option[];
}

/** RFC 8415 §7.3 */
export const messageTypes = { reply: 7, informationRequest: 11 } as const;

/** RFC 8415 §21, RFC 3646 */
export const optionCodes = {
  clientId: 1,
  serverId: 2,
  identityAssociation: 3,
  temporaryAssociation: 4,
  asksFor: 6,
  dnsServers: 23,
  searchDomains: 24,
  prefixDelegation: 25,
  refreshSeconds: 32,
} as const;

const Head = struct({ typeAndTransaction: u32 });
const OptionHead = struct({ code: u16, lengthBytes: u16 });
const transactionMask = 0xff_ffff;

export const dhcpv6: Codec<Dhcpv6Message> = {
  read: (reader) => {
    const { typeAndTransaction } = Head.read(reader);
    const options: Dhcpv6Option[] = [];
    while (reader.remaining > 0) {
      const { code, lengthBytes } = OptionHead.read(reader);
      options.push({ code, data: reader.take(lengthBytes, `option ${code}`) });
    }
    return { type: typeAndTransaction >>> 24, transactionId: typeAndTransaction & transactionMask, options };
  },
  write: (writer, { type, transactionId, options }) => {
    Head.write(writer, { typeAndTransaction: ((type << 24) | (transactionId & transactionMask)) >>> 0 });
    for (const { code, data } of options) {
      if (data.length > 0xffff) throw new WireError('wire.tooLong', writer.length, `option ${code}`);
      OptionHead.write(writer, { code, lengthBytes: data.length });
      writer.raw(data);
    }
  },
};

/** RFC 8415 §11.5 (DUID-UUID, RFC 6355): a server's name for itself. `uuid` is 16 bytes. */
export function duidOf(uuid: Uint8Array): Uint8Array {
  return Uint8Array.of(0, 4, ...uuid);
}
