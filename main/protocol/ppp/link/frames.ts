import { concat } from '../../wire/bytes.ts';
import { encode, u16 } from '../../wire/codec.ts';
import { authProtocol, type AuthState } from '../auth/machine.ts';
import type { ControlInput } from '../control/index.ts';
import { lcpCodes } from '../echo.ts';
import { driveCcp, driveIpcp, driveIpv6cp, startIpv6cp } from '../network.ts';
import { Frame, Packet, protocols, tryDecode } from '../packet.ts';
import type { LinkTurn, NetworkLayer } from '../state.ts';
import type { PppCause } from '../types.ts';
import { driveAuth } from './authentication.ts';
import { holdBack } from './early-frames.ts';
import { endFor } from './ending.ts';
import { driveLcp } from './lcp.ts';
import { hearPeer } from './network-phase.ts';
import { log, send } from './turn.ts';

/** Below are packets of users, from here on protocols that control (RFC 1661 §2). */
const leastControlProtocol = 0x8000;
/** A Protocol-Reject quotes what it rejects, cut to fit any MRU that we grant (RFC 1661 §5.7). */
const quotedBytes = 512;

export function receiveFrame(turn: LinkTurn, bytes: Uint8Array): void {
  const frame = tryDecode(Frame, bytes);
  const { state } = turn;
  if (frame === undefined || state.at === 'idle' || state.at === 'closed') {
    log(turn, 'a frame out of place');
    return;
  }
  hearPeer(turn);
  if (frame.protocol === protocols.lcp) {
    withPacket(turn, frame, (packet) => {
      driveLcp(turn, { kind: 'packet', packet });
    });
  } else if (state.at === 'establishing') {
    if (frame.protocol >= leastControlProtocol) holdBack(turn, bytes);
  } else if (state.at === 'authenticating') {
    receiveBeforeNetwork(turn, state.auth, frame, bytes);
  } else if (state.at === 'network') {
    receiveInNetwork(turn, state, frame, bytes);
  }
}

function withPacket(turn: LinkTurn, frame: Frame, use: (packet: Packet) => void): void {
  const packet = tryDecode(Packet, frame.information);
  if (packet === undefined) log(turn, `a malformed packet of protocol 0x${frame.protocol.toString(16)}`);
  else use(packet);
}

function receiveBeforeNetwork(turn: LinkTurn, auth: AuthState, frame: Frame, bytes: Uint8Array): void {
  switch (frame.protocol) {
    case authProtocol(auth.method):
      withPacket(turn, frame, (packet) => {
        driveAuth(turn, { kind: 'packet', packet });
      });
      return;
    case protocols.ipcp:
    case protocols.ipv6cp:
    case protocols.ccp:
      holdBack(turn, bytes);
      driveAuth(turn, { kind: 'peerMovedOn' });
      return;
    case protocols.ipv4:
    case protocols.ipv6:
      return;
    default:
      rejectProtocol(turn, frame);
  }
}

function receiveInNetwork(turn: LinkTurn, state: NetworkLayer, frame: Frame, bytes: Uint8Array): void {
  const use = (drive: (input: ControlInput) => PppCause | undefined): void => {
    withPacket(turn, frame, (packet) => {
      endFor(turn, drive({ kind: 'packet', packet }));
    });
  };
  const { auth, ipcp, ipv6cp, config } = state;
  if (frame.protocol === protocols.ipcp) {
    if (ipcp === undefined) holdBack(turn, bytes);
    else use((input) => driveIpcp(turn, input));
  } else if (frame.protocol === protocols.ipv6cp && config.ipv6) {
    if (ipv6cp === undefined) startIpv6cp(turn, state);
    use((input) => {
      driveIpv6cp(turn, input);
    });
  } else if (frame.protocol === protocols.ccp && !config.insideIpsec) {
    use((input) => {
      driveCcp(turn, input);
    });
  } else if (auth !== undefined && frame.protocol === authProtocol(auth.method)) {
    withPacket(turn, frame, (packet) => {
      driveAuth(turn, { kind: 'packet', packet });
    });
  } else if (frame.protocol !== protocols.ipv4 && frame.protocol !== protocols.ipv6) {
    rejectProtocol(turn, frame);
  }
}

/** RFC 1661 §5.7 */
function rejectProtocol(turn: LinkTurn, { protocol, information }: Frame): void {
  if (!('lcp' in turn.state)) return;
  const { lcp } = turn.state;
  const identifier = (lcp.identifier + 1) & 0xff;
  turn.state = { ...turn.state, lcp: { ...lcp, identifier } };
  const data = concat(encode(u16, protocol), information.slice(0, quotedBytes));
  send(turn, protocols.lcp, { code: lcpCodes.protocolReject, identifier, data });
}
