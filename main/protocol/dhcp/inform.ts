import { ipv4HeaderBytes, udpHeaderBytes } from '../ip/index.ts';
import { anyIpv4, type DhcpMessage, fixedBytes, messageTypes } from './message.ts';
import { optionBytes } from './option-codec.ts';
import { type NamedOptions, namedOptions, optionCode, optionValue } from './options.ts';

/** What there is to tell a client that has its address already (RFC 2131 §3.4). */
export interface InformFacts {
  /** The host's own address inside the tunnel: the server, and the router of all routes. */
  readonly host: string;
  readonly dnsServers: readonly string[];
  /** The first is the client's own, all are searched. */
  readonly domains: readonly string[];
  /** IPv4 networks behind the host. */
  readonly networks: readonly string[];
  readonly wins: readonly string[];
}

export interface InformAnswer {
  readonly message: DhcpMessage;
  /** How many of the networks found no room. */
  readonly networksLeftOut: number;
}

/** RFC 2131 §2: whoever receives at all can receive so much. */
const usualPacketBytes = 576;
const headerBytes = ipv4HeaderBytes + udpHeaderBytes + fixedBytes;
const endBytes = 1;

/**
 * The DHCPACK for a DHCPINFORM, with what it asks for; with everything where it does not say (RFC 2131 §4.3.5).
 * @param mostPacketBytes  of the IP packet, on this link; a client that names a limit (option 57) gets no more than that
 * @throws WireError where a fact cannot be written
 */
export function answerInform(inform: DhcpMessage, facts: InformFacts, mostPacketBytes: number): InformAnswer {
  const { host, dnsServers, domains, networks, wins } = facts;
  const asked = optionValue(inform.options, 'asksFor');
  const named = optionValue(inform.options, 'maxMessageBytes') ?? mostPacketBytes;
  const limit = Math.min(mostPacketBytes, Math.max(named, usualPacketBytes));
  const options = new Map(namedOptions({ messageType: messageTypes.ack, server: host }));
  const size = (): number => [...options].reduce((sum, each) => sum + optionBytes(...each), headerBytes + endBytes);
  const tell = (value: NamedOptions, mostBytes: number): void => {
    for (const [code, bytes] of namedOptions(value)) {
      const isWanted = asked === undefined || asked.includes(code);
      if (isWanted && size() + optionBytes(code, bytes) <= mostBytes) options.set(code, bytes);
    }
  };

  if (dnsServers.length > 0) tell({ dnsServers }, limit);
  if (domains[0] !== undefined) tell({ domainName: domains[0] }, limit);
  // Who asks for Microsoft's option reads it; Windows before Vista reads no other.
  const isMicrosoft = asked?.includes(optionCode.microsoftRoutes) === true;
  const [first, second] = isMicrosoft
    ? (['microsoftRoutes', 'classlessRoutes'] as const)
    : (['classlessRoutes', 'microsoftRoutes'] as const);
  const isAsked = asked === undefined || asked.includes(optionCode[first]);
  const fitting = isAsked ? whatFits(networks, limit - size()) : [];
  const routes = fitting.map((network) => ({ network, router: host }));
  if (routes.length > 0) tell({ [first]: routes }, limit);
  if (wins.length > 0) tell({ wins }, limit);
  if (domains.length > 0) tell({ domainSearch: domains }, limit);
  if (routes.length > 0) tell({ [second]: routes }, Math.min(limit, usualPacketBytes));

  const message: DhcpMessage = { ...inform, op: 'reply', hops: 0, secs: 0, yiaddr: anyIpv4, siaddr: anyIpv4, options };
  return { message, networksLeftOut: isAsked ? networks.length - fitting.length : 0 };
}

/** A route's width, destination and router; an option has two bytes before each piece, of which none need be shorter than this. */
const leastPieceBytes = 255 - 8;

/** As many networks from the first on as one option of routes holds in so many bytes. */
function whatFits(networks: readonly string[], mostBytes: number): readonly string[] {
  let bytes = 0;
  const full = networks.findIndex((network) => {
    bytes += 1 + Math.ceil(Number(network.split('/')[1]) / 8) + 4;
    return bytes + 2 * Math.ceil(bytes / leastPieceBytes) > mostBytes;
  });
  return full < 0 ? networks : networks.slice(0, full);
}
