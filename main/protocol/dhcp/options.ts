import { fromUtf8, utf8 } from '../wire/bytes.ts';
import { type Codec, decode, encode, rest, u16, u32, u8 } from '../wire/codec.ts';
import { WireError } from '../wire/error.ts';
import { ipv4Address } from '../ip/index.ts';
import { domainNames } from '../wire/domains.ts';
import { classlessRoutes } from './routes.ts';

/** At least one (RFC 2132 §3.8 and its like). */
const ipv4Addresses: Codec<readonly string[]> = {
  read: (reader) => {
    const addresses = [ipv4Address.read(reader)];
    while (reader.remaining > 0) addresses.push(ipv4Address.read(reader));
    return addresses;
  },
  write: (writer, addresses) => {
    for (const address of addresses) ipv4Address.write(writer, address);
  },
};

/** NVT text; Windows and others end it with a zero (RFC 2132 §2). */
const text: Codec<string> = {
  read: (reader) => fromUtf8(reader.rest()).replace(/\0+$/, ''),
  write: (writer, value) => void writer.raw(utf8(value)),
};

interface Option<T> {
  readonly code: number;
  readonly codec: Codec<T>;
}

const option = <T>(code: number, codec: Codec<T>): Option<T> => ({ code, codec });

/** RFC 2132, RFC 3397, RFC 3442, and Microsoft's own 249. */
const registry = {
  subnetMask: option(1, ipv4Address),
  routers: option(3, ipv4Addresses),
  dnsServers: option(6, ipv4Addresses),
  domainName: option(15, text),
  wins: option(44, ipv4Addresses),
  requestedAddress: option(50, ipv4Address),
  leaseSeconds: option(51, u32),
  overload: option(52, u8),
  messageType: option(53, u8),
  server: option(54, ipv4Address),
  /** Codes of options. */
  asksFor: option(55, rest),
  maxMessageBytes: option(57, u16),
  renewalSeconds: option(58, u32),
  rebindingSeconds: option(59, u32),
  vendorClass: option(60, text),
  clientId: option(61, rest),
  domainSearch: option(119, domainNames),
  classlessRoutes: option(121, classlessRoutes),
  microsoftRoutes: option(249, classlessRoutes),
} as const;

export type OptionName = keyof typeof registry;
/** Options by name, each with its value. */
export type NamedOptions = {
  readonly [Name in OptionName]?: (typeof registry)[Name] extends Option<infer T> ? T : never;
};
/** Values as they are on the wire, by their code. */
export type OptionValues = ReadonlyMap<number, Uint8Array>;

export const optionCode = Object.fromEntries(
  Object.entries(registry).map(([name, { code }]) => [name, code]),
) as Readonly<Record<OptionName, number>>;

/** In the order of the members. @throws WireError where a value cannot be written */
export function namedOptions(named: NamedOptions): OptionValues {
  const entries = Object.entries(named) as [OptionName, unknown][];
  return new Map(
    entries.map(([name, value]) => [registry[name].code, encode(registry[name].codec as Codec<unknown>, value)]),
  );
}

/** `undefined` where the option is absent or malformed: one bad option does not spoil the others. */
export function optionValue<Name extends OptionName>(values: OptionValues, name: Name): NamedOptions[Name] | undefined {
  const value = values.get(registry[name].code);
  if (value === undefined) return undefined;
  try {
    return decode<unknown>(registry[name].codec, value) as NamedOptions[Name];
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
