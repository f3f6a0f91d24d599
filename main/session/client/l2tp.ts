import { createTunnel, stepTunnel, type TunnelEffect, type TunnelInput } from '../../protocol/l2tp/index.ts';
import { randomU16 } from '../../protocol/wire/random.ts';
import { innerMtuBytes } from '../inner-mtu.ts';
import { l2tpFailure } from './failures.ts';
import { startNudging } from './nudge.ts';
import { openLink } from './ppp.ts';
import type { Turn } from './turn.ts';

const retransmission = { maxMs: 4000, tries: 9 };
const receiveWindow = 16;

export function openTunnel(turn: Turn): void {
  const { config } = turn.state;
  const { hello } = config.profile.l2tp;
  const localTunnelId = randomId(turn);
  turn.set({
    localTunnelId,
    tunnel: createTunnel({
      role: 'lac',
      hostName: config.hostName,
      vendorName: 'Culvert',
      localTunnelId,
      receiveWindow,
      ...(config.tunnelSecret !== undefined && { tunnelSecret: config.tunnelSecret }),
      hello: { idleMs: hello * 1000 },
      retransmission: { ...retransmission, firstMs: turn.firstWaitMs() },
      maxSessions: 1,
    }),
  });
  turn.errands.push({ to: 'tunnel', input: { kind: 'open' } }, { to: 'tunnel', input: { kind: 'call' } });
}

/** 1 to 65535. */
function randomId(turn: Turn): number {
  return (randomU16(turn.env.crypto) % 0xffff) + 1;
}

export function feedTunnel(turn: Turn, input: TunnelInput): void {
  const { tunnel } = turn.state;
  if (tunnel === undefined) return;
  const step = stepTunnel(tunnel, input, turn.env);
  turn.set({ tunnel: step.state });
  for (const effect of step.effects) perform(turn, effect);
}

function perform(turn: Turn, effect: TunnelEffect): void {
  switch (effect.kind) {
    case 'send':
      turn.effects.push({
        kind: 'command',
        command: { kind: 'sendL2tp', path: turn.state.config.attempt },
        attachment: effect.bytes,
      });
      return;
    case 'tunnelUp':
      turn.set({ remoteTunnelId: effect.remoteTunnelId, gatewayVendor: effect.remoteVendor });
      turn.log('l2tp', `tunnel up with ${effect.remoteHostName} (${effect.remoteVendor ?? 'vendor unknown'})`);
      return;
    case 'callUp':
      callUp(turn, effect);
      return;
    case 'callDown':
      if (turn.state.life.at !== 'closing') turn.fail(l2tpFailure(effect.cause, turn.failureContext()));
      return;
    case 'closed':
      turn.fail(l2tpFailure(effect.cause, turn.failureContext()));
      return;
    case 'finished':
      turn.forget('tunnel');
      if (turn.state.life.at === 'closing' && turn.state.life.step === 'tunnel') turn.errands.push({ to: 'closing' });
      return;
    case 'roundTrip':
      turn.measured(effect.roundTripMs);
      return;
    case 'log':
      turn.log('l2tp', effect.what);
      return;
    case 'callStarted':
    case 'linkInfo':
    case 'wanErrors':
      return;
  }
}

function callUp(turn: Turn, effect: Extract<TunnelEffect, { kind: 'callUp' }>): void {
  const { config, remoteTunnelId, localTunnelId, children } = turn.state;
  const suites = [...children.values()].map(({ suite }) => suite);
  turn.enter('lcp', `session ${effect.localSessionId}/${effect.remoteSessionId}`);
  turn.set({
    call: {
      session: config.attempt,
      path: config.attempt,
      localTunnelId,
      localSessionId: effect.localSessionId,
      remoteTunnelId,
      remoteSessionId: effect.remoteSessionId,
      sequencing: effect.sequencing,
      compressProtocol: false,
      compressAddressControl: false,
      mtuBytes: Math.min(config.profile.ppp.mru, innerMtuBytes(suites, config.gatewayAddress, effect.sequencing)),
    },
  });
  openLink(turn);
  startNudging(turn);
}
