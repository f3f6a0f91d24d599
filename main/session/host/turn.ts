import type { IkeInput, IkeState } from '../../protocol/ike/index.ts';
import type { TunnelInput } from '../../protocol/l2tp/index.ts';
import type { Environment } from '../../protocol/machine.ts';
import type { LinkInput } from '../../protocol/ppp/index.ts';
import { describeIdentity } from '../identity.ts';
import { clientKind } from './client-kind.ts';
import type { Peer, Proven, Session, Tunnel } from './peer.ts';
import type { HostState } from './state.ts';
import type { HostEffect, HostFact, SessionEnd, SessionFacts } from './types.ts';

/** What one machine of a peer wants of another; done in order, after its own effects. */
export type Errand =
  | { readonly to: 'ike'; readonly input: IkeInput }
  /** Another machine turned out to be the same peer's. */
  | { readonly to: 'join'; readonly newcomer: IkeState }
  | { readonly to: 'tunnel'; readonly tunnel: number; readonly input: TunnelInput }
  | { readonly to: 'link'; readonly session: number; readonly input: LinkInput }
  | { readonly to: 'end'; readonly session: number; readonly end: SessionEnd }
  | { readonly to: 'forget'; readonly session: number };

/** What a peer is called by: of a certificate, who it is of, whatever else the peer says. */
export function nameOf({ certificate, identity }: Pick<Proven, 'certificate' | 'identity'>): string {
  return certificate?.subject ?? describeIdentity(identity);
}

/** One step of one peer in the making. */
export class Turn {
  peer: Peer;
  readonly host: HostState;
  readonly env: Environment;
  readonly effects: HostEffect[] = [];
  readonly errands: Errand[] = [];
  /** What other peers do on account of this one's step; their effects come first, so that what they held is free. */
  readonly elsewhere: { readonly peer: number; readonly errand: Errand }[] = [];
  gone = false;

  constructor(peer: Peer, host: HostState, env: Environment) {
    this.peer = peer;
    this.host = host;
    this.env = env;
  }

  set(change: Partial<Peer>): void {
    this.peer = { ...this.peer, ...change };
  }

  putTunnel(id: number, change: Partial<Tunnel>): void {
    const tunnel = this.peer.tunnels.get(id);
    if (tunnel !== undefined) this.set({ tunnels: new Map(this.peer.tunnels).set(id, { ...tunnel, ...change }) });
  }

  putSession(id: number, change: Partial<Session>): void {
    const session = this.peer.sessions.get(id);
    if (session !== undefined) this.set({ sessions: new Map(this.peer.sessions).set(id, { ...session, ...change }) });
  }

  fact(fact: HostFact): void {
    this.effects.push({ kind: 'fact', fact });
  }

  log(source: Extract<HostEffect, { kind: 'log' }>['source'], text: string): void {
    this.effects.push({ kind: 'log', source, peer: this.peer.id, text });
  }

  about(session: Session): SessionFacts {
    const { id, proven, path, cameFrom, espSuite, innerAddress, tunnels } = this.peer;
    const tunnel = tunnels.get(session.tunnel);
    return {
      session: session.id,
      peer: id,
      remote: path?.remote ?? cameFrom,
      provenAddress: cameFrom.address,
      ...(innerAddress !== undefined && { innerAddress }),
      identity: proven === undefined ? '' : nameOf(proven),
      ...(proven?.certificate !== undefined && { certificate: proven.certificate }),
      ...(proven?.keyName !== undefined && { preSharedKey: proven.keyName }),
      ikeSuite: proven?.ikeSuite ?? '',
      espSuite,
      hostName: tunnel?.hostName ?? '',
      client: clientKind({
        vendors: proven?.vendors ?? [],
        ...(tunnel?.vendor !== undefined && { l2tpVendor: tunnel.vendor }),
        idents: session.idents,
      }),
      startedMs: session.startedMs,
    };
  }
}
