import { answerInformation, dhcpv6, duidOf } from '../../../protocol/dhcpv6/index.ts';
import { type IpPacket, isIpv6, linkLocal, readUdp, writeUdp } from '../../../protocol/ip/index.ts';
import { utf8 } from '../../../protocol/wire/bytes.ts';
import { decode, encode } from '../../../protocol/wire/codec.ts';
import type { Session } from '../peer.ts';
import type { Turn } from '../turn.ts';
import { lifetimeSeconds } from './advertise.ts';
import { sendPacket, takeAnswer } from './send.ts';

const ports = { server: 547, client: 546 } as const; // RFC 8415 §7.2
const uuidBytes = 16;

/**
 * An Information-request: name servers and domains for those that do not take them from the advertisement. Addresses are formed of
 * the prefix that is advertised, and none are given by DHCPv6.
 * @throws WireError
 */
export function receiveDhcpv6(turn: Turn, session: Session, packet: IpPacket): void {
  const { policy, ipv6, online, ipv6Prefix } = session;
  const { source, destination, payload } = readUdp(packet);
  if (policy === undefined || ipv6 === undefined || online === undefined || ipv6Prefix === undefined) return;
  if (destination.port !== ports.server) return;
  const { crypto } = turn.env;
  const name = utf8(`culvert ${turn.peer.config.name}`);
  const answer = answerInformation(decode(dhcpv6, payload), {
    // The same after a restart (RFC 8415 §11).
    server: duidOf(crypto.hash('sha256', name).subarray(0, uuidBytes)),
    dnsServers: policy.dnsServers.filter(isIpv6),
    domains: policy.searchDomains,
    refreshSeconds: lifetimeSeconds,
  });
  if (answer === undefined || !takeAnswer(turn, session)) return;
  const ends = {
    source: { address: linkLocal(ipv6.localInterfaceId), port: ports.server },
    destination: { address: source.address, port: ports.client },
  };
  sendPacket(turn, session.id, writeUdp({ ...ends, payload: encode(dhcpv6, answer) }));
}
