import { bytes, rest, struct, u16, u32, u8, type Codec, type TypeOf } from '../../wire/codec.ts';
import { ipv4, ipv6, ipv6Prefix, text } from './values.ts';

/**
 * How often an attribute may come: `once` (the first counts), `many` in order, or `joined`, one long value in pieces
 * (RFC 3579 §3.1).
 */
export type Occurrence = 'once' | 'many' | 'joined';

export interface AttributeDefinition<T, O extends Occurrence = Occurrence> {
  /** SMI number of the vendor in whose Vendor-Specific attribute it travels (RFC 2865 §5.26). */
  readonly vendorId: number | undefined;
  readonly type: number;
  readonly occurs: O;
  readonly codec: Codec<T>;
}

function of(vendorId: number | undefined) {
  const define =
    <O extends Occurrence>(occurs: O) =>
    <T>(type: number, codec: Codec<T>): AttributeDefinition<T, O> => ({ vendorId, type, occurs, codec });
  return { once: define('once'), many: define('many'), joined: define('joined') };
}

const { once, many, joined } = of(undefined);
const microsoft = of(311);
const wispr = of(14122);
const mikrotik = of(14988);

/** RFC 2865 §5.3 */
const ChapPassword = struct({ identifier: u8, response: bytes(16) });
/** RFC 2548 §2.1.5, §2.2.3: a CHAP identifier, then what the CHAP packet says. */
const ChapText = struct({ identifier: u8, text });
/** RFC 2548 §2.1.9: one piece of the 516 bytes of the new password. */
const NtEncryptedPassword = struct({ code: u8, identifier: u8, sequence: u16, piece: rest });
/** RFC 2548 §2.2.2 */
const MsChap2Response = struct({
  identifier: u8,
  flags: u8,
  peerChallenge: bytes(16),
  reserved: bytes(8),
  ntResponse: bytes(24),
});
/** RFC 2548 §2.2.4 */
const MsChap2ChangePassword = struct({
  code: u8,
  identifier: u8,
  encryptedHash: bytes(16),
  peerChallenge: bytes(16),
  reserved: bytes(8),
  ntResponse: bytes(24),
  flags: u16,
});

/** What a gateway of PPP sessions says and heeds. */
export const attributes = {
  // RFC 2865 §5
  userName: once(1, text),
  userPassword: once(2, rest),
  chapPassword: once(3, ChapPassword),
  nasIpAddress: once(4, ipv4),
  nasPort: once(5, u32),
  serviceType: once(6, u32),
  framedProtocol: once(7, u32),
  framedIpAddress: once(8, ipv4),
  framedIpNetmask: once(9, ipv4),
  filterId: many(11, text),
  framedMtu: once(12, u32),
  framedCompression: many(13, u32),
  replyMessage: many(18, text),
  framedRoute: many(22, text),
  state: once(24, rest),
  class: many(25, rest),
  sessionTimeout: once(27, u32),
  idleTimeout: once(28, u32),
  calledStationId: once(30, text),
  callingStationId: once(31, text),
  nasIdentifier: once(32, text),
  proxyState: many(33, rest),
  chapChallenge: once(60, rest),
  nasPortType: once(61, u32),
  portLimit: once(62, u32),
  // RFC 2866 §5
  acctStatusType: once(40, u32),
  acctDelayTime: once(41, u32),
  acctInputOctets: once(42, u32),
  acctOutputOctets: once(43, u32),
  acctSessionId: once(44, text),
  acctAuthentic: once(45, u32),
  acctSessionTime: once(46, u32),
  acctInputPackets: once(47, u32),
  acctOutputPackets: once(48, u32),
  acctTerminateCause: once(49, u32),
  acctMultiSessionId: once(50, text),
  // RFC 2869 §5, RFC 3579 §3
  acctInputGigawords: once(52, u32),
  acctOutputGigawords: once(53, u32),
  eventTimestamp: once(55, u32),
  prompt: once(76, u32),
  connectInfo: once(77, text),
  eapMessage: joined(79, rest),
  messageAuthenticator: once(80, bytes(16)),
  acctInterimInterval: once(85, u32),
  nasPortId: once(87, text),
  framedPool: once(88, text),
  chargeableUserIdentity: once(89, rest), // RFC 4372
  // RFC 3162 §2, RFC 4818 §3, RFC 6911 §3
  nasIpv6Address: once(95, ipv6),
  framedInterfaceId: once(96, bytes(8)),
  framedIpv6Prefix: many(97, ipv6Prefix),
  framedIpv6Route: many(99, text),
  framedIpv6Pool: once(100, text),
  delegatedIpv6Prefix: many(123, ipv6Prefix),
  framedIpv6Address: once(168, ipv6),
  dnsServerIpv6Address: many(169, ipv6),
  errorCause: once(101, u32), // RFC 5176 §3.5
  // RFC 2548 §2
  msChapError: microsoft.once(2, ChapText),
  msChapNtEncPw: microsoft.many(6, NtEncryptedPassword),
  msChapChallenge: microsoft.once(11, rest),
  msChap2Response: microsoft.once(25, MsChap2Response),
  msChap2Success: microsoft.once(26, ChapText),
  msChap2Cpw: microsoft.once(27, MsChap2ChangePassword),
  msPrimaryDnsServer: microsoft.once(28, ipv4),
  msSecondaryDnsServer: microsoft.once(29, ipv4),
  msPrimaryNbnsServer: microsoft.once(30, ipv4),
  msSecondaryNbnsServer: microsoft.once(31, ipv4),
  // Wi-Fi Alliance's WISPr, bits a second
  wisprBandwidthMaxUp: wispr.once(7, u32),
  wisprBandwidthMaxDown: wispr.once(8, u32),
  mikrotikRateLimit: mikrotik.once(8, text),
} as const;

export type AttributeName = keyof typeof attributes;

type ValueOf<D> =
  D extends AttributeDefinition<unknown, 'many'>
    ? readonly TypeOf<D['codec']>[]
    : D extends AttributeDefinition<unknown>
      ? TypeOf<D['codec']>
      : never;

/** The attributes of one packet, by name. */
export type AttributeValues = { readonly [K in AttributeName]?: ValueOf<(typeof attributes)[K]> };

/** For a caller that handles attributes by name, whatever they hold. */
export const attributeDefinitions = Object.entries(attributes) as [AttributeName, AttributeDefinition<unknown>][];

const names = new Map(attributeDefinitions.map(([name, { vendorId, type }]) => [`${vendorId}/${type}`, name]));

export function attributeName(vendorId: number | undefined, type: number): AttributeName | undefined {
  return names.get(`${vendorId}/${type}`);
}
