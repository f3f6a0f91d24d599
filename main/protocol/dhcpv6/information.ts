import { sameBytes } from '../wire/bytes.ts';
import { encode, Reader, u16, u32 } from '../wire/codec.ts';
import { domainNames } from '../wire/domains.ts';
import { ipBytes } from '../ip/index.ts';
import { type Dhcpv6Message, type Dhcpv6Option, messageTypes, optionCodes as codes } from './message.ts';

/** What there is to tell a client that has its addresses already. */
export interface InformationFacts {
  /** The server's DUID. */
  readonly server: Uint8Array;
  /** IPv6 alone. */
  readonly dnsServers: readonly string[];
  readonly domains: readonly string[];
  /** When the client asks again (RFC 8415 §21.23). */
  readonly refreshSeconds: number;
}

const associations: readonly number[] = [codes.identityAssociation, codes.temporaryAssociation, codes.prefixDelegation];
/** RFC 8415 §11.1 */
const longestDuidBytes = 130;
/** Of the search list, so that the answer fits the smallest link of IPv6. */
const mostDomainBytes = 800;

/**
 * The Reply to an Information-request (RFC 8415 §18.3.6); `undefined` where the message is none, is another server's, or asks for
 * addresses besides (§16.12).
 * @throws WireError where a fact cannot be written
 */
export function answerInformation(asked: Dhcpv6Message, facts: InformationFacts): Dhcpv6Message | undefined {
  if (asked.type !== messageTypes.informationRequest) return undefined;
  const find = (code: number): Uint8Array | undefined => asked.options.find((option) => option.code === code)?.data;
  if (asked.options.some(({ code }) => associations.includes(code))) return undefined;
  const named = find(codes.serverId);
  if (named !== undefined && !sameBytes(named, facts.server)) return undefined;

  const client = find(codes.clientId);
  if (client !== undefined && client.length > longestDuidBytes) return undefined;
  const wishes = codesIn(find(codes.asksFor));
  const told: Dhcpv6Option[] = [];
  const tell = (code: number, data: Uint8Array): void => {
    if (wishes === undefined || wishes.includes(code)) told.push({ code, data });
  };
  const domains = whatFits(facts.domains);
  if (facts.dnsServers.length > 0) {
    tell(codes.dnsServers, Uint8Array.from(facts.dnsServers.flatMap((address) => [...ipBytes(address, 16)])));
  }
  if (domains.length > 0) tell(codes.searchDomains, encode(domainNames, domains));
  tell(codes.refreshSeconds, encode(u32, facts.refreshSeconds));
  return {
    type: messageTypes.reply,
    transactionId: asked.transactionId,
    options: [
      { code: codes.serverId, data: facts.server },
      ...(client === undefined ? [] : [{ code: codes.clientId, data: client }]),
      ...told,
    ],
  };
}

function codesIn(asksFor: Uint8Array | undefined): readonly number[] | undefined {
  if (asksFor === undefined) return undefined;
  const reader = new Reader(asksFor);
  const wishes: number[] = [];
  while (reader.remaining >= 2) wishes.push(u16.read(reader));
  return wishes;
}

function whatFits(domains: readonly string[]): readonly string[] {
  let bytes = 0;
  const full = domains.findIndex((name) => (bytes += name.length + 2) > mostDomainBytes);
  return full < 0 ? domains : domains.slice(0, full);
}
