import { sameBytes } from '../wire/bytes.ts';
import { addressBytes, addressText } from '../wire/address.ts';
import { anyAddress, isHostAddress } from './address.ts';
import { createControl, grantedOption, peerOption, stepControl } from './control/index.ts';
import type { ControlEffect, ControlInput, ControlProtocol, ControlState } from './control/index.ts';
import { clientWishes, hostWishes, ipcpOptions, namedServers } from './options/ipcp.ts';
import { interfaceIdOption, randomInterfaceId } from './options/ipv6cp.ts';
import { encodeFrame, protocols } from './packet.ts';
import { ccpProtocol, ipcpProtocol, ipv6cpProtocol, type LinkTurn, type NetworkLayer } from './state.ts';
import type { LinkEffect, PppCause } from './types.ts';

/** What ends the link, as the network control protocols see it. */
type Ending = PppCause | undefined;

/** Steps one network control protocol: its packets go out, what the link must know is left. */
function stepLayer<Wishes>(
  turn: LinkTurn,
  number: number,
  protocol: ControlProtocol<Wishes>,
  control: ControlState<Wishes>,
  input: ControlInput,
): { readonly control: ControlState<Wishes>; readonly signals: readonly ControlEffect[] } {
  const step = stepControl(protocol, control, input, turn.env);
  const signals: ControlEffect[] = [];
  for (const effect of step.effects) {
    if (effect.kind === 'send') turn.effects.push({ kind: 'send', bytes: encodeFrame(number, effect.packet) });
    else if (effect.kind === 'log') turn.effects.push(effect);
    else signals.push(effect);
  }
  return { control: step.state, signals };
}

const start: readonly ControlInput[] = [{ kind: 'open' }, { kind: 'lowerUp' }];

/** Begins IPCP; the host must know what to give first. */
export function startIpcp(turn: LinkTurn, state: NetworkLayer, assigned: string | undefined): void {
  const { config } = state;
  const wishes = config.role === 'client' ? clientWishes(config) : hostWishes(config);
  turn.state = { ...state, ipcp: { control: createControl(wishes), assigned } };
  for (const input of start) driveIpcp(turn, input);
}

export function driveIpcp(turn: LinkTurn, input: ControlInput): Ending {
  const { state } = turn;
  if (state.at !== 'network' || state.ipcp === undefined) return undefined;
  const { assigned } = state.ipcp;
  const protocol = ipcpProtocol(state.config, assigned);
  const { control, signals } = stepLayer(turn, protocols.ipcp, protocol, state.ipcp.control, input);
  const before = state;
  const after = { ...state, ipcp: { control, assigned } };
  turn.state = after;
  for (const signal of signals) {
    switch (signal.kind) {
      case 'up': {
        const addresses = agreedAddresses(after);
        if (addresses === undefined) return { code: 'noAddress' };
        turn.effects.push(addresses);
        if (after.config.ipv6 && after.ipv6cp === undefined) startIpv6cp(turn, after);
        break;
      }
      case 'down':
        turn.effects.push({ kind: 'ipv4Down' });
        break;
      case 'timedOut':
        return lacksAddress(after) && control.heardPeer
          ? { code: 'noAddress' }
          : { code: 'ipcpTimeout', heardPeer: control.heardPeer };
      case 'refused':
        return { code: 'ipcpRefused' };
      case 'impossible':
        return { code: 'noAddress' };
      case 'terminateRequested':
        if (lacksAddress(before)) return { code: 'noAddress' };
        return { code: 'peerTerminated', phase: 'network', message: signal.message };
      case 'finished':
      case 'extra':
      case 'send':
      case 'log':
        break;
    }
  }
  return undefined;
}

/** Client: the peer never named an address for us. Host: it never found one. */
export function lacksAddress({ ipcp, config }: NetworkLayer): boolean {
  if (ipcp === undefined) return true;
  return config.role === 'client' && ipcp.control.at !== 'opened' && ipcp.control.wishes.address === anyAddress;
}

