import type { AuthState } from '../auth/machine.ts';
import { ourMagic } from '../cause.ts';
import { startEcho, tickEcho } from '../echo.ts';
import { isAssignable, startIpcp } from '../network.ts';
import { protocols } from '../packet.ts';
import type { LinkTurn, NetworkLayer } from '../state.ts';
import type { LinkInput } from '../types.ts';
import { replayEarly } from './early-frames.ts';
import { end } from './ending.ts';
import { send } from './turn.ts';

/** IPCP's first request leaves in this very step; IPV6CP follows it, since some gateways handle one packet at a time. */
export function enterNetwork(turn: LinkTurn, auth: AuthState | undefined, userName: string): void {
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

export function assignAddress(turn: LinkTurn, given: Extract<LinkInput, { kind: 'assignAddress' }>): void {
  const { state } = turn;
  if (state.at !== 'network' || state.config.role !== 'host' || state.ipcp !== undefined) return;
  const { address, dns = state.config.dns, wins = state.config.wins } = given;
  if (!isAssignable(address)) {
    refuseAddress(turn);
    return;
  }
  startIpcp(turn, { ...state, config: { ...state.config, dns, wins } }, address);
  replayEarly(turn);
}

export function refuseAddress(turn: LinkTurn): void {
  end(turn, { code: 'noAddress' }, 'no address available');
}

export function hearPeer(turn: LinkTurn): void {
  const { state } = turn;
  if (state.at !== 'network' || state.echo === undefined || state.echo.unanswered === 0) return;
  turn.state = { ...state, echo: { ...state.echo, unanswered: 0 } };
}

export function tickEchoes(turn: LinkTurn, state: NetworkLayer): void {
  const { config, echo } = state;
  if (echo === undefined || config.echo === undefined) return;
  const next = tickEcho(echo, config.echo, ourMagic(state), turn.env.nowMs);
  if (next.kind === 'dead') end(turn, { code: 'echoTimeout', unanswered: echo.unanswered });
  if (next.kind !== 'ask') return;
  turn.state = { ...state, echo: next.state };
  send(turn, protocols.lcp, next.packet);
}
