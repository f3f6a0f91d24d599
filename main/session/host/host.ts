import type { DatapathEvent } from '../../contracts/helper.ts';
import { admitIke, namesOfDatagram, sourceOf } from '../../protocol/ike/index.ts';
import { sameBytes } from '../../protocol/wire/bytes.ts';
import type { Environment, Step } from '../../protocol/machine.ts';
import { answerRequest } from './configuration/index.ts';
import { detailOf, feedIke, ikeConfigFor, join, pathMoved } from './ike.ts';
import { judgedAgain, type Peer } from './peer.ts';
import {
  address,
  changePolicy,
  count,
  endSession,
  feedLink,
  forgetSession,
  tickSessions,
  verdict,
} from './sessions.ts';
import { HostState } from './state.ts';
import { feedTunnel, receiveControl, tickTunnels } from './tunnels.ts';
import { type Errand, Turn } from './turn.ts';
import type { HostConfig, HostEffect, HostInput, HostKey, SessionEnd } from './types.ts';

/** The host (LNS) for any number of peers, each of them IKE, L2TP and PPP composed. See `HostState` for who owns the state. */
export function createHost(config: HostConfig): HostState {
  return new HostState(config);
}

export function hostDeadlineMs(state: HostState): number | undefined {
  return state.deadlines.nextMs();
}

export function stepHost(state: HostState, input: HostInput, env: Environment): Step<HostState, HostEffect> {
  const step: HostStep = { host: state, env, effects: [] };
  receive(step, input);
  return { state, effects: step.effects };
}

interface HostStep {
  readonly host: HostState;
  readonly env: Environment;
  readonly effects: HostEffect[];
}

function receive(step: HostStep, input: HostInput): void {
  const { host } = step;
  switch (input.kind) {
    case 'datapathEvent':
      datapathReported(step, input.event, input.attachment);
      return;
    case 'datapathRefused': {
      const end = { code: 'datapathRefused', detail: input.reason } as const;
      const peer = input.session === undefined ? host.peers.get(input.path ?? 0) : host.peerOfSession(input.session);
      if (peer === undefined) return;
      if (input.session === undefined) closePeer(step, peer, end);
      else endSessions(step, [input.session], end);
      return;
    }
    case 'verdict':
      ofSession(step, input.session, (turn) => {
        verdict(turn, input);
      });
      return;
    case 'tls':
      ofSession(step, input.session, ({ errands }) =>
        errands.push({ to: 'link', session: input.session, input: { kind: 'tls', output: input.output } }),
      );
      return;
    case 'peerVerdict':
      peerJudged(step, input);
      return;
    case 'judgeAgain':
      for (const peer of [...host.peers.values()]) judgeAgain(step, peer);
      return;
    case 'changePolicy':
      ofSession(step, input.session, (turn) => {
        changePolicy(turn, input);
      });
      return;
    case 'address':
      if (host.peerOfSession(input.session) === undefined && input.address !== undefined) {
        step.effects.push({ kind: 'addressUnused', session: input.session });
      }
      ofSession(step, input.session, (turn) => {
        address(turn, input);
      });
      return;
    case 'counters':
      for (const [session, counters] of input.sessions) {
        ofSession(step, session, (turn) => {
          count(turn, session, counters);
        });
      }
      return;
    case 'disconnect':
      disconnect(step, input);
      return;
    case 'configure':
      configure(step, input.config);
      return;
    case 'tick':
      tick(step);
      return;
  }
}

// ── One peer's step ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Lets one peer take its step, and then those that it concerns. */
function run(step: HostStep, peer: Peer, begin: (turn: Turn) => void): void {
  const { host, env, effects } = step;
  const turn = new Turn(peer, host, env);
  begin(turn);
  for (let errand = turn.errands.shift(); errand !== undefined && !turn.gone; errand = turn.errands.shift()) {
    perform(turn, errand);
  }
  if (turn.gone) host.remove(turn.peer);
  else host.put(turn.peer);
  for (const { peer: id, errand } of turn.elsewhere) {
    const other = host.peers.get(id);
    if (other !== undefined) run(step, other, ({ errands }) => errands.push(errand));
  }
  effects.push(...turn.effects);
}

function perform(turn: Turn, errand: Errand): void {
  switch (errand.to) {
    case 'ike':
      feedIke(turn, errand.input);
      return;
    case 'join':
      join(turn, errand.newcomer);
      return;
    case 'tunnel':
      feedTunnel(turn, errand.tunnel, errand.input);
      return;
    case 'link':
      feedLink(turn, errand.session, errand.input);
      return;
    case 'end':
      endSession(turn, errand.session, errand.end);
      return;
    case 'forget':
      forgetSession(turn, errand.session);
      return;
  }
}

