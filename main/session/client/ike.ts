import type { Profile } from '../../contracts/profile.ts';
import {
  createIke,
  espName,
  ikeName,
  type IkeConfig,
  type IkeEffect,
  type IkeInput,
  stepIke,
} from '../../protocol/ike/index.ts';
import { proposalStages } from '../proposals.ts';
import { installSa } from '../security-association.ts';
import { describeIdentity, identityOf } from '../identity.ts';
import { ikeFailure } from './failures.ts';
import type { Turn } from './turn.ts';
import { type ClientState, gatewayPorts } from './types.ts';

const retransmission = { firstMs: 500, factor: 2, maxMs: 4000, giveUpMs: 12_000 };
const keepaliveMs = 20_000;
/** For the judgement of the gateway's certificate: revocation servers may have to be asked. */
const verdictMs = 20_000;
/** Quick mode 3 has to reach the gateway's kernel before L2TP does: an SCCRP it cannot seal yet costs xl2tpd's own second. */
const gatewaySettleMs = 30;

/** Begins phase 1 with the proposals of the current rung. */
export function startIke(turn: Turn): void {
  const config = ikeConfig(turn.state);
  if (config === undefined) return;
  turn.set({ ike: createIke(config) });
  turn.errands.push({ to: 'ike', input: { kind: 'start' } });
}

function ikeConfig(state: ClientState): IkeConfig | undefined {
  const { config, sockets, stage } = state;
  const { ipsec } = config.profile;
  const offered = proposalStages(ipsec)[stage];
  if (sockets.ike === undefined || sockets.natt === undefined || offered === undefined) return undefined;
  return {
    role: 'initiator',
    preSharedKey: config.certificates === undefined ? config.preSharedKey : new Uint8Array(),
    ...(config.certificates !== undefined && { certificates: { ...config.certificates, verdictMs } }),
    localIdentity: ipsec.localId === undefined ? 'address' : identityOf(ipsec.localId),
    ...expectedIdentity(ipsec.remoteId),
    local: sockets.ike,
    remote: { address: config.gatewayAddress, port: gatewayPorts.ike },
    nattPorts: { local: sockets.natt.port, remote: gatewayPorts.natt },
    forceEncapsulation: true,
    ikeProposals: offered.ike,
    espProposals: offered.esp,
    ...(ipsec.pfs !== undefined && { pfsGroup: ipsec.pfs }),
    lifetimes: {
      ikeSeconds: ipsec.ikeLifetime,
      espSeconds: ipsec.espLifetime,
      ...(ipsec.espLifetimeKilobytes !== undefined && { espKilobytes: ipsec.espLifetimeKilobytes }),
    },
    dpd: {
      idleMs: ipsec.deadPeerDetection.idle * 1000,
      retryMs: ipsec.deadPeerDetection.retry * 1000,
      tries: ipsec.deadPeerDetection.tries,
    },
    retransmission,
    keepaliveMs,
    l2tp: { localPort: state.l2tpPort, remotePort: 1701 },
    fragmentation: { maxBytes: ipsec.fragmentBytes },
  };
}

/** A distinguished name is a certificate's, and what that is about is judged with it. */
function expectedIdentity(pinned: Profile['ipsec']['remoteId']): Pick<IkeConfig, 'expectedRemoteIdentity'> {
  if (pinned === undefined || pinned.kind === 'distinguishedName') return {};
  return { expectedRemoteIdentity: identityOf(pinned) };
}

export function feedIke(turn: Turn, input: IkeInput): void {
  const { ike } = turn.state;
  if (ike === undefined) return;
  const step = stepIke(ike, input, turn.env);
  turn.set({ ike: step.state });
  for (const effect of step.effects) perform(turn, effect);
}

function perform(turn: Turn, effect: IkeEffect): void {
  switch (effect.kind) {
    case 'send':
      turn.effects.push({
        kind: 'command',
        command: { kind: 'sendIke', socket: effect.port, remote: effect.remote },
        attachment: effect.bytes,
      });
      return;
    case 'keepalive':
      turn.effects.push({ kind: 'command', command: { kind: 'sendKeepalive', remote: effect.remote } });
      return;
    case 'verifyPeer':
      if (turn.state.timeline.phase === 'ikePhase1') turn.enter('ikeAuthentication', 'keys agreed');
      turn.effects.push({ ...effect, kind: 'verifyGateway' });
      return;
    case 'initialContact':
      return; // the gateway began anew: its own machine forgot the rest
    case 'switchToNatt':
      if (turn.state.timeline.phase === 'ikePhase1') turn.enter('ikeAuthentication', 'keys agreed');
      return;
    case 'ikeEstablished':
      established(turn, effect);
      return;
    case 'childEstablished':
      installChild(turn, effect);
      return;
    case 'useChild':
      useChild(turn, effect.inboundSpi, effect.outboundSpi);
      return;
    case 'childClosed':
      removeChild(turn, effect.inboundSpi);
      return;
    case 'childFailed':
      childFailed(turn, effect);
      return;
    case 'closed':
      closed(turn, effect.cause);
      return;
    case 'roundTrip':
      turn.measured(effect.roundTripMs);
      return;
    case 'log':
      turn.log('ike', `${effect.event} ${JSON.stringify(effect.facts)}`);
      return;
  }
}

