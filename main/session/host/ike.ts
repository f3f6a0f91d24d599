import {
  type Endpoint,
  type IkeConfig,
  type IkeEffect,
  type IkeInput,
  type IkeState,
  espName,
  ikeName,
  ikeRemote,
  joinIke,
  sameIdentity,
  sourceOf,
  stepIke,
} from '../../protocol/ike/index.ts';
import { describeIdentity } from '../identity.ts';
import { installSa } from '../security-association.ts';
import { keysFor } from './keys.ts';
import type { Peer } from './peer.ts';
import { finishSession } from './sessions.ts';
import { spisPerPeer } from './state.ts';
import { nameOf, type Turn } from './turn.ts';
import type { EndCode, HostConfig } from './types.ts';

const retransmission = { firstMs: 500, factor: 2, maxMs: 4000, giveUpMs: 15_000 };
/** RFC 3948 §4; sent only where the host itself is behind a NAT. */
const keepaliveMs = 20_000;
const l2tpPort = 1701;
/** A peer whose SAs carry no tunnel: it may be about to open one, or has just closed its last. */
const patienceMs = { first: 60_000, last: 10_000 };

/** For the judgement of a client's certificate: revocation servers may have to be asked. Longer than clients wait is for nothing. */
const verdictMs = 15_000;

/** The machine's configuration for who comes from this endpoint, to `at` of the host's addresses where that is known. */
export function ikeConfigFor(host: HostConfig, peer: number, remote: Endpoint, at: string | undefined): IkeConfig {
  const { local } = host;
  return {
    role: 'responder',
    preSharedKey: keysFor(host.preSharedKeys, remote.address),
    ...(host.certificates !== undefined && { certificates: { ...host.certificates, verdictMs } }),
    localIdentity: host.identity,
    local: { address: at ?? local.address, port: local.ikePort },
    remote,
    nattPorts: { local: local.nattPort, remote: remote.port },
    forceEncapsulation: true,
    ikeProposals: host.proposals.ike,
    espProposals: host.proposals.esp,
    lifetimes: host.lifetimes,
    dpd: host.deadPeerDetection,
    retransmission,
    keepaliveMs,
    l2tp: { localPort: l2tpPort, remotePort: 0 },
    spis: { first: peer * spisPerPeer, count: spisPerPeer },
    fragmentation: { maxBytes: host.fragmentBytes },
  };
}

export function feedIke(turn: Turn, input: IkeInput): void {
  take(turn, stepIke(turn.peer.ike, input, turn.env));
}

/** Phase 1 of a peer that is here already, begun by it under new cookies. */
export function join(turn: Turn, newcomer: IkeState): void {
  take(turn, joinIke(turn.peer.ike, newcomer, turn.env));
}

function take(turn: Turn, { state, effects }: { state: IkeState; effects: readonly IkeEffect[] }): void {
  turn.set({ ike: state });
  for (const effect of effects) {
    perform(turn, effect);
    if (turn.gone) return;
  }
  const remote = ikeRemote(state);
  if (turn.peer.path !== undefined && remote !== undefined) setPath(turn, remote, turn.peer.path.remoteL2tpPort);
}

function perform(turn: Turn, effect: IkeEffect): void {
  switch (effect.kind) {
    case 'send': {
      const command = { kind: 'sendIke', socket: effect.port, remote: effect.remote, ...localOf(turn.peer) } as const;
      turn.effects.push({ kind: 'command', command, attachment: effect.bytes });
      return;
    }
    case 'keepalive': {
      const command = { kind: 'sendKeepalive', remote: effect.remote, ...localOf(turn.peer) } as const;
      turn.effects.push({ kind: 'command', command });
      return;
    }
    case 'verifyPeer':
      turn.set({ presented: { certificates: effect.certificates, identity: effect.identity } });
      turn.effects.push({ ...effect, peer: turn.peer.id });
      return;
    case 'ikeEstablished':
      established(turn, effect);
      return;
    case 'initialContact':
      if (turn.peer.proven !== undefined) turn.set({ proven: { ...turn.peer.proven, initialContact: true } });
      return;
    case 'childEstablished':
      childEstablished(turn, effect);
      return;
    case 'useChild':
      useChild(turn, effect);
      return;
    case 'childClosed':
      childClosed(turn, effect.inboundSpi);
      return;
    case 'childFailed':
      turn.log('ike', `renewing an IPsec SA failed: ${effect.cause.code}`);
      return;
    case 'closed':
      closed(turn, effect.cause);
      return;
    case 'log':
      turn.log('ike', `${effect.event} ${JSON.stringify(effect.facts)}`);
      return;
    case 'switchToNatt':
    case 'roundTrip':
      return;
  }
}

function established(turn: Turn, effect: Extract<IkeEffect, { kind: 'ikeEstablished' }>): void {
  const { peer } = turn;
  if (effect.rekey || peer.proven !== undefined) return;
  turn.host.gate.prove(peer.admission);
  const keyName = effect.preSharedKeyName;
  const { remoteIdentity: identity, remoteVendors: vendors, initialContact } = effect;
  const byCertificate = effect.certificate === undefined ? {} : { certificate: effect.certificate };
  const ikeSuite = ikeName(effect.suite);
  const known = initialContact ? undefined : knownAs(turn, effect);
  if (known !== undefined) {
    turn.elsewhere.push({ peer: known.id, errand: { to: 'join', newcomer: peer.ike } });
    turn.gone = true;
    return;
  }
  const key = keyName === undefined ? {} : { keyName };
  turn.set({
    proven: { identity, ...key, ...byCertificate, vendors, ikeSuite, initialContact },
    idleUntilMs: turn.env.nowMs + patienceMs.first,
  });
  turn.fact({
    fact: 'peerUp',
    peer: peer.id,
    remote: ikeRemote(peer.ike) ?? peer.cameFrom,
    identity: nameOf({ identity, ...byCertificate }),
    ...byCertificate,
    ...(keyName !== undefined && { preSharedKey: keyName }),
    ikeSuite,
    vendors,
  });
}

