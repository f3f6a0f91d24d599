import { concat } from '../wire/bytes.ts';
import { type Codec, decode, encode, struct, u16, u32, u8 } from '../wire/codec.ts';
import { type IpPacket, readIcmpv6, writeIcmpv6, ipv6HeaderBytes } from '../ip/index.ts';
import { type NdOption, ndOptionBytes, ndOptions } from './options.ts';

/** What a router says of itself and its link (RFC 4861 §4.2). */
export interface RouterAdvertisement {
  /** For what the hosts send; 0: the router does not say. */
  readonly hopLimit: number;
  /** More is to be had by DHCPv6: addresses; name servers and the like. */
  readonly managed: boolean;
  readonly otherConfiguration: boolean;
  /** How long it may be used as a default router; 0: not at all. */
  readonly routerSeconds: number;
  readonly options: readonly NdOption[];
}

const Fields = struct({ hopLimit: u8, flags: u8, routerSeconds: u16, reachableMs: u32, retransmitMs: u32 });
const flag = { managed: 0x80, otherConfiguration: 0x40 } as const;
const fieldsBytes = 12;
const icmpv6HeaderBytes = 4;

/** Behind the ICMPv6 header. */
const advertisement: Codec<RouterAdvertisement> = {
  read: (reader) => {
    const { hopLimit, flags, routerSeconds } = Fields.read(reader);
    return {
      hopLimit,
      managed: (flags & flag.managed) !== 0,
      otherConfiguration: (flags & flag.otherConfiguration) !== 0,
      routerSeconds,
      options: ndOptions.read(reader),
    };
  },
  write: (writer, { hopLimit, managed, otherConfiguration, routerSeconds, options }) => {
    const flags = (managed ? flag.managed : 0) | (otherConfiguration ? flag.otherConfiguration : 0);
    Fields.write(writer, { hopLimit, flags, routerSeconds, reachableMs: 0, retransmitMs: 0 });
    ndOptions.write(writer, options);
  },
};

const types = { routerSolicitation: 133, routerAdvertisement: 134 } as const;
/** RFC 4861 §6.1: so that nobody beyond the link can have sent it. */
const ownLinkHopLimit = 255;

/** RFC 4861 §6.1.1 */
export function isRouterSolicitation(packet: IpPacket): boolean {
  const { type, code, hopLimit, body } = readIcmpv6(packet);
  return type === types.routerSolicitation && code === 0 && hopLimit === ownLinkHopLimit && body.length >= 4;
}

/** RFC 4861 §6.1.2. @throws WireError */
export function readRouterAdvertisement(packet: IpPacket): RouterAdvertisement | undefined {
  const { type, code, hopLimit, body } = readIcmpv6(packet);
  if (type !== types.routerAdvertisement || code !== 0 || hopLimit !== ownLinkHopLimit) return undefined;
  return decode(advertisement, body);
}

/**
 * The packets of one advertisement: as many as its options need, each with some of them (RFC 4861 §6.2.3).
 * @throws WireError where an option cannot be written
 */
export function writeRouterAdvertisement(
  said: RouterAdvertisement,
  { source, destination }: Pick<IpPacket, 'source' | 'destination'>,
  mostPacketBytes: number,
): readonly Uint8Array[] {
  const room = mostPacketBytes - ipv6HeaderBytes - icmpv6HeaderBytes - fieldsBytes;
  const parts: Uint8Array[][] = [[]];
  let used = 0;
  for (const option of said.options.map(ndOptionBytes)) {
    if (used > 0 && used + option.length > room) {
      parts.push([]);
      used = 0;
    }
    parts.at(-1)?.push(option);
    used += option.length;
  }
  const head = encode(advertisement, { ...said, options: [] });
  const message = { source, destination, hopLimit: ownLinkHopLimit, type: types.routerAdvertisement, code: 0 };
  return parts.map((options) => writeIcmpv6({ ...message, body: concat(head, ...options) }));
}
