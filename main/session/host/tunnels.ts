import {
  createTunnel,
  peekControl,
  stepTunnel,
  type L2tpCause,
  type TunnelEffect,
  type TunnelInput,
} from '../../protocol/l2tp/index.ts';
import { randomU16 } from '../../protocol/wire/random.ts';
import { tunnelsGone } from './ike.ts';
import { expectSession, openSession } from './opening.ts';
import type { Tunnel } from './peer.ts';
import { finishSession } from './sessions.ts';
import type { Turn } from './turn.ts';
import type { SessionEnd } from './types.ts';

const receiveWindow = 8;
const retransmission = { firstMs: 500, maxMs: 8000, tries: 6 };
const setup = { tunnelMs: 30_000, callMs: 30_000 };
/** Longer than a repeated SCCRQ can be under way. */
const settledMs = 5000;
/** After its last call went, a client closes its tunnel within a moment. */
const idleMs = 5000;

/** A control message that came through the peer's SA: for one of its tunnels, or one that opens another. */
export function receiveControl(turn: Turn, bytes: Uint8Array): void {
  const names = peekControl(bytes);
  if (names === undefined) {
    turn.log('l2tp', `dropped ${bytes.length} bytes that are no L2TPv2 control message`);
    return;
  }
  if (names.opens) forgetForgotten(turn, names.senderTunnelId ?? 0);
  const { tunnels } = turn.peer;
  const known =
    names.tunnelId === 0
      ? [...tunnels.values()].find(
          ({ remoteTunnelId, over }) => remoteTunnelId === names.senderTunnelId && !(over && names.opens),
        )
      : tunnels.get(names.tunnelId);
  const id = known?.id ?? (names.opens ? openTunnel(turn, names.senderTunnelId ?? 0) : undefined);
  if (id === undefined) turn.log('l2tp', `dropped a control message for tunnel ${names.tunnelId}`);
  else turn.errands.push({ to: 'tunnel', tunnel: id, input: { kind: 'message', bytes } });
}

/**
 * A peer that opens the tunnel that it has been in for a while has started anew, and counts from 1 again as Windows does. What
 * we said to the old one would end the new.
 */
function forgetForgotten(turn: Turn, remoteTunnelId: number): void {
  const { nowMs } = turn.env;
  const { tunnels, sessions } = turn.peer;
  const old = [...tunnels.values()].find(
    ({ remoteTunnelId: known, upMs }) => known === remoteTunnelId && upMs !== undefined && nowMs - upMs > settledMs,
  );
  if (old === undefined) return;
  for (const { id, tunnel } of sessions.values()) {
    if (tunnel === old.id) finishSession(turn, id, { code: 'replaced', detail: 'the peer began anew' });
  }
  const left = new Map(turn.peer.tunnels);
  left.delete(old.id);
  turn.set({ tunnels: left });
}

/** One more, unless the peer has its share: those that are over give way. */
function openTunnel(turn: Turn, remoteTunnelId: number): number | undefined {
  const { config, tunnels } = turn.peer;
  const left = new Map(tunnels);
  const over = [...tunnels.values()].find((each) => each.over);
  if (left.size >= config.limits.tunnelsPerPeer && over !== undefined) left.delete(over.id);
  if (left.size >= config.limits.tunnelsPerPeer) return undefined;
  const id = freshTunnelId(turn);
  const machine = createTunnel({
    role: 'lns',
    hostName: config.name,
    vendorName: 'Culvert',
    localTunnelId: id,
    receiveWindow,
    ...(config.l2tp.secret !== undefined && { tunnelSecret: config.l2tp.secret }),
    hello: { idleMs: config.l2tp.helloMs },
    retransmission,
    setup,
    maxSessions: config.limits.sessionsPerTunnel,
  });
  left.set(id, { id, machine, remoteTunnelId, hostName: '', over: false, idleUntilMs: undefined });
  turn.set({ tunnels: left, idleUntilMs: undefined });
  return id;
}

function freshTunnelId(turn: Turn): number {
  for (;;) {
    const id = randomU16(turn.env.crypto);
    if (id !== 0 && !turn.peer.tunnels.has(id)) return id;
  }
}

