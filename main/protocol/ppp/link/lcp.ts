import { authProtocol, standingRefusal, startAuth } from '../auth/machine.ts';
import { heardPeer, impossible, methodsRefused, ourMagic, terminatedBecause } from '../cause.ts';
import { grantedOption, peerOption } from '../control/index.ts';
import type { ControlEffect, ControlInput } from '../control/index.ts';
import { answerEcho, lcpCodes, receiveReply } from '../echo.ts';
import { abandonNetwork, driveCcp, driveIpcp, driveIpv6cp } from '../network.ts';
import { defaultMruBytes, lcpOptions, number, readMethod } from '../options/lcp.ts';
import { protocols, type Packet } from '../packet.ts';
import type { LinkState, LinkTurn } from '../state.ts';
import { readable } from '../../wire/text.ts';
import { obeyAuth } from './authentication.ts';
import { replayEarly } from './early-frames.ts';
import { close, end, endFor, lcpEnded } from './ending.ts';
import { enterNetwork } from './network-phase.ts';
import { log, send, stepLcp } from './turn.ts';

export function driveLcp(turn: LinkTurn, input: ControlInput): void {
  const before = turn.state;
  for (const effect of stepLcp(turn, input)) obeyLcp(turn, effect, before);
}

function obeyLcp(turn: LinkTurn, effect: ControlEffect, before: LinkState): void {
  switch (effect.kind) {
    case 'send':
      send(turn, protocols.lcp, effect.packet);
      return;
    case 'log':
      turn.effects.push(effect);
      return;
    case 'up':
      lcpUp(turn);
      return;
    case 'down':
      lcpDown(turn);
      return;
    case 'timedOut':
      lcpEnded(turn, methodsRefused(before) ?? { code: 'lcpTimeout', heardPeer: heardPeer(before) });
      return;
    case 'refused':
      lcpEnded(turn, { code: 'lcpRefused' });
      return;
    case 'impossible':
      end(turn, impossible(before, effect.type));
      return;
    case 'terminateRequested':
      lcpEnded(turn, terminatedBecause(before, effect.message));
      return;
    case 'finished':
      if (turn.state.at === 'terminating') close(turn, turn.state.cause);
      return;
    case 'extra':
      receiveExtra(turn, effect.packet);
      return;
  }
}

function lcpUp(turn: LinkTurn): void {
  const { state } = turn;
  if (state.at !== 'establishing') return;
  const { lcp, config } = state;
  const peerMru = peerOption(lcp, lcpOptions.mru);
  const ourMru = grantedOption(lcp, lcpOptions.mru);
  turn.effects.push({
    kind: 'lcpUp',
    peerMruBytes: peerMru === undefined ? defaultMruBytes : number(peerMru),
    ourMruBytes: ourMru === undefined ? defaultMruBytes : number(ourMru),
    compressAddressControl: peerOption(lcp, lcpOptions.addressCompression) !== undefined,
    compressProtocol: peerOption(lcp, lcpOptions.protocolCompression) !== undefined,
    magic: ourMagic(turn.state),
  });
  const demand = (config.role === 'client' ? peerOption : grantedOption)(lcp, lcpOptions.authentication);
  const method = demand === undefined ? undefined : readMethod(demand);
  if (method === undefined) {
    enterNetwork(turn, undefined, '');
    return;
  }
  const step = startAuth(config, method, turn.env);
  turn.state = { ...state, at: 'authenticating', auth: step.state };
  obeyAuth(turn, step.effects);
  replayEarly(turn);
}

/** The peer negotiates anew: all that was built on LCP is gone (RFC 1661 §4.4). */
function lcpDown(turn: LinkTurn): void {
  const { state } = turn;
  if (state.at !== 'authenticating' && state.at !== 'network') return;
  const refusal = state.at === 'authenticating' ? standingRefusal(state.auth) : undefined;
  if (refusal !== undefined) {
    // Beginning again would say the refused credentials again.
    end(turn, refusal);
    return;
  }
  abandonNetwork(turn);
  const { config, lcp, attempts } = state;
  turn.state = { at: 'establishing', config, lcp, attempts, early: [] };
}

function receiveExtra(turn: LinkTurn, packet: Packet): void {
  const { state } = turn;
  switch (packet.code) {
    case lcpCodes.echoRequest: {
      // SoftEther asks before LCP is open, and handles one packet at a time: silence then, as RFC 1661 §5.8 has it.
      if (!('lcp' in state) || state.lcp.at !== 'opened') return;
      const reply = answerEcho(packet, ourMagic(state));
      if (reply === undefined) log(turn, 'an Echo-Request that is malformed or our own');
      else send(turn, protocols.lcp, reply);
      return;
    }
    case lcpCodes.echoReply: {
      if (state.at !== 'network' || state.echo === undefined) return;
      const { state: echo, roundTripMs } = receiveReply(state.echo, packet, turn.env.nowMs);
      turn.state = { ...state, echo };
      if (roundTripMs !== undefined) turn.effects.push({ kind: 'roundTrip', roundTripMs });
      return;
    }
    case lcpCodes.identification:
      turn.effects.push({ kind: 'peerIdent', text: readable(packet.data.slice(4)) });
      return;
    case lcpCodes.timeRemaining:
      turn.effects.push({ kind: 'peerIdent', text: readable(packet.data.slice(8)) });
      return;
    case lcpCodes.protocolReject:
      receiveProtocolReject(turn, packet);
      return;
    case lcpCodes.discardRequest:
      return;
    default: // a Code-Reject of one of LCP's own codes
      if (packet.data[0] === lcpCodes.echoRequest && state.at === 'network') {
        log(turn, 'the peer does not know Echo-Requests: none are sent any more');
        turn.state = { ...state, echo: undefined };
      }
  }
}

function receiveProtocolReject(turn: LinkTurn, { data }: Packet): void {
  const protocol = number(data.subarray(0, 2));
  const { state } = turn;
  if (data.length < 2 || !('lcp' in state) || (state.lcp.at !== 'opened' && protocol !== protocols.lcp)) return;
  const rejected: ControlInput = { kind: 'protocolRejected' };
  switch (protocol) {
    case protocols.lcp:
      driveLcp(turn, rejected);
      return;
    case protocols.ipcp:
      endFor(turn, driveIpcp(turn, rejected));
      return;
    case protocols.ipv6cp:
      driveIpv6cp(turn, rejected);
      return;
    case protocols.ccp:
      if (state.at === 'network' && state.ccp !== undefined) driveCcp(turn, rejected);
      return;
    default:
      if (state.at === 'authenticating' && protocol === authProtocol(state.auth.method)) {
        end(turn, { code: 'noCommonAuthentication', offered: [state.auth.method] });
      } else {
        log(turn, `the peer does not know protocol 0x${protocol.toString(16)}`);
      }
  }
}
