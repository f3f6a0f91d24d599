import type { Environment, Step } from '../machine.ts';
import { concat } from '../wire/bytes.ts';
import { encode, u16 } from '../wire/codec.ts';
import type { AuthEffect, AuthInput } from './auth/effect.ts';
import { authProtocol, standingRefusal, startAuth, stepAuth, type AuthState } from './auth/machine.ts';
import { heardPeer, impossible, methodsRefused, ourMagic, terminatedBecause } from './cause.ts';
import { createControl, grantedOption, peerOption, stepControl } from './control.ts';
import type { ControlEffect, ControlInput } from './control.ts';
import { answerEcho, lcpCodes, receiveReply, startEcho, tickEcho } from './echo.ts';
import { abandonNetwork, driveCcp, driveIpcp, driveIpv6cp, isAssignable, startIpcp, startIpv6cp } from './network.ts';
import { defaultMruBytes, lcpOptions, lcpWishes, number, readMethod, usableMethods } from './options/lcp.ts';
import { Frame, Packet, encodeFrame, protocols, tryDecode } from './packet.ts';
import { lcpProtocol, type LinkState, type LinkTurn, type NetworkLayer } from './state.ts';
import { readable } from '../wire/text.ts';
import type { LinkConfig, LinkEffect, LinkInput, PppCause } from './types.ts';

const earlyFrames = 8;
/** Where a frame has its packet's code, and the code of Configure-, Authenticate- and Challenge-packets that ask. */
const codeOffset = 2;
const openingCode = 1;
/** Below are packets of users, from here on protocols that control (RFC 1661 §2). */
const leastControlProtocol = 0x8000;
/** A Protocol-Reject quotes what it rejects, cut to fit any MRU that we grant (RFC 1661 §5.7). */
const quotedBytes = 512;

export function createLink(config: LinkConfig): LinkState {
  return { at: 'idle', config };
}

/** Never throws on what comes from the peer. After `closed` nothing happens any more. */
export function stepLink(state: LinkState, input: LinkInput, env: Environment): Step<LinkState, LinkEffect> {
  const turn: LinkTurn = { state, effects: [], env };
  if (state.at !== 'closed') apply(turn, input);
  return { state: turn.state, effects: turn.effects };
}

function apply(turn: LinkTurn, input: LinkInput): void {
  switch (input.kind) {
    case 'lowerUp':
      lowerUp(turn);
      return;
    case 'lowerDown':
      abandonNetwork(turn);
      close(turn, turn.state.at === 'terminating' ? turn.state.cause : { code: 'lowerDown' });
      return;
    case 'frame':
      receiveFrame(turn, input.bytes.slice());
      return;
    case 'tick':
      tick(turn);
      return;
    case 'alive':
      hearPeer(turn);
      return;
    case 'close':
      if (turn.state.at !== 'terminating') end(turn, { code: 'closedByUs' }, input.reason);
      return;
    case 'changePassword':
    case 'credentials':
      driveAuth(turn, input);
      return;
    case 'verdict':
      if ('attempts' in turn.state && input.attempt === turn.state.attempts) driveAuth(turn, input);
      return;
    case 'assignAddress':
      assignAddress(turn, input.address);
      return;
    case 'refuseAddress':
      if (turn.state.at === 'network' && turn.state.ipcp === undefined) refuseAddress(turn);
      return;
  }
}

function lowerUp(turn: LinkTurn): void {
  if (turn.state.at !== 'idle') return;
  const { config } = turn.state;
  if (config.methods.length > 0 && usableMethods(config).length === 0) {
    // A host that demanded nothing instead would let anybody in.
    close(turn, { code: 'noCommonAuthentication', offered: config.methods });
    return;
  }
  const magic = number(turn.env.crypto.random(4));
  const lcp = createControl(lcpWishes(config, magic));
  turn.state = { at: 'establishing', config, lcp, attempts: 0, early: [] };
  driveLcp(turn, { kind: 'open' });
  driveLcp(turn, { kind: 'lowerUp' });
}

function tick(turn: LinkTurn): void {
  driveLcp(turn, { kind: 'tick' });
  driveAuth(turn, { kind: 'tick' });
  endFor(turn, driveIpcp(turn, { kind: 'tick' }));
  driveIpv6cp(turn, { kind: 'tick' });
  if (turn.state.at !== 'network') return;
  if (turn.state.ccp !== undefined) driveCcp(turn, { kind: 'tick' });
  tickEchoes(turn, turn.state);
}

function send(turn: LinkTurn, protocol: number, packet: Packet): void {
  turn.effects.push({ kind: 'send', bytes: encodeFrame(protocol, packet) });
}

function log(turn: LinkTurn, text: string): void {
  turn.effects.push({ kind: 'log', text });
}

// ── Ending ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function close(turn: LinkTurn, cause: PppCause): void {
  turn.state = { at: 'closed', cause };
  turn.effects.push({ kind: 'closed', cause });
}

/** Says goodbye; `closed` follows when the peer has answered or does not. */
function end(turn: LinkTurn, cause: PppCause, message = ''): void {
  const { state } = turn;
  if (state.at === 'closed' || state.at === 'terminating') return;
  abandonNetwork(turn);
  if (state.at === 'idle') {
    close(turn, cause);
    return;
  }
  turn.state = { at: 'terminating', config: state.config, lcp: state.lcp, cause };
  driveLcp(turn, { kind: 'close', reason: message });
}

function endFor(turn: LinkTurn, cause: PppCause | undefined): void {
  if (cause !== undefined) end(turn, cause);
}

// ── Frames ────────────────────────────────────────────────────────────────────────────────────────────────────────────

