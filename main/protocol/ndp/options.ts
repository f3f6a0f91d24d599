import { addressText } from '../wire/address.ts';
import { concat } from '../wire/bytes.ts';
import { bytes, type Codec, decode, encode, type Reader, struct, u16, u32, u8, Writer } from '../wire/codec.ts';
import { WireError } from '../wire/error.ts';
import { domainNames } from '../wire/domains.ts';
import { ipv6Address, networkBytes } from '../ip/index.ts';

/** Options of a router advertisement. Lifetimes are seconds; all ones are for ever. */
export type NdOption =
  | {
      readonly kind: 'prefix';
      readonly network: string;
      readonly onLink: boolean;
      /** Addresses may be formed of it (RFC 4862). */
      readonly autonomous: boolean;
      readonly validSeconds: number;
      readonly preferredSeconds: number;
    }
  | { readonly kind: 'mtu'; readonly mtuBytes: number }
  | { readonly kind: 'route'; readonly network: string; readonly seconds: number }
  | { readonly kind: 'dnsServers'; readonly addresses: readonly string[]; readonly seconds: number }
  | { readonly kind: 'searchDomains'; readonly domains: readonly string[]; readonly seconds: number };

type Kind = NdOption['kind'];
type OptionOf<K extends Kind> = Extract<NdOption, { kind: K }>;
const mediumPreference = 0;

const Prefix = struct({ length: u8, flags: u8, valid: u32, preferred: u32, reserved: u32, prefix: bytes(16) });
const prefixFlags = { onLink: 0x80, autonomous: 0x40 } as const;
const Mtu = struct({ reserved: u16, mtuBytes: u32 });
const RouteHead = struct({ length: u8, flags: u8, seconds: u32 });
const ListHead = struct({ reserved: u16, seconds: u32 });

/** What follows an option's type and length. */
const bodies: { readonly [K in Kind]: { readonly type: number; readonly body: Codec<OptionOf<K>> } } = {
  /** RFC 4861 §4.6.2 */
  prefix: {
    type: 3,
    body: {
      read: (reader) => {
        const { length, flags, valid, preferred, prefix } = Prefix.read(reader);
        return {
          kind: 'prefix',
          network: networkText(reader, prefix, length),
          onLink: (flags & prefixFlags.onLink) !== 0,
          autonomous: (flags & prefixFlags.autonomous) !== 0,
          validSeconds: valid,
          preferredSeconds: preferred,
        };
      },
      write: (writer, { network, onLink, autonomous, validSeconds: valid, preferredSeconds: preferred }) => {
        const { bytes: prefix, lengthBits: length } = ipv6Network(network);
        const flags = (onLink ? prefixFlags.onLink : 0) | (autonomous ? prefixFlags.autonomous : 0);
        Prefix.write(writer, { length, flags, valid, preferred, reserved: 0, prefix });
      },
    },
  },
  /** RFC 4861 §4.6.4 */
  mtu: {
    type: 5,
    body: {
      read: (reader) => ({ kind: 'mtu', mtuBytes: Mtu.read(reader).mtuBytes }),
      write: (writer, { mtuBytes }) => {
        Mtu.write(writer, { reserved: 0, mtuBytes });
      },
    },
  },
  /** RFC 4191 §2.3: of the prefix only as many eights of bytes as it needs. */
  route: {
    type: 24,
    body: {
      read: (reader) => {
        const { length, seconds } = RouteHead.read(reader);
        const prefix = new Uint8Array(16);
        prefix.set(reader.rest().subarray(0, 16));
        return { kind: 'route', network: networkText(reader, prefix, length), seconds };
      },
      write: (writer, { network, seconds }) => {
        const { bytes: prefix, lengthBits: length } = ipv6Network(network);
        RouteHead.write(writer, { length, flags: mediumPreference, seconds });
        writer.raw(prefix.subarray(0, 8 * Math.ceil(length / 64)));
      },
    },
  },
  /** RFC 8106 §5.1 */
  dnsServers: {
    type: 25,
    body: {
      read: (reader) => {
        const { seconds } = ListHead.read(reader);
        const addresses: string[] = [];
        while (reader.remaining > 0) addresses.push(ipv6Address.read(reader));
        return { kind: 'dnsServers', addresses, seconds };
      },
      write: (writer, { addresses, seconds }) => {
        ListHead.write(writer, { reserved: 0, seconds });
        for (const address of addresses) ipv6Address.write(writer, address);
      },
    },
  },
  /** RFC 8106 §5.2 */
  searchDomains: {
    type: 31,
    body: {
      read: (reader) => {
        const { seconds } = ListHead.read(reader);
        return { kind: 'searchDomains', domains: decode(domainNames, reader.rest()), seconds };
      },
      write: (writer, { domains, seconds }) => {
        ListHead.write(writer, { reserved: 0, seconds });
        domainNames.write(writer, domains);
      },
    },
  },
};

function networkText(reader: Reader, prefix: Uint8Array, lengthBits: number): string {
  if (lengthBits > 128) reader.fail(`a prefix of ${lengthBits} bits`);
  return `${addressText(prefix)}/${lengthBits}`;
}

function ipv6Network(network: string): ReturnType<typeof networkBytes> {
  const read = networkBytes(network);
  if (read.bytes.length !== 16) throw new WireError('wire.value', 0, `not an IPv6 network: ${network}`);
  return read;
}

const headBytes = 2;
const unitBytes = 8;

/** RFC 4861 §4.6: type, length in units of eight bytes, and what belongs to it, padded. Unknown ones are passed over. */
export const ndOptions: Codec<readonly NdOption[]> = {
  read: (reader) => {
    const options: NdOption[] = [];
    while (reader.remaining > 0) {
      const type = reader.u8('option type');
      const units = reader.u8('option length');
      if (units === 0) reader.fail('an option without length');
      const body = reader.take(units * unitBytes - headBytes, 'option');
      const known = Object.values(bodies).find((each) => each.type === type);
      if (known !== undefined) options.push(decode<NdOption>(known.body, body));
    }
    return options;
  },
  write: (writer, options) => {
    for (const option of options) writer.raw(ndOptionBytes(option));
  },
};

/** One option with its head and padding. @throws WireError where a value cannot be written */
export function ndOptionBytes(option: NdOption): Uint8Array {
  const { type, body } = bodies[option.kind] as { readonly type: number; readonly body: Codec<NdOption> };
  const content = encode(body, option);
  const units = Math.ceil((headBytes + content.length) / unitBytes);
  if (units > 0xff) throw new WireError('wire.tooLong', 0, 'option');
  const padding = new Uint8Array(units * unitBytes - headBytes - content.length);
  return concat(new Writer().u8(type).u8(units).finish(), content, padding);
}