export function feedTunnel(turn: Turn, id: number, input: TunnelInput): void {
  const tunnel = turn.peer.tunnels.get(id);
  if (tunnel === undefined) return;
  const { state, effects } = stepTunnel(tunnel.machine, input, turn.env);
  turn.putTunnel(id, { machine: state });
  for (const effect of effects) perform(turn, tunnel, effect);
}

function perform(turn: Turn, { id }: Tunnel, effect: TunnelEffect): void {
  switch (effect.kind) {
    case 'send': {
      const command = { kind: 'sendL2tp', path: turn.peer.id } as const;
      turn.effects.push({ kind: 'command', command, attachment: effect.bytes });
      return;
    }
    case 'tunnelUp': {
      const { remoteTunnelId, remoteHostName: hostName, remoteVendor: vendor } = effect;
      const { nowMs } = turn.env;
      const idleUntilMs = nowMs + setup.callMs;
      turn.putTunnel(id, {
        remoteTunnelId,
        hostName,
        upMs: nowMs,
        idleUntilMs,
        ...(vendor !== undefined && { vendor }),
      });
      return;
    }
    case 'callStarted':
      expectSession(turn, id, effect);
      return;
    case 'callUp':
      turn.putTunnel(id, { idleUntilMs: undefined });
      openSession(turn, id, effect);
      return;
    case 'callDown':
      callDown(turn, id, effect);
      return;
    case 'closed':
      turn.putTunnel(id, { over: true, idleUntilMs: undefined });
      if ([...turn.peer.tunnels.values()].every(({ over }) => over)) tunnelsGone(turn, false);
      return;
    case 'finished':
      finished(turn, id);
      return;
    case 'log':
      turn.log('l2tp', effect.what);
      return;
    case 'linkInfo':
    case 'wanErrors':
    case 'roundTrip':
      return;
  }
}

function callDown(turn: Turn, tunnel: number, effect: Extract<TunnelEffect, { kind: 'callDown' }>): void {
  const session = [...turn.peer.sessions.values()].find(
    (each) => each.tunnel === tunnel && each.call.localSessionId === effect.localSessionId,
  );
  if (session === undefined) return;
  finishSession(turn, session.id, endOf(effect.cause));
  const isLast = ![...turn.peer.sessions.values()].some((each) => each.tunnel === tunnel);
  const byUs = session.end !== undefined && session.end.code !== 'userRequest';
  if (isLast) turn.putTunnel(tunnel, { idleUntilMs: turn.env.nowMs + (byUs ? 0 : idleMs) });
}

function endOf(cause: L2tpCause): SessionEnd {
  switch (cause.code) {
    case 'stopped':
    case 'callEnded':
    case 'callRefused':
      return { code: 'userRequest', detail: `L2TP ${cause.code}, result ${cause.resultCode}` };
    case 'deadPeer':
    case 'retransmissionsExhausted':
    case 'noResponse':
      return { code: 'peerLost', detail: `L2TP ${cause.code}` };
    case 'tunnelClosed':
      return endOf(cause.cause);
    case 'closedByUs':
      return { code: 'administrator', detail: 'L2TP closedByUs' };
    case 'tunnelAuthenticationFailed':
    case 'versionMismatch':
    case 'protocolError':
    case 'setupTimedOut':
    case 'limit':
      return { code: 'protocolError', detail: `L2TP ${cause.code}` };
  }
}

function finished(turn: Turn, id: number): void {
  const tunnels = new Map(turn.peer.tunnels);
  tunnels.delete(id);
  turn.set({ tunnels });
  if (tunnels.size === 0) tunnelsGone(turn, true);
}

/** Closes what has carried nothing for long enough. */
export function tickTunnels(turn: Turn): void {
  const { nowMs } = turn.env;
  for (const { id, idleUntilMs } of turn.peer.tunnels.values()) {
    if (idleUntilMs !== undefined && nowMs >= idleUntilMs) {
      turn.putTunnel(id, { idleUntilMs: undefined });
      turn.errands.push({ to: 'tunnel', tunnel: id, input: { kind: 'close' } });
    }
    turn.errands.push({ to: 'tunnel', tunnel: id, input: { kind: 'tick' } });
  }
}