function ofSession(step: HostStep, session: number, begin: (turn: Turn) => void): void {
  const peer = step.host.peerOfSession(session);
  if (peer !== undefined) run(step, peer, begin);
}

function ofPath(step: HostStep, path: number, begin: (turn: Turn) => void): void {
  const peer = step.host.peers.get(path);
  if (peer !== undefined) run(step, peer, begin);
}

function tick(step: HostStep): void {
  const { host, env } = step;
  // Each due peer once: a deadline that stays due waits for the next tick.
  const due = new Set<number>();
  for (let id = host.deadlines.due(env.nowMs); id !== undefined && !due.has(id); id = host.deadlines.due(env.nowMs)) {
    due.add(id);
    ofPath(step, id, tickPeer);
  }
}

function tickPeer(turn: Turn): void {
  const { idleUntilMs } = turn.peer;
  if (idleUntilMs !== undefined && turn.env.nowMs >= idleUntilMs) {
    turn.errands.push({ to: 'ike', input: { kind: 'close' } });
    return;
  }
  turn.errands.push({ to: 'ike', input: { kind: 'tick' } });
  tickTunnels(turn);
  tickSessions(turn);
}

// ── What the datapath reports ────────────────────────────────────────────────────────────────────────────────────────

function datapathReported(step: HostStep, event: DatapathEvent, attachment: Uint8Array): void {
  switch (event.kind) {
    case 'ike':
      receiveIke(step, event, attachment);
      return;
    case 'l2tp':
      ofPath(step, event.path, (turn) => {
        turn.errands.push({ to: 'ike', input: { kind: 'activity' } });
        receiveControl(turn, attachment);
      });
      return;
    case 'ppp':
      ofSession(step, event.session, (turn) => {
        const tunnel = turn.peer.sessions.get(event.session)?.tunnel ?? 0;
        turn.errands.push(
          { to: 'ike', input: { kind: 'activity' } },
          { to: 'tunnel', tunnel, input: { kind: 'activity' } },
          { to: 'link', session: event.session, input: { kind: 'frame', bytes: attachment } },
        );
        answerRequest(turn, event.session, attachment);
      });
      return;
    case 'saUsed':
      ofPath(step, event.path, ({ errands }) =>
        errands.push({ to: 'ike', input: { kind: 'childUsed', inboundSpi: event.inboundSpi } }),
      );
      return;
    case 'saLifetime':
      // Used up, it carries nothing until it is replaced; a peer without any phase 2 would end phase 1 too.
      ofPath(step, event.path, ({ errands }) =>
        errands.push({ to: 'ike', input: { kind: 'childWorn', inboundSpi: event.inboundSpi } }),
      );
      return;
    case 'pathMoved':
      ofPath(step, event.path, (turn) => {
        pathMoved(turn, event.remote);
      });
      return;
    case 'socketError': // of sockets that are not connected to anybody: whose error it is, nobody can tell
      return;
  }
}

type IkeEvent = Extract<DatapathEvent, { kind: 'ike' }>;

/** To the peer whose SA it names; what names none is the gate's. */
function receiveIke(step: HostStep, event: IkeEvent, bytes: Uint8Array): void {
  const { host, env, effects } = step;
  const { socket: port, remote, local } = event;
  const names = namesOfDatagram(bytes);
  const datagram: Errand = { to: 'ike', input: { kind: 'datagram', port, remote, bytes } };
  const known = names && host.named(names);
  if (known !== undefined) {
    run(step, known, (turn) => {
      if (local !== undefined) turn.set({ local });
      turn.errands.push(datagram);
    });
    return;
  }
  const verdict = host.gate.receive(bytes, remote, env);
  switch (verdict.kind) {
    case 'drop':
      return;
    case 'refuse':
      if (verdict.cause.code !== 'peerNotify') {
        const { cause } = verdict;
        const fact = { fact: 'peerRefused', remote, code: cause.code, detail: detailOf(cause) } as const;
        effects.push({ kind: 'fact', fact });
      }
      effects.push(answerIke(event, verdict.bytes));
      return;
    case 'answer':
      effects.push(answerIke(event, verdict.bytes));
      return;
    case 'admit': {
      if (!makeRoom(step)) return;
      evict(step, sourceOf(remote.address));
      const id = host.freshPeerId();
      const config = ikeConfigFor(host.config, id, remote, local);
      const peer: Peer = {
        id,
        config: host.config,
        admission: verdict.admission,
        cameFrom: remote,
        ...(local !== undefined && { local }),
        ike: admitIke(config, verdict.admission, { port, remote }, env),
        children: new Map(),
        espSuite: '',
        tunnels: new Map(),
        sessions: new Map(),
        idleUntilMs: undefined,
      };
      run(step, peer, ({ errands }) => errands.push(datagram));
      return;
    }
  }
}

