import { ipProtocols, type IpPacket, readIp } from '../../../protocol/ip/index.ts';
import { Frame, protocols, tryDecode } from '../../../protocol/ppp/index.ts';
import { WireError } from '../../../protocol/wire/error.ts';
import type { Session } from '../peer.ts';
import type { Turn } from '../turn.ts';
import { receiveSolicitation } from './advertise.ts';
import { receiveDhcpv6 } from './dhcpv6.ts';
import { receiveDhcp } from './inform.ts';

export { advertise, tickAdvertising } from './advertise.ts';

/**
 * What the host answers inside the tunnel, so that clients find what PPP cannot tell them: DHCPINFORM, router solicitations and
 * DHCPv6, which the datapath hands over as PPP frames. Whatever else is in a frame is not for us.
 */
export function answerRequest(turn: Turn, id: number, bytes: Uint8Array): void {
  const session = turn.peer.sessions.get(id);
  const frame = tryDecode(Frame, bytes);
  if (session?.online === undefined || session.end !== undefined || frame === undefined) return;
  if (frame.protocol !== protocols.ipv4 && frame.protocol !== protocols.ipv6) return;
  try {
    const packet = readIp(frame.information);
    receiverOf(frame.protocol, packet)?.(turn, session, packet);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    turn.log('host', `dropped a request for configuration: ${error.message}`);
  }
}

type Receiver = (turn: Turn, session: Session, packet: IpPacket) => void;

function receiverOf(frameProtocol: number, { protocol }: IpPacket): Receiver | undefined {
  if (frameProtocol === protocols.ipv4) return protocol === ipProtocols.udp ? receiveDhcp : undefined;
  if (protocol === ipProtocols.icmpv6) return receiveSolicitation;
  return protocol === ipProtocols.udp ? receiveDhcpv6 : undefined;
}
