import { anyIpv4, answerInform, messageTypes, optionValue, readDhcp, writeDhcp } from '../../../protocol/dhcp/index.ts';
import { type IpPacket, isIpv6, readUdp, writeUdp } from '../../../protocol/ip/index.ts';
import type { Session } from '../peer.ts';
import type { Turn } from '../turn.ts';
import { sendPacket, takeAnswer } from './send.ts';

const ports = { server: 67, client: 68 } as const; // RFC 2131 §4.1
const broadcast = '255.255.255.255';

/**
 * A DHCPINFORM: Windows and Apple send it by broadcast once they are online, for what IPCP cannot say, and hear an answer to the
 * address that they have. Everything else that DHCP can ask for, PPP has given already.
 * @throws WireError
 */
export function receiveDhcp(turn: Turn, session: Session, packet: IpPacket): void {
  const { online, policy, call } = session;
  const { destination, payload } = readUdp(packet);
  if (online === undefined || policy === undefined || destination.port !== ports.server) return;
  const asked = readDhcp(payload);
  const isInform = asked.op === 'request' && optionValue(asked.options, 'messageType') === messageTypes.inform;
  const says = asked.ciaddr === anyIpv4 ? packet.source : asked.ciaddr;
  if (!isInform || (says !== online.address && says !== anyIpv4)) return;
  if (!takeAnswer(turn, session)) return;

  const { localAddress: host } = turn.peer.config.ppp;
  const { message, networksLeftOut } = answerInform(
    asked,
    {
      host,
      dnsServers: policy.dnsServers.filter((server) => !isIpv6(server)),
      domains: policy.searchDomains,
      networks: policy.routes.filter((network) => !isIpv6(network)),
      wins: policy.wins,
    },
    call.mtuBytes,
  );
  if (networksLeftOut > 0) turn.log('host', `${networksLeftOut} routes had no room in the answer to a DHCPINFORM`);
  const address = asked.ciaddr === anyIpv4 && asked.broadcast ? broadcast : online.address; // RFC 2131 §4.1
  const ends = { source: { address: host, port: ports.server }, destination: { address, port: ports.client } };
  sendPacket(turn, session.id, writeUdp({ ...ends, payload: writeDhcp(message) }));
}
