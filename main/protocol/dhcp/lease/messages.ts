import { anyIpv4, type DhcpMessage, messageTypes, writeDhcp } from '../message.ts';
import { type NamedOptions, namedOptions, optionCode, optionValue } from '../options.ts';
import { isHostAddress } from '../../ppp/address.ts';
import { ipBytes } from '../../ip/index.ts';
import { sameBytes } from '../../wire/bytes.ts';
import type { Lease, Offer } from './state.ts';
import type { LeaseConfig } from './types.ts';

const ethernet = 1;
/** A relay counts itself (RFC 1542 §4.1.1). */
const hops = 1;
/** What Ethernet carries. */
const maxMessageBytes = 1500;
const asksFor = Uint8Array.of(
  ...(['subnetMask', 'leaseSeconds', 'server', 'renewalSeconds', 'rebindingSeconds'] as const).map(
    (name) => optionCode[name],
  ),
);

type Kind = 'discover' | 'request' | 'decline' | 'release';

/** The relay's address is in each, so that each answer comes to us and not to the address that is asked for (RFC 2131 §4.1). */
export function leaseMessage(
  kind: Kind,
  { relayAddress, clientId, hardwareAddress }: LeaseConfig,
  { xid, secs, ciaddr = anyIpv4 }: { readonly xid: number; readonly secs: number; readonly ciaddr?: string },
  options: NamedOptions,
): Uint8Array {
  const asks = kind === 'discover' || kind === 'request' ? { asksFor, maxMessageBytes } : {};
  const fixed = {
    op: 'request',
    hops,
    xid,
    secs,
    broadcast: false,
    hardware: { type: ethernet, address: hardwareAddress },
  } as const;
  const addresses = { ciaddr, yiaddr: anyIpv4, siaddr: anyIpv4, giaddr: relayAddress };
  const named = namedOptions({ messageType: messageTypes[kind], clientId, ...options, ...asks });
  return writeDhcp({ ...fixed, ...addresses, options: named });
}

/** What a server's message means; `undefined` where it is not for this client, from another server, or says nothing. */
export type Answer =
  | { readonly kind: 'offer'; readonly offer: Offer }
  | { readonly kind: 'ack'; readonly lease: Lease; readonly seconds: number }
  | { readonly kind: 'nak'; readonly server: string };

/** @param sentMs  when the question was asked for the first time: the lease counts from then (RFC 2131 §4.4.1) */
export function readAnswer(
  config: LeaseConfig,
  message: DhcpMessage,
  from: string,
  sentMs: number,
): Answer | undefined {
  const { options, yiaddr: address } = message;
  const server = optionValue(options, 'server');
  if (message.op !== 'reply' || !sameBytes(message.hardware.address, config.hardwareAddress)) return undefined;
  if (server === undefined || (config.server !== undefined && config.server !== server && config.server !== from)) {
    return undefined;
  }
  const type = optionValue(options, 'messageType');
  if (type === messageTypes.nak) return { kind: 'nak', server };
  if (!isHostAddress(ipBytes(address)) || address === config.relayAddress) return undefined;
  if (type === messageTypes.offer) return { kind: 'offer', offer: { address, server } };
  const seconds = optionValue(options, 'leaseSeconds');
  if (type !== messageTypes.ack || seconds === undefined || seconds === 0) return undefined;
  return { kind: 'ack', lease: { address, server, ...timesOf(message, seconds, sentMs) }, seconds };
}

const forEver = 0xffff_ffff;

/** RFC 2131 §4.4.5: T1 and T2 are the server's where they make sense. */
function timesOf({ options }: DhcpMessage, seconds: number, sentMs: number): Omit<Lease, keyof Offer> {
  if (seconds === forEver) return { renewMs: Infinity, rebindMs: Infinity, expiryMs: Infinity };
  const renewal = optionValue(options, 'renewalSeconds') ?? 0;
  const rebinding = optionValue(options, 'rebindingSeconds') ?? 0;
  const isSensible = renewal > 0 && renewal < rebinding && rebinding < seconds;
  const [first, second] = isSensible ? [renewal, rebinding] : [seconds * 0.5, seconds * 0.875];
  return { renewMs: sentMs + first * 1000, rebindMs: sentMs + second * 1000, expiryMs: sentMs + seconds * 1000 };
}