function answerIke(event: IkeEvent, attachment: Uint8Array): HostEffect {
  return { kind: 'command', command: { ...event, kind: 'sendIke' }, attachment };
}

/** Who knows the pre-shared key but nobody's password keeps nobody out: the oldest peer without a user gives way. */
function makeRoom(step: HostStep): boolean {
  const { host } = step;
  const isFull = (): boolean => host.peers.size - host.halfOpen.size >= host.config.limits.peers;
  if (isFull()) dismiss(step, host.oldestWithoutUser());
  return !isFull();
}

function evict(step: HostStep, source: string): void {
  const { host } = step;
  dismiss(step, host.halfOpen.inTheWayOf(source, host.config.limits));
}

function dismiss(step: HostStep, id: number | undefined): void {
  const peer = step.host.peers.get(id ?? 0);
  if (peer !== undefined) run(step, peer, ({ errands }) => errands.push({ to: 'ike', input: { kind: 'close' } }));
}

// ── Ends that are asked for ──────────────────────────────────────────────────────────────────────────────────────────

function disconnect(step: HostStep, { who, cause }: Extract<HostInput, { kind: 'disconnect' }>): void {
  const { host } = step;
  const end = { code: cause, detail: 'asked for' } as const;
  if (who === 'everybody') for (const peer of [...host.peers.values()]) closePeer(step, peer, end);
  else endSessions(step, 'session' in who ? [who.session] : host.sessionsOfUser(who.user), end);
}

function endSessions(step: HostStep, sessions: readonly number[], end: SessionEnd): void {
  for (const session of sessions) {
    ofSession(step, session, ({ errands }) => errands.push({ to: 'end', session, end }));
  }
}

/** By its sessions where it has any, at once where not. */
function closePeer(step: HostStep, peer: Peer, end: SessionEnd): void {
  run(step, peer, ({ errands }) => {
    for (const session of peer.sessions.keys()) errands.push({ to: 'end', session, end });
    if (peer.sessions.size === 0) errands.push({ to: 'ike', input: { kind: 'close' } });
  });
}

/** Peers whose key is no longer what it was go; everybody else stays as they are until they come again. */
function configure(step: HostStep, config: HostConfig): void {
  const { host } = step;
  host.configure(config);
  for (const peer of [...host.peers.values()]) {
    const standing = standingOf(peer, config);
    if (standing === 'doubtful') judgeAgain(step, peer);
    if (standing === 'gone') closePeer(step, peer, { code: 'reconfigured', detail: 'what it came in by is gone' });
  }
}

/** Who is not here yet has proved nothing. */
function standingOf({ proven, config: before }: Peer, now: HostConfig): 'holds' | 'doubtful' | 'gone' {
  if (proven?.certificate !== undefined) {
    if (now.certificates === undefined) return 'gone';
    return before.certificates?.judgedBy === now.certificates.judgedBy ? 'holds' : 'doubtful';
  }
  const [was, is] = [keyNamed(before, proven?.keyName), keyNamed(now, proven?.keyName)];
  return was !== undefined && is !== undefined && sameBytes(was.key, is.key) ? 'holds' : 'gone';
}

function judgeAgain({ effects }: HostStep, { id, proven, presented }: Peer): void {
  if (proven?.certificate === undefined || presented === undefined) return;
  effects.push({ kind: 'verifyPeer', peer: id, exchange: judgedAgain, ...presented });
}

function peerJudged(step: HostStep, { peer, exchange, verdict }: Extract<HostInput, { kind: 'peerVerdict' }>): void {
  const known = step.host.peers.get(peer);
  if (known === undefined) return;
  if (exchange !== judgedAgain) {
    run(step, known, ({ errands }) => errands.push({ to: 'ike', input: { kind: 'peerVerdict', exchange, verdict } }));
    return;
  }
  if (!verdict.ok) closePeer(step, known, { code: 'certificateEnded', detail: verdict.reason });
}

function keyNamed({ preSharedKeys }: HostConfig, name: string | undefined): HostKey | undefined {
  return preSharedKeys.find((key) => key.name === name);
}
