import type { TunnelEffect } from '../../protocol/l2tp/index.ts';
import { createLink, defaultRestart } from '../../protocol/ppp/index.ts';
import { innerMtuBytes } from '../inner-mtu.ts';
import type { Call, Peer, Session } from './peer.ts';
import type { Turn } from './turn.ts';

/**
 * A call is asked for. The datapath is told before the peer is answered: the first frame of PPP comes right behind the message
 * that connects the call, and stock clients wait for seconds before they say again what was lost.
 */
export function expectSession(
  turn: Turn,
  tunnel: number,
  { localSessionId, remoteSessionId }: Extract<TunnelEffect, { kind: 'callStarted' }>,
): void {
  const { peer, env, host } = turn;
  const id = host.freshSessionId();
  const call: Call = {
    session: id,
    path: peer.id,
    localTunnelId: tunnel,
    localSessionId,
    remoteTunnelId: peer.tunnels.get(tunnel)?.remoteTunnelId ?? 0,
    remoteSessionId,
    sequencing: false,
    compressProtocol: false,
    compressAddressControl: false,
    mtuBytes: linkMtuBytes(peer, false),
    configuredBy: peer.config.ppp.localAddress,
  };
  const session: Session = {
    id,
    tunnel,
    call,
    startedMs: env.nowMs,
    idents: [],
    ipv6: undefined,
    trafficMs: env.nowMs,
  };
  host.addSession(id, peer.id);
  turn.set({ sessions: new Map(peer.sessions).set(id, session) });
  tellDatapath(turn, session);
}

/** The call is up: PPP begins on it. */
export function openSession(
  turn: Turn,
  tunnel: number,
  { localSessionId, sequencing }: Extract<TunnelEffect, { kind: 'callUp' }>,
): void {
  const { peer } = turn;
  const session = [...peer.sessions.values()].find(
    (each) => each.tunnel === tunnel && each.call.localSessionId === localSessionId,
  );
  if (session === undefined) return;
  const { ppp, name } = peer.config;
  const mtuBytes = linkMtuBytes(peer, sequencing);
  const link = createLink({
    ...ppp,
    role: 'host',
    hostName: name,
    mruBytes: mtuBytes,
    insideIpsec: true,
    restart: defaultRestart,
  });
  turn.putSession(session.id, { call: { ...session.call, sequencing, mtuBytes }, link });
  if (sequencing) tellDatapath(turn, turn.peer.sessions.get(session.id) ?? session);
  turn.errands.push({ to: 'link', session: session.id, input: { kind: 'lowerUp' } });
}

function linkMtuBytes({ config, children, path }: Peer, sequencing: boolean): number {
  return Math.min(config.ppp.mruBytes, innerMtuBytes([...children.values()], path?.remote.address ?? '', sequencing));
}

export function tellDatapath(turn: Turn, session: Session): void {
  const request = { kind: 'setSession', ...session.call, prefixes: prefixesOf(session) } as const;
  turn.effects.push({ kind: 'datapath', request });
}

/** What the peer may send from and is sent to: its own addresses, and the networks of a branch office behind it. */
function prefixesOf({ online, ipv6, ipv6Prefix, policy }: Session): string[] {
  if (online === undefined) return [];
  const own = [`${online.address}/32`, ...(ipv6Prefix === undefined ? [] : [ipv6Prefix])];
  return [...own, ...(policy?.networks ?? [])].filter((prefix) => ipv6 !== undefined || !prefix.includes(':'));
}
