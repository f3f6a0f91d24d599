import { failure } from '../../contracts/failure.ts';
import type { DatapathEvent, HelperReply } from '../../contracts/helper.ts';
import { ikeDeadlineMs } from '../../protocol/ike/index.ts';
import { tunnelDeadlineMs } from '../../protocol/l2tp/index.ts';
import type { Environment, Step } from '../../protocol/machine.ts';
import { linkDeadlineMs } from '../../protocol/ppp/index.ts';
import { randomU16 } from '../../protocol/wire/random.ts';
import { advanceClosing } from './closing.ts';
import { helperFailure } from './failures.ts';
import { feedIke, startIke } from './ike.ts';
import { feedTunnel, openTunnel } from './l2tp.ts';
import { nudgeDueMs, tickNudge } from './nudge.ts';
import { networkApplied, officeAdmitted } from './network.ts';
import { preparationPlan } from './plan.ts';
import { answered, feedLink } from './ppp.ts';
import { type Errand, Turn } from './turn.ts';
import {
  type BrokerTask,
  type ClientConfig,
  type ClientEffect,
  type ClientInput,
  type ClientState,
  gatewayPorts,
} from './types.ts';

/** One attempt of the client (LAC) to connect, and the connection that comes of it: IKE, L2TP and PPP composed. */
export function createClient(config: ClientConfig): ClientState {
  return {
    config,
    life: { at: 'idle' },
    startedMs: 0,
    timeline: { phase: 'reach', phaseStartedMs: 0 },
    stage: 0,
    sockets: {},
    heardGateway: false,
    sentNewPassword: false,
    questions: { count: 0, open: undefined },
    portUnreachable: false,
    l2tpPort: 1701,
    pathSet: false,
    children: new Map(),
    localTunnelId: 0,
    remoteTunnelId: 0,
    facts: { gatewayIdentity: '', ikeSuite: '', espSuite: '', authentication: 'none' },
  };
}

export function clientDeadlineMs(state: ClientState): number | undefined {
  const deadlines = [
    state.ike && ikeDeadlineMs(state.ike),
    state.tunnel && tunnelDeadlineMs(state.tunnel),
    state.link && linkDeadlineMs(state.link),
    state.life.at === 'connecting' ? state.tunnelOpensAtMs : undefined,
    nudgeDueMs(state),
    state.life.at === 'closing' ? state.life.untilMs : undefined,
  ].filter((deadline) => deadline !== undefined);
  return state.life.at === 'ended' || deadlines.length === 0 ? undefined : Math.min(...deadlines);
}

export function stepClient(state: ClientState, input: ClientInput, env: Environment): Step<ClientState, ClientEffect> {
  if (state.life.at === 'ended') return { state, effects: [] };
  const turn = new Turn(state, env);
  receive(turn, input);
  for (let errand = turn.errands.shift(); errand !== undefined; errand = turn.errands.shift()) run(turn, errand);
  return { state: turn.state, effects: turn.effects };
}

function run(turn: Turn, errand: Errand): void {
  switch (errand.to) {
    case 'ike':
      feedIke(turn, errand.input);
      return;
    case 'tunnel':
      feedTunnel(turn, errand.input);
      return;
    case 'link':
      feedLink(turn, errand.input);
      return;
    case 'closing':
      advanceClosing(turn);
      return;
  }
}

function receive(turn: Turn, input: ClientInput): void {
  switch (input.kind) {
    case 'start':
      start(turn);
      return;
    case 'brokerReply':
      brokerReplied(turn, input.task, input.reply);
      return;
    case 'datapathRefused':
      turn.fail(helperFailure(input.reply, turn.state.config.gatewayAddress));
      return;
    case 'datapathEvent':
      datapathReported(turn, input.event, input.attachment);
      return;
    case 'answer':
      answered(turn, input.question, input.text);
      return;
    case 'tls':
      turn.errands.push({ to: 'link', input });
      return;
    case 'gatewayVerdict': {
      const { exchange, verdict } = input;
      turn.errands.push({ to: 'ike', input: { kind: 'peerVerdict', exchange, verdict } });
      return;
    }
    case 'traffic':
      turn.errands.push(
        { to: 'ike', input: { kind: 'activity' } },
        { to: 'tunnel', input: { kind: 'activity' } },
        { to: 'link', input: { kind: 'activity' } },
      );
      return;
    case 'tick':
      tick(turn);
      return;
    case 'stop':
      turn.stop();
      return;
    case 'helperLost':
      turn.effects.push({ kind: 'ended', failure: failure('helper.lost', {}, turn.state.timeline.phase) });
      turn.set({ life: { at: 'ended' } });
      return;
  }
}

