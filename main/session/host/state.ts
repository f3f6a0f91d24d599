import {
  Allowance,
  authenticationsOf,
  type Endpoint,
  Gate,
  type GateConfig,
  ikeNames,
  ikeRemote,
  sourceOf,
} from '../../protocol/ike/index.ts';
import { Deadlines } from './deadlines.ts';
import { HalfOpen } from './half-open.ts';
import { type Peer, peerDeadlineMs } from './peer.ts';
import type { HostConfig } from './types.ts';

/**
 * Everything that the host remembers. Its tables change in place, so that a step costs what its one peer costs and not what
 * all do: whoever holds the state gives it to `stepHost` and uses what comes back, never the state from before. Given the
 * same inputs and the same environment, the same effects follow.
 */
export class HostState {
  config: HostConfig;
  readonly gate: Gate;
  readonly deadlines = new Deadlines();
  readonly halfOpen: HalfOpen;
  /** How many refusals of one source are told. */
  readonly refusals = new Allowance({ burst: 1, perSecond: 1 }, rememberedSources);
  readonly #peers = new Map<number, Peer>();
  /** By the cookies of its SAs and main modes. */
  readonly #byName = new Map<string, number>();
  /** By where it is heard from: several where a NAT gave a mapping anew. */
  readonly #byEndpoint = new Map<string, Set<number>>();
  readonly #peerOfSession = new Map<number, number>();
  /** Peers that authenticated themselves, but none of their users did: the longest so first. */
  readonly #withoutUser = new Set<number>();
  /** By the verbatim name of the user. */
  readonly #sessionsOfUser = new Map<string, Set<number>>();
  #lastPeer = 0;
  #lastSession = 0;

  constructor(config: HostConfig) {
    this.config = config;
    this.gate = new Gate(gateConfig(config));
    this.halfOpen = new HalfOpen();
  }

  configure(config: HostConfig): void {
    this.config = config;
    this.gate.configure(gateConfig(config));
  }

  // ── Peers ────────────────────────────────────────────────────────────────────────────────────────────────────────

  get peers(): ReadonlyMap<number, Peer> {
    return this.#peers;
  }

  get sessionCount(): number {
    return this.#peerOfSession.size;
  }

  /** Entries of all its tables together: nothing is left of peers that are gone. */
  get size(): number {
    const tables = [this.#peers, this.#byName, this.#byEndpoint, this.#peerOfSession, this.#sessionsOfUser];
    const others = this.#withoutUser.size + this.deadlines.size + this.halfOpen.size;
    return tables.reduce((sum, { size }) => sum + size, others);
  }

  /** Its SPIs lie in a range of their own, so that no two peers draw the same: 12 bits below the peer's 20. */
  freshPeerId(): number {
    do this.#lastPeer = (this.#lastPeer % maxPeerId) + 1;
    while (this.#peers.has(this.#lastPeer));
    return this.#lastPeer;
  }

  freshSessionId(): number {
    do this.#lastSession = (this.#lastSession % 0xffff_ffff) + 1;
    while (this.#peerOfSession.has(this.#lastSession));
    return this.#lastSession;
  }

  named(names: readonly string[]): Peer | undefined {
    for (const name of names) {
      const id = this.#byName.get(name);
      if (id !== undefined) return this.#peers.get(id);
    }
    return undefined;
  }

  at(endpoint: Endpoint): readonly Peer[] {
    const ids = this.#byEndpoint.get(endpointKey(endpoint)) ?? [];
    return [...ids].flatMap((id) => this.#peers.get(id) ?? []);
  }

  put(peer: Peer): void {
    const before = this.#peers.get(peer.id);
    this.#peers.set(peer.id, peer);
    this.#index(before, peer);
    this.deadlines.set(peer.id, peerDeadlineMs(peer));
    if (peer.proven === undefined) this.halfOpen.add(peer.id, sourceOf(peer.cameFrom.address));
    else this.halfOpen.remove(peer.id);
    if (peer.proven !== undefined && !hasUser(peer)) this.#withoutUser.add(peer.id);
    else this.#withoutUser.delete(peer.id);
  }

  remove(peer: Peer): void {
    this.#index(this.#peers.get(peer.id), undefined);
    this.#peers.delete(peer.id);
    this.deadlines.set(peer.id, undefined);
    this.halfOpen.remove(peer.id);
    this.#withoutUser.delete(peer.id);
  }

  oldestWithoutUser(): number | undefined {
    for (const id of this.#withoutUser) return id;
    return undefined;
  }

  #index(before: Peer | undefined, after: Peer | undefined): void {
    if (before?.ike === after?.ike) return;
    const names = after === undefined ? [] : ikeNames(after.ike);
    for (const name of before === undefined ? [] : ikeNames(before.ike)) {
      if (!names.includes(name) && this.#byName.get(name) === before?.id) this.#byName.delete(name);
    }
    if (after !== undefined) for (const name of names) this.#byName.set(name, after.id);
    const [was, is] = [endpointOf(before), endpointOf(after)];
    if (was === is) return;
    if (was !== undefined && before !== undefined) removeFrom(this.#byEndpoint, was, before.id);
    if (is !== undefined && after !== undefined) addTo(this.#byEndpoint, is, after.id);
  }

  // ── Sessions ─────────────────────────────────────────────────────────────────────────────────────────────────────

  peerOfSession(session: number): Peer | undefined {
    return this.#peers.get(this.#peerOfSession.get(session) ?? 0);
  }

  sessionsOfUser(user: string): readonly number[] {
    return [...(this.#sessionsOfUser.get(user) ?? [])];
  }

  addSession(session: number, peer: number): void {
    this.#peerOfSession.set(session, peer);
  }

  addUser(user: string, session: number): void {
    addTo(this.#sessionsOfUser, user, session);
  }

  removeSession(session: number, user: string | undefined): void {
    this.#peerOfSession.delete(session);
    if (user !== undefined) removeFrom(this.#sessionsOfUser, user, session);
  }
}

const rememberedSources = 8192;
const maxPeerId = 0xf_ffff;
export const spisPerPeer = 0x1000;

function gateConfig(config: HostConfig): GateConfig {
  const { proposals, preSharedKeys: preSharedKey, certificates, lifetimes, limits } = config;
  return {
    ikeProposals: proposals.ike,
    authentications: authenticationsOf({ preSharedKey, ...(certificates !== undefined && { certificates }) }),
    lifetimes,
    forceEncapsulation: true,
    allowances: limits.allowances,
  };
}

function hasUser({ sessions }: Peer): boolean {
  for (const { user } of sessions.values()) if (user !== undefined) return true;
  return false;
}

function endpointKey({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}

function endpointOf(peer: Peer | undefined): string | undefined {
  const remote = peer && ikeRemote(peer.ike);
  return remote && endpointKey(remote);
}

function addTo<Key>(table: Map<Key, Set<number>>, key: Key, value: number): void {
  const values = table.get(key) ?? new Set();
  table.set(key, values.add(value));
}

function removeFrom<Key>(table: Map<Key, Set<number>>, key: Key, value: number): void {
  const values = table.get(key);
  values?.delete(value);
  if (values?.size === 0) table.delete(key);
}