function established(turn: Turn, effect: Extract<IkeEffect, { kind: 'ikeEstablished' }>): void {
  const ikeSuite = ikeName(effect.suite);
  const gatewayIdentity = effect.certificate?.subject ?? describeIdentity(effect.remoteIdentity);
  turn.set({ facts: { ...turn.state.facts, ikeSuite, gatewayIdentity } });
  if (effect.rekey) {
    turn.note(`IKE phase 1 renewed (${ikeSuite})`);
    return;
  }
  if (turn.state.timeline.phase === 'ikePhase1') turn.enter('ikeAuthentication', 'keys agreed');
  turn.enter('ikePhase2', `${gatewayIdentity}, ${ikeSuite}`);
  turn.errands.push({ to: 'ike', input: { kind: 'establishChild' } });
}

type ChildEstablished = Extract<IkeEffect, { kind: 'childEstablished' }>;

function installChild(turn: Turn, effect: ChildEstablished): void {
  const { config, l2tpPort, children, pathSet } = turn.state;
  const path = config.attempt;
  if (!pathSet) {
    turn.effects.push({
      kind: 'datapath',
      request: {
        kind: 'setPath',
        path,
        socket: 'natt',
        remote: { address: config.gatewayAddress, port: gatewayPorts.natt },
        localL2tpPort: l2tpPort,
        remoteL2tpPort: 1701,
        dscp: config.profile.network.dscp,
      },
    });
  }
  turn.effects.push(installSa(path, effect));
  const child = { outboundSpi: effect.outboundSpi, suite: effect.suite };
  turn.set({ pathSet: true, children: new Map(children).set(effect.inboundSpi, child) });
  if (effect.replaces !== undefined) turn.note(`IPsec SA renewed (${espName(effect.suite)})`);
}

function useChild(turn: Turn, inboundSpi: number, outboundSpi: number): void {
  const child = turn.state.children.get(inboundSpi);
  if (child === undefined) return;
  const espSuite = espName(child.suite);
  turn.effects.push({ kind: 'datapath', request: { kind: 'useSa', path: turn.state.config.attempt, outboundSpi } });
  turn.set({ facts: { ...turn.state.facts, espSuite } });
  if (turn.state.timeline.phase === 'ikePhase2') {
    turn.enter('l2tpTunnel', espSuite);
    turn.set({ tunnelOpensAtMs: turn.env.nowMs + gatewaySettleMs });
  }
}

function removeChild(turn: Turn, inboundSpi: number): void {
  const { children, config, life } = turn.state;
  if (!children.has(inboundSpi)) return;
  const left = new Map(children);
  left.delete(inboundSpi);
  turn.set({ children: left });
  turn.effects.push({ kind: 'datapath', request: { kind: 'removeSa', path: config.attempt, inboundSpi } });
  // Some gateways delete an idle SA and expect a new one on demand; a tunnel that is really gone is found out by L2TP.
  if (left.size === 0 && life.at === 'up') turn.errands.push({ to: 'ike', input: { kind: 'establishChild' } });
}

function childFailed(turn: Turn, effect: Extract<IkeEffect, { kind: 'childFailed' }>): void {
  const { state } = turn;
  if (effect.replaces !== undefined) {
    turn.log('ike', `renewing an IPsec SA failed: ${effect.cause.code}`);
    return;
  }
  if (state.timeline.phase === 'online') {
    turn.fail(ikeFailure(effect.cause, turn.failureContext()));
    return;
  }
  const stages = proposalStages(state.config.profile.ipsec);
  const next = effect.cause.code === 'noProposalChosen' ? stages[state.stage + 1] : undefined;
  if (next === undefined) {
    turn.fail(ikeFailure(effect.cause, turn.failureContext()));
    return;
  }
  turn.note('The gateway accepts none of these phase 2 proposals; trying the next ones.');
  turn.set({ stage: state.stage + 1 });
  turn.errands.push({ to: 'ike', input: { kind: 'establishChild', espProposals: next.esp } });
}

function closed(turn: Turn, cause: Extract<IkeEffect, { kind: 'closed' }>['cause']): void {
  const { state } = turn;
  turn.forget('ike');
  if (state.life.at === 'closing') {
    if (state.life.step === 'ike') turn.errands.push({ to: 'closing' });
    return;
  }
  // Gateways refuse what they do not know with a notification, or by silence.
  const refused = (cause.code === 'noProposalChosen' && cause.phase === 1) || cause.code === 'noResponse';
  // Once there was a child, a refusal may be anybody's, and weaker proposals are no way on.
  const more = state.stage + 1 < proposalStages(state.config.profile.ipsec).length;
  if (
    refused &&
    more &&
    !state.pathSet &&
    !state.portUnreachable &&
    !(cause.code === 'noResponse' && state.heardGateway)
  ) {
    turn.note(
      cause.code === 'noResponse'
        ? 'No answer to these phase 1 proposals; trying the next ones.'
        : 'The gateway accepts none of these phase 1 proposals; trying the next ones.',
    );
    turn.set({ stage: state.stage + 1 });
    startIke(turn);
    return;
  }
  turn.fail(ikeFailure(cause, turn.failureContext()));
}