function tick(turn: Turn): void {
  const { life, tunnelOpensAtMs } = turn.state;
  if (life.at === 'connecting' && tunnelOpensAtMs !== undefined && turn.env.nowMs >= tunnelOpensAtMs) {
    turn.set({ tunnelOpensAtMs: undefined });
    openTunnel(turn);
  }
  tickNudge(turn);
  if (life.at === 'closing' && turn.env.nowMs >= life.untilMs) turn.errands.push({ to: 'closing' });
  turn.errands.push(
    { to: 'ike', input: { kind: 'tick' } },
    { to: 'tunnel', input: { kind: 'tick' } },
    { to: 'link', input: { kind: 'tick' } },
  );
}

const firstEphemeralPort = 49152;

/** Opens both sockets, each on an ephemeral port: the client needs none of 500, 4500 and 1701 (field note 2). */
function start(turn: Turn): void {
  const { config } = turn.state;
  const { nowMs, crypto } = turn.env;
  const ephemeralPort = firstEphemeralPort + (randomU16(crypto) & 0x3fff);
  turn.set({
    startedMs: nowMs,
    timeline: { phase: 'reach', phaseStartedMs: nowMs },
    l2tpPort: config.profile.l2tp.sourcePort === 1701 ? 1701 : ephemeralPort,
    life: { at: 'opening', awaiting: ['prepareNetwork', 'openIke', 'openNatt'] },
  });
  turn.event({ event: 'phase', phase: 'reach', state: 'started', atMs: 0 });
  const plan = preparationPlan(config.profile, config.gatewayAddress);
  turn.effects.push({ kind: 'broker', task: 'prepareNetwork', request: { kind: 'applyPlan', plan } });
  for (const [task, socket] of [
    ['openIke', 'ike'],
    ['openNatt', 'natt'],
  ] as const) {
    const remote = { address: config.gatewayAddress, port: gatewayPorts[socket] };
    turn.effects.push({ kind: 'broker', task, request: { kind: 'openSocket', socket, localPort: 0, remote } });
  }
}

function brokerReplied(turn: Turn, task: BrokerTask, reply: HelperReply): void {
  const { life, sockets, config } = turn.state;
  if (reply.kind === 'error') {
    turn.fail(helperFailure(reply, config.gatewayAddress));
    return;
  }
  if (task === 'openIke' && reply.local !== undefined) turn.set({ sockets: { ...sockets, ike: reply.local } });
  if (task === 'openNatt' && reply.local !== undefined) turn.set({ sockets: { ...sockets, natt: reply.local } });
  if (life.at === 'opening') {
    const awaiting = life.awaiting.filter((waitedFor) => waitedFor !== task);
    turn.set({ life: awaiting.length > 0 ? { at: 'opening', awaiting } : { at: 'connecting' } });
    if (awaiting.length === 0) startIke(turn);
  }
  if (task === 'applyNetwork' && life.at === 'applying') networkApplied(turn, reply.tunnelName ?? '');
  if (task === 'admitOffice' && life.at === 'admitting') officeAdmitted(turn, life.tunnelName);
}

function datapathReported(turn: Turn, event: DatapathEvent, attachment: Uint8Array): void {
  switch (event.kind) {
    case 'ike':
      if (!turn.state.heardGateway) {
        turn.set({ heardGateway: true });
        turn.enter('ikePhase1', turn.state.config.gatewayAddress);
      }
      turn.errands.push({
        to: 'ike',
        input: { kind: 'datagram', port: event.socket, remote: event.remote, bytes: attachment },
      });
      return;
    case 'l2tp':
      turn.errands.push(
        { to: 'ike', input: { kind: 'activity' } },
        { to: 'tunnel', input: { kind: 'message', bytes: attachment } },
      );
      return;
    case 'ppp':
      turn.errands.push(
        { to: 'ike', input: { kind: 'activity' } },
        { to: 'tunnel', input: { kind: 'activity' } },
        { to: 'link', input: { kind: 'frame', bytes: attachment } },
      );
      return;
    case 'saLifetime':
      turn.errands.push({ to: 'ike', input: { kind: 'childWorn', inboundSpi: event.inboundSpi } });
      return;
    case 'saUsed':
      turn.errands.push({ to: 'ike', input: { kind: 'childUsed', inboundSpi: event.inboundSpi } });
      return;
    case 'pathMoved':
      turn.errands.push({ to: 'ike', input: { kind: 'remoteMoved', remote: event.remote } });
      return;
    case 'socketError':
      turn.log('session', `the network says ${event.reason} of the ${event.socket} socket`);
      if (event.reason === 'portUnreachable') turn.set({ portUnreachable: true });
      return;
  }
}