function agreedAddresses({ ipcp, config }: NetworkLayer): Extract<LinkEffect, { kind: 'ipv4Up' }> | undefined {
  if (ipcp === undefined) return undefined;
  const { control, assigned } = ipcp;
  if (config.role === 'host') {
    if (assigned === undefined) return undefined;
    return { kind: 'ipv4Up', local: config.localAddress, remote: assigned, dns: [], wins: [] };
  }
  const local = grantedOption(control, ipcpOptions.address);
  if (local === undefined || !isHostAddress(local)) return undefined;
  const remote = peerOption(control, ipcpOptions.address);
  return {
    kind: 'ipv4Up',
    local: addressText(local),
    ...(remote === undefined ? {} : { remote: addressText(remote) }),
    dns: namedServers(control.wishes, 'dns'),
    wins: namedServers(control.wishes, 'wins'),
  };
}

export function startIpv6cp(turn: LinkTurn, state: NetworkLayer): void {
  turn.state = { ...state, ipv6cp: createControl({ interfaceId: randomInterfaceId(turn.env) }) };
  for (const input of start) driveIpv6cp(turn, input);
}

/** IPv6 comes in addition: its failure ends nothing. */
export function driveIpv6cp(turn: LinkTurn, input: ControlInput): undefined {
  const { state } = turn;
  if (state.at !== 'network' || state.ipv6cp === undefined) return undefined;
  const wereUp = agreedInterfaceIds(state);
  const { control, signals } = stepLayer(turn, protocols.ipv6cp, ipv6cpProtocol(state.config), state.ipv6cp, input);
  const after = { ...state, ipv6cp: control };
  turn.state = after;
  for (const { kind } of signals) {
    if (kind === 'down' && wereUp !== undefined) turn.effects.push({ kind: 'ipv6Down' });
    const ids = kind === 'up' ? agreedInterfaceIds(after) : undefined;
    if (ids !== undefined) turn.effects.push({ kind: 'ipv6Up', ...ids });
    if (kind === 'timedOut' || kind === 'refused') turn.effects.push({ kind: 'log', text: `IPv6 ${kind}` });
  }
  return undefined;
}

function agreedInterfaceIds({ ipv6cp }: NetworkLayer) {
  if (ipv6cp?.at !== 'opened') return undefined;
  const localInterfaceId = grantedOption(ipv6cp, interfaceIdOption);
  const remoteInterfaceId = peerOption(ipv6cp, interfaceIdOption);
  if (localInterfaceId === undefined || remoteInterfaceId === undefined) return undefined;
  return sameBytes(localInterfaceId, remoteInterfaceId) ? undefined : { localInterfaceId, remoteInterfaceId };
}

/** Outside IPsec a peer may negotiate compression, and gets none. */
export function driveCcp(turn: LinkTurn, input: ControlInput): undefined {
  const { state } = turn;
  if (state.at !== 'network') return undefined;
  const protocol = ccpProtocol(state.config);
  let control = state.ccp ?? createControl(null);
  for (const each of state.ccp === undefined ? [...start, input] : [input]) {
    control = stepLayer(turn, protocols.ccp, protocol, control, each).control;
  }
  turn.state = { ...state, ccp: control };
  return undefined;
}

/** What the layers above lose when LCP goes down. */
export function abandonNetwork(turn: LinkTurn): void {
  const { state } = turn;
  if (state.at !== 'network') return;
  if (state.ipcp?.control.at === 'opened') turn.effects.push({ kind: 'ipv4Down' });
  if (agreedInterfaceIds(state) !== undefined) turn.effects.push({ kind: 'ipv6Down' });
}

/** Host: whether this can be given to a peer at all. */
export function isAssignable(address: string): boolean {
  const bytes = addressBytes(address);
  return bytes !== undefined && isHostAddress(bytes);
}