function receiveFrame(turn: LinkTurn, bytes: Uint8Array): void {
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

/**
 * Some servers begin authentication before LCP is open, and lost packets make any peer run ahead of us. What is no opening
 * (a request, a challenge) answers something of ours from before LCP was negotiated again, and is stale.
 */
function holdBack(turn: LinkTurn, bytes: Uint8Array): void {
  if (!('early' in turn.state) || bytes[codeOffset] !== openingCode) return;
  turn.state = { ...turn.state, early: [...turn.state.early, bytes].slice(-earlyFrames) };
}

function replayEarly(turn: LinkTurn): void {
  if (!('early' in turn.state)) return;
  const { early } = turn.state;
  turn.state = { ...turn.state, early: [] };
  for (const bytes of early) receiveFrame(turn, bytes);
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

// ── LCP ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

function driveLcp(turn: LinkTurn, input: ControlInput): void {
  const before = turn.state;
  if (!('lcp' in before)) return;
  const step = stepControl(lcpProtocol(before.config), before.lcp, input, turn.env);
  turn.state = { ...before, lcp: step.state };
  for (const effect of step.effects) obeyLcp(turn, effect, before);
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

/** The peer, or its silence, ended LCP: what is left of the goodbye is the automaton's to finish. */
function lcpEnded(turn: LinkTurn, cause: PppCause): void {
  const { state } = turn;
  if (!('lcp' in state) || state.at === 'terminating') return;
  abandonNetwork(turn);
  if (state.lcp.at === 'stopping') turn.state = { at: 'terminating', config: state.config, lcp: state.lcp, cause };
  else close(turn, cause);
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
    acfc: peerOption(lcp, lcpOptions.addressCompression) !== undefined,
    pfc: peerOption(lcp, lcpOptions.protocolCompression) !== undefined,
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

// ── Authentication ────────────────────────────────────────────────────────────────────────────────────────────────────

function driveAuth(turn: LinkTurn, input: AuthInput): void {
  const { state } = turn;
  if ((state.at !== 'authenticating' && state.at !== 'network') || state.auth === undefined) return;
  const step = stepAuth(state.auth, input, turn.env);
  turn.state = { ...state, auth: step.state };
  obeyAuth(turn, step.effects);
}

function obeyAuth(turn: LinkTurn, effects: readonly AuthEffect[]): void {
  for (const effect of effects) {
    const { state } = turn;
    if (state.at !== 'authenticating' && state.at !== 'network') return;
    const { auth } = state;
    if (auth === undefined) return;
    switch (effect.kind) {
      case 'send':
        send(turn, authProtocol(auth.method), effect.packet);
        break;
      case 'authenticated': {
        if (state.at === 'network') break; // the peer asked again (RFC 1994 §2)
        const { userName, message, credentials } = effect;
        if (state.config.role === 'client' && credentials !== undefined) {
          turn.state = { ...state, config: { ...state.config, credentials } };
        }
        turn.effects.push({ kind: 'authenticated', method: auth.method, userName, message });
        enterNetwork(turn, auth, userName);
        break;
      }
      case 'failed':
        end(turn, effect.cause);
        break;
      case 'verify': {
        const attempts = state.attempts + 1;
        turn.state = { ...state, attempts };
        turn.effects.push({ kind: 'verify', attempt: attempts, request: effect.request });
        break;
      }
      case 'passwordExpired':
      case 'credentialsRefused':
      case 'log':
        turn.effects.push(effect);
        break;
    }
  }
}

// ── Network ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** IPCP's first request leaves in this very step; IPV6CP follows it, since some gateways handle one packet at a time. */
function enterNetwork(turn: LinkTurn, auth: AuthState | undefined, userName: string): void {
  const { state } = turn;
  if (state.at !== 'establishing' && state.at !== 'authenticating') return;
  const { config, lcp, attempts, early } = state;
  const echo = config.echo === undefined ? undefined : startEcho(config.echo, turn.env.nowMs);
  const none = { ipcp: undefined, ipv6cp: undefined, ccp: undefined };
  const network: NetworkLayer = { at: 'network', config, lcp, attempts, early, auth, userName, echo, ...none };
  turn.state = network;
  if (config.role === 'client') startIpcp(turn, network, undefined);
  else turn.effects.push({ kind: 'addressWanted', userName });
  replayEarly(turn);
}

function assignAddress(turn: LinkTurn, address: string): void {
  const { state } = turn;
  if (state.at !== 'network' || state.config.role !== 'host' || state.ipcp !== undefined) return;
  if (!isAssignable(address)) {
    refuseAddress(turn);
    return;
  }
  startIpcp(turn, state, address);
  replayEarly(turn);
}

function refuseAddress(turn: LinkTurn): void {
  end(turn, { code: 'noAddress' }, 'no address available');
}

function hearPeer(turn: LinkTurn): void {
  const { state } = turn;
  if (state.at !== 'network' || state.echo === undefined || state.echo.unanswered === 0) return;
  turn.state = { ...state, echo: { ...state.echo, unanswered: 0 } };
}

function tickEchoes(turn: LinkTurn, state: NetworkLayer): void {
  const { config, echo } = state;
  if (echo === undefined || config.echo === undefined) return;
  const next = tickEcho(echo, config.echo, ourMagic(state), turn.env.nowMs);
  if (next.kind === 'dead') end(turn, { code: 'echoTimeout', unanswered: echo.unanswered });
  if (next.kind !== 'ask') return;
  turn.state = { ...state, echo: next.state };
  send(turn, protocols.lcp, next.packet);
}