/**
 * A peer that renews its phase 1 comes from the endpoint that its SAs live at, by the same name and key or certificate, and remembers them. One
 * that began anew says so (INITIAL-CONTACT) or has lost its mapping at the NAT; behind one NAT no two have the same endpoint.
 */
function knownAs(turn: Turn, effect: Extract<IkeEffect, { kind: 'ikeEstablished' }>): Peer | undefined {
  const remote = ikeRemote(turn.peer.ike);
  if (remote === undefined) return undefined;
  return turn.host
    .at(remote)
    .find(
      ({ id, proven }) =>
        id !== turn.peer.id &&
        proven !== undefined &&
        proven.keyName === effect.preSharedKeyName &&
        proven.certificate?.fingerprint === effect.certificate?.fingerprint &&
        sameIdentity(proven.identity, effect.remoteIdentity),
    );
}

function childEstablished(turn: Turn, effect: Extract<IkeEffect, { kind: 'childEstablished' }>): void {
  const remote = ikeRemote(turn.peer.ike);
  if (remote === undefined) return;
  setPath(turn, remote, effect.selectors.remotePort);
  turn.effects.push(installSa(turn.peer.id, effect));
  const innerAddress = effect.natOriginalAddresses.initiator;
  turn.set({
    children: new Map(turn.peer.children).set(effect.inboundSpi, effect.suite),
    ...(innerAddress !== undefined && { innerAddress }),
  });
}

function localOf({ local }: Peer): { readonly local?: string } {
  return local === undefined ? {} : { local };
}

/** The datapath learns where the peer is and by which port it speaks L2TP (0: whichever it uses first). */
function setPath(turn: Turn, remote: Endpoint, remoteL2tpPort: number): void {
  const { id, path } = turn.peer;
  const isKnown = path?.remote.address === remote.address && path.remote.port === remote.port;
  if (isKnown && path.remoteL2tpPort === remoteL2tpPort) return;
  turn.set({ path: { remote, remoteL2tpPort } });
  turn.effects.push({
    kind: 'datapath',
    request: {
      kind: 'setPath',
      path: id,
      socket: 'natt',
      remote,
      localL2tpPort: l2tpPort,
      remoteL2tpPort,
      ...localOf(turn.peer),
    },
  });
}

/** The peer's NAT moved, and the datapath follows it already. */
export function pathMoved(turn: Turn, remote: Endpoint): void {
  if (turn.peer.path !== undefined) turn.set({ path: { ...turn.peer.path, remote } });
  turn.errands.push({ to: 'ike', input: { kind: 'remoteMoved', remote } });
}

function useChild(turn: Turn, { inboundSpi, outboundSpi }: Extract<IkeEffect, { kind: 'useChild' }>): void {
  const suite = turn.peer.children.get(inboundSpi);
  if (suite === undefined) return;
  turn.set({ espSuite: espName(suite) });
  turn.effects.push({ kind: 'datapath', request: { kind: 'useSa', path: turn.peer.id, outboundSpi } });
}

function childClosed(turn: Turn, inboundSpi: number): void {
  const { children, id } = turn.peer;
  if (!children.has(inboundSpi)) return;
  const left = new Map(children);
  left.delete(inboundSpi);
  turn.set({ children: left });
  turn.effects.push({ kind: 'datapath', request: { kind: 'removeSa', path: id, inboundSpi } });
}

type IkeClosed = Extract<IkeEffect, { kind: 'closed' }>['cause'];

const endCodes: Partial<Record<IkeClosed['code'], EndCode>> = {
  peerDeleted: 'userRequest',
  deadPeer: 'peerLost',
  lifetimeExpired: 'peerLost',
  closedByUs: 'administrator',
};

/** Everything of the peer's goes with it. */
function closed(turn: Turn, cause: IkeClosed): void {
  const { id, sessions, path, proven, cameFrom } = turn.peer;
  for (const session of sessions.values()) {
    const end = { code: endCodes[cause.code] ?? 'protocolError', detail: `IKE ${cause.code}` } as const;
    finishSession(turn, session.id, end);
  }
  if (path !== undefined) turn.effects.push({ kind: 'datapath', request: { kind: 'removePath', path: id } });
  if (proven !== undefined)
    turn.fact({ fact: 'peerDown', peer: id, remote: path?.remote ?? cameFrom, code: cause.code });
  else if (cause.code !== 'closedByUs' && turn.host.refusals.take(sourceOf(cameFrom.address), turn.env.nowMs)) {
    const rejection = cause.code === 'certificateRejected' ? { rejection: cause.reason } : {};
    turn.fact({ fact: 'peerRefused', remote: cameFrom, code: cause.code, ...rejection, detail: detailOf(cause) });
  }
  turn.gone = true;
}

export function detailOf(cause: IkeClosed): string {
  if (cause.code === 'noProposalChosen') return cause.offered.join(', ');
  if (cause.code === 'identityMismatch') return describeIdentity(cause.claimed);
  if (cause.code === 'authenticationFailed') return cause.evidence;
  if (cause.code === 'certificateRejected')
    return [cause.reason, cause.subject, cause.detail].filter(Boolean).join(' ');
  return cause.code === 'phase1Timeout' ? cause.awaiting : '';
}

/** No tunnel is open any more; `finished`: nor is anybody to be answered about one. */
export function tunnelsGone(turn: Turn, finished: boolean): void {
  turn.set({ idleUntilMs: turn.env.nowMs + (finished ? 0 : patienceMs.last) });
}
